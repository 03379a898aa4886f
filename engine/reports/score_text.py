"""Scores of fill models as text: what each is worth, or that there is not enough to say."""

from collections.abc import Iterator, Sequence

from trading.research.power_fit import PowerFit, TooFewToFit
from trading.research.score import Estimate, NotEnough, Score
from trading.research.stated import NotStated


def score_lines(scores: Sequence[Score | NotEnough]) -> Iterator[str]:
    """A block for each model and side."""
    for found in scores:
        name = f"{found.model}, {found.side}"
        if isinstance(found, NotEnough):
            yield f"{name}: not enough: {found.fills} fills, below {found.needed}"
            continue
        yield f"{name}: {found.orders} orders, {found.fills} of them filled"
        yield (
            f"    filled: both {found.both_filled}, real alone {found.real_only},"
            f" shadow alone {found.shadow_only}, neither {found.neither}"
        )
        yield f"    agreement           {_estimate(found.agreement)}"
        yield f"    log loss            {_estimate(found.log_loss)}"
        yield f"      of the share      {found.base_log_loss:.4g}"
        yield f"    time error, median  {_estimate(found.error_median_s, ' s')}"
        yield f"    time error, 90 %    {_estimate(found.error_p90_s, ' s')}"
        yield f"    filled quantity     {_estimate(found.quantity_ratio)} of the real"


def fit_line(fit: PowerFit | TooFewToFit) -> str:
    """What the fit of the exponent came to."""
    if isinstance(fit, TooFewToFit):
        first, second = fit.fills
        return f"power: not enough: {first} and {second} fills in the halves, below {fit.needed}"
    return (
        f"power:{fit.exponent:g} is best on the first {fit.first} orders; on the other {fit.second}"
        f" it loses {fit.judged:.4g} an order, saying the share each time {fit.base:.4g}"
        f" (there power:{fit.best_of_second:g} would be best)"
    )


def _estimate(value: Estimate | NotStated, unit: str = "") -> str:
    if isinstance(value, NotStated):
        return f"not stated: {value.not_stated}"
    return f"{value.value:.4g}{unit} ({value.low:.4g} to {value.high:.4g})"
