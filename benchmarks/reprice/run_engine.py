"""Runs one tree's engine with the venue's rate limits lifted, which end at 140 orders a second."""

import sys

import attrs

from engine.__main__ import main
from trading.venues.valr import limits

limits.LIMITS = tuple(attrs.evolve(limit, maximum=10**9) for limit in limits.LIMITS)
sys.exit(main())
