"""All formats that are imported, and which one files are of."""

import re
from collections.abc import Mapping, Sequence

from engine.datasets import dbn, nautilus, npz
from engine.datasets.binary import BinaryFormat
from engine.datasets.session_sources import SessionSource
from engine.datasets.sources import Source
from trading.datasets.importers import account, binance_dumps, binance_raw, frames, lobster, tardis
from trading.datasets.importers.form import TextFormat
from trading.venues.valr.book_rules import RULES
from trading.venues.valr.codec.account import decode_account
from trading.venues.valr.codec.market import decode_market
from trading.venues.valr.recorded import changed_at_ms

Format = TextFormat | BinaryFormat

_VALR = "valr"
_FIRST_KIND = re.compile(rb'[0-9]{19} \{"type":', re.ASCII)

_VALR_ACCOUNT = TextFormat(
    name=_VALR,
    title="the account's file of a session on VALR",
    content="account",
    recognise=account.recognise,
    moment=frames.moment,
    read=account.Account(decode_account).read,
    stream=True,
)
_VALR_MARKET = TextFormat(
    name=_VALR,
    title="frames of VALR",
    content="market",
    recognise=lambda lines: _FIRST_KIND.match(frames.first_whole(lines)) is not None,
    moment=frames.moment,
    read=frames.Frames(decode_market, changed_at_ms, RULES).read,
    stream=True,
)

FORMATS: tuple[Format, ...] = (
    _VALR_ACCOUNT,
    _VALR_MARKET,
    binance_raw.FORMAT,
    npz.FORMAT,
    lobster.MESSAGES,
    lobster.BOOK,
    dbn.FORMAT,
    nautilus.TRADES,
    nautilus.DELTAS,
    *tardis.FORMATS,
    *binance_dumps.FORMATS,
)
"""Files of several contents are read in this order: what is ours first, trades before books."""


class UnknownFormat(ValueError):
    """Files are of no format that is known, of one that cannot be imported, or of several."""


def names() -> Sequence[str]:
    """What ``--format`` takes."""
    return tuple(dict.fromkeys(each.name for each in FORMATS if not each.refused))


def formats_of(sources: Sequence[Source], name: str | None) -> Mapping[Format, list[Source]]:
    """
    Which file is of which format and content.

    Args:
        name: The format that they are said to be of; ``None`` to recognise it.

    Raises:
        UnknownFormat: One is not recognised, cannot be imported, or they are of several formats.
    """
    found: dict[Format, list[Source]] = {}
    for source in sources:
        found.setdefault(_format_of(source, name), []).append(source)
    if len({each.name for each in found}) > 1:
        told = "; ".join(
            f"{', '.join(source.name for source in files)}: {each.title}"
            for each, files in found.items()
        )
        raise UnknownFormat(f"the files are of several formats, which do not mix: {told}")
    books = [each for each in found if getattr(each, "content", "") == "book"]
    if len(books) > 1:
        titles = " and ".join(each.title for each in books)
        raise UnknownFormat(f"the files have two books, {titles}: leave one of them out")
    order = {each: index for index, each in enumerate(FORMATS)}
    return dict(sorted(found.items(), key=lambda item: order[item[0]]))


def _format_of(source: Source, name: str | None) -> Format:
    fitting = (
        _of_session(source)
        if isinstance(source, SessionSource)
        else [each for each in FORMATS if _recognises(each, source)]
    )
    if name is not None and name not in {each.name for each in fitting}:
        seen = f"; it looks like {fitting[0].title} ({fitting[0].name})" if fitting else ""
        raise UnknownFormat(f"{source.path} is not of the format {name}{seen}")
    if not fitting:
        raise UnknownFormat(
            f"{source.path} is of no format that is known here: {', '.join(names())}"
        )
    [format_, *more] = [each for each in fitting if name in {None, each.name}]
    if more:
        titles = ", ".join(f"{each.title} ({each.name})" for each in (format_, *more))
        raise UnknownFormat(f"{source.path} may be {titles}: say which by --format")
    if format_.refused:
        raise UnknownFormat(f"{source.path} is {format_.title}: {format_.refused}")
    return format_


def _of_session(source: SessionSource) -> list[Format]:
    """A session says itself what it is of."""
    kind, part = source.session.head.kind, source.part.value
    return [
        each
        for each in FORMATS
        if isinstance(each, TextFormat) and (each.name, each.content) == (kind, part)
    ]


def _recognises(format_: Format, source: Source) -> bool:
    if isinstance(format_, BinaryFormat):
        return format_.recognise(source)
    return bool(source.head) and format_.recognise(source.head)
