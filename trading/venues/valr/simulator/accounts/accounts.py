"""An account of the venue: balances, with a key and its permissions."""

from trading.core.identifiers import Currency
from trading.simulator.clearing.balances import Balances
from trading.venues.valr.permissions import Permission
from trading.venues.valr.simulator.core.settings import DemoAccount
from trading.venues.valr.simulator.requests.fields import Refused


class Account(Balances):
    """
    The account of one key.

    Attributes:
        changed_at: By currency, when its balance last changed: seconds since the exchange began.
    """

    def __init__(self, demo: DemoAccount) -> None:
        super().__init__(demo.balances)
        self.api_key = demo.api_key
        self.api_secret = demo.api_secret
        self.permissions = demo.permissions
        self.addresses = demo.addresses
        self.changed_at: dict[Currency, float] = {}

    def require(self, permission: Permission) -> None:
        """
        Require a permission of the key.

        Raises:
            Refused: The key lacks it.
        """
        if permission not in self.permissions:
            raise Refused(-11253, f"API key does not have the permission {permission.value}", 403)
