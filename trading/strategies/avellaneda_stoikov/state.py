"""The state of Avellaneda-Stoikov between two looks."""

from decimal import Decimal

import attrs

from trading.decisions.decision import Gate
from trading.strategies import pure_market_making
from trading.strategies.avellaneda_stoikov.formula import Optimum
from trading.strategies.avellaneda_stoikov.intensity import Curve, Intensity
from trading.strategies.avellaneda_stoikov.parameters import Parameters
from trading.strategies.avellaneda_stoikov.volatility import Volatility
from trading.strategies.interface import View
from trading.strategies.pure_market_making.gates import gate


@attrs.frozen(kw_only=True)
class Estimates:
    """
    The estimates of the market: volatility and intensity.

    Args:
        volatility: Of the mid price.
        intensity: Of anyone's trades.
        curve: Fitted through them; ``None`` while that cannot be done.
        mid: At the last look; ``None`` before the first.
        trades_seen: Up to which of the view's trades they are in ``intensity``.
    """

    volatility: Volatility
    intensity: Intensity
    curve: Curve | None = None
    mid: Decimal | None = None
    trades_seen: int = 0

    @classmethod
    def none(cls, parameters: Parameters, now: float) -> "Estimates":
        return cls(
            volatility=Volatility(
                size=parameters.volatility_buffer_size,
                interval=parameters.volatility_sample_interval,
            ),
            intensity=Intensity(size=parameters.trading_intensity_buffer_size, since=now),
        )

    def measured_by(self, parameters: Parameters, now: float) -> "Estimates":
        """The same for other parameters; what would be measured differently begins anew."""
        fresh = Estimates.none(parameters, now)
        ours, theirs = self.volatility, fresh.volatility
        if (ours.size, ours.interval) != (theirs.size, theirs.interval):
            ours = theirs
        if self.intensity.size != fresh.intensity.size:
            return attrs.evolve(self, volatility=ours, intensity=fresh.intensity, curve=None)
        return attrs.evolve(self, volatility=ours)

    def after(self, view: View, parameters: Parameters) -> "Estimates":
        """With what this view shows that the last one did not."""
        mid = view.top.mid_price
        intensity, curve = self.intensity, self.curve
        # At the first look there is no price from before its trades.
        trades = () if self.mid is None else view.trades.since(self.trades_seen)
        if trades and self.mid is not None:
            intensity = intensity.after(trades, self.mid, view.now)
            fitted = intensity.likeliest(view.now)
            if parameters.compat is not None:
                fitted = intensity.fitted() if intensity.full else None
            curve = fitted or curve
        return Estimates(
            volatility=self.volatility.after(float(mid), view.now),
            intensity=intensity,
            curve=curve,
            mid=mid,
            trades_seen=view.trades.count,
        )

    def gates(self, parameters: Parameters) -> tuple[Gate, ...]:
        """What is still missing before anything can be quoted."""
        found = []
        samples, trades = len(self.volatility.samples), self.intensity.trades
        if samples < (wanted := self._samples_wanted(parameters)):
            found.append(
                gate(
                    "volatility_not_ready",
                    None,
                    "volatility is not known: {samples} of {wanted} price samples so far",
                    samples=samples,
                    wanted=wanted,
                )
            )
        found += self._intensity_gates(parameters, trades)
        return tuple(found)

    def _samples_wanted(self, parameters: Parameters) -> int:
        whole = parameters.compat is not None
        return parameters.volatility_buffer_size if whole else parameters.estimator_minimum_samples

    def _intensity_gates(self, parameters: Parameters, trades: int) -> list[Gate]:
        whole = parameters.compat is not None
        seen = len(self.intensity.seconds) if whole else trades
        wanted = (
            parameters.trading_intensity_buffer_size
            if whole
            else parameters.estimator_minimum_samples
        )
        if seen < wanted:
            sentence = "trading intensity is not known: {seen} of {wanted} {what} so far"
            what = "seconds with a trade" if whole else "trades"
            return [
                gate("intensity_not_ready", None, sentence, seen=seen, wanted=wanted, what=what)
            ]
        if self.curve is None:
            sentence = "trading intensity is not known: {seen} trades do not show how it falls"
            return [gate("intensity_not_ready", None, sentence, seen=trades)]
        return []


@attrs.frozen(kw_only=True)
class State:
    """
    The life of the set, what is known of the market, and what it was last worth.

    Args:
        orders: Timers and fills.
        optimum: Compat mode keeps the last one where the formula cannot be used, in quote
            currency.
    """

    orders: pure_market_making.State
    estimates: Estimates
    optimum: Optimum | None = None
