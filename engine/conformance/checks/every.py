"""All checks, in the order in which they are made."""

from collections.abc import Sequence

from engine.conformance.checks.account import ACCOUNT_CHECKS
from engine.conformance.checks.feeds import FEEDS
from engine.conformance.checks.fills import FILLS
from engine.conformance.checks.orders.batches import BATCHES
from engine.conformance.checks.orders.changing import CHANGING
from engine.conformance.checks.orders.endings import ENDINGS
from engine.conformance.checks.orders.names import NAMES
from engine.conformance.checks.orders.placing import PLACING
from engine.conformance.checks.orders.refusals import REFUSALS
from engine.conformance.checks.public_rest import PUBLIC_REST
from engine.conformance.checks.trade_socket import TRADE_SOCKET
from engine.conformance.probe import Probe

_ORDERS = (*PLACING, *CHANGING, *NAMES, *REFUSALS, *BATCHES, *ENDINGS)
PROBES: Sequence[Probe] = (*PUBLIC_REST, *TRADE_SOCKET, *ACCOUNT_CHECKS, *FEEDS, *_ORDERS, *FILLS)
