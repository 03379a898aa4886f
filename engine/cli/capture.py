"""The command `engine recording capture`."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import trio
from cyclopts import App, Parameter, validators

from config.load.loading import MarketSettings, load_market
from config.rules.rules import OneOf, PairSymbol, nearest_cure
from config.source.files import DISK, WithoutFile
from config.source.problems import ConfigurationProblems, Refused, redacted
from engine.cli.command_logs import coloured
from engine.cli.options import Place, seconds_or_hours, whole_number
from engine.environment.venue_connection import public_counterparty, simulated_rules
from engine.environment.world import World, real_world
from engine.logs.setup import Verbosity, configure_logs
from engine.logs.standard_streams import plain_stream, say
from engine.logs.writer_thread import write_in_a_thread
from engine.process import early
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.recording.capture import Capture, CaptureSummary
from engine.recording.text import summary_as_json, summary_as_text
from engine.storage.recording_files import RecordingFile, new_recording
from engine.system.running import StopRequest, obey_signals
from trading.core.errors import Fatal
from trading.core.identifiers import Pair
from trading.venues.registry import market_kinds

_LAST_WORD_S = 1.0

CAPTURE_EXAMPLES = f"""
Examples:

```
engine recording capture --venue simulated --pairs DOGE-USDT --out market.zst --duration 60
engine recording capture --venue config/live.toml --pairs BTC-ZAR,ETH-ZAR --out market.gz
engine recording capture --venue simulated --pairs BTCZAR --out market.txt --feed full
```

Market data is public: no key is used. `.gz` and `.zst` are packed. Ctrl-C, SIGTERM and the end of
`--duration` end it with a complete file. Exit codes: {ExitCode.OK} ended as asked;
{ExitCode.VENUE_UNAVAILABLE} not one frame came, and no file is kept; {ExitCode.CANNOT_CREATE} the
file is there already or cannot be made; {ExitCode.IO_ERROR} the disk took no more;
{ExitCode.CONFIGURATION} a wrong configuration, or a pair that the venue does not have.
"""


capture_app = App(name="capture", help_epilogue=CAPTURE_EXAMPLES)


@capture_app.default
def capture_command(
    *,
    venue: str,
    pairs: str,
    out: Place,
    feed: str | None = None,
    duration: Annotated[
        float | None, Parameter(converter=seconds_or_hours, validator=validators.Number(gt=0))
    ] = None,
    force: bool = False,
    seed: Annotated[int, Parameter(converter=whole_number, validator=validators.Number(gte=0))] = 1,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)] = (),
    json_: Annotated[bool, Parameter(name="--json")] = False,
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"])] = False,
) -> int:
    """
    Write down every frame of a venue's market data, until Ctrl-C, SIGTERM or the end of its time.

    After an outage it connects again, and fresh snapshots follow by themselves.

    Args:
        venue: A TOML file whose tables [venue] and [simulator] say where; or `simulated`; or the
            name of a venue that is only looked at.
        pairs: Whose books, separated by commas.
        out: A new file; `.gz` and `.zst` are packed.
        feed: Where books come from, for VALR l1, full or aggregated; else as the configuration
            says.
        duration: Seconds after which it ends by itself.
        force: Replace the file if it is there already, and a recording.
        seed: Of the simulated market.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
        json_: Print the summary as one JSON object on stdout.
        quiet: Show only warnings and errors.
    """
    try:
        market = _market_with(feed, venue, set_)
        wanted = _wanted(pairs, market)
    except ConfigurationProblems as problems:
        sys.stderr.write("".join(f"{problem}\n" for problem in problems.problems))
        return EXIT_CODES[problems.reason]
    except _WrongOption as wrong:
        return _refuse(str(wrong), wrong.code)
    try:
        with new_recording(out, force=force) as recording:
            world = real_world(seed)
            summary = _record(market, wanted, world, recording, duration, quiet=quiet)
    except FileExistsError:
        return _refuse(f"{out} is there already; --force replaces it", ExitCode.CANNOT_CREATE)
    except OSError as error:
        return _refuse(f"{out}: {error.strerror}", ExitCode.CANNOT_CREATE)
    except Fatal as fatal:
        return _refuse(str(fatal), EXIT_CODES[fatal.reason])
    # What is no file, a pipe or a device, has nothing to be kept.
    kept = summary.frames > 0 or (out.exists() and not out.is_file())
    size = out.stat().st_size if kept else 0
    if json_:
        say(json.dumps(summary_as_json(summary, str(out) if kept else None, size)) + "\n")
    else:
        say(summary_as_text(summary, str(out), size) + "\n")
    if not kept:
        became = "is as it was" if out.is_file() else "is not kept"
        return _refuse(f"not one frame came: {out} {became}", summary.exit_code)
    return summary.exit_code


def _refuse(message: str, code: ExitCode) -> ExitCode:
    say(f"engine recording capture: {redacted(message)}\n", error=True)
    return code


class _WrongOption(Exception):
    """An option does not apply to the venue."""

    def __init__(self, option: str, refused: Refused, code: ExitCode) -> None:
        super().__init__(f"{option}: {refused}; {refused.cure}")
        self.code = code


def _market_with(feed: str | None, venue: str, overrides: tuple[str, ...]) -> MarketSettings:
    market = _market(venue, overrides)
    if feed is None:
        return market
    known = market.venue.known.feeds
    try:
        name = known[OneOf(known.keys).read(feed.lower())]
    except Refused as refused:
        raise _WrongOption("--feed", refused, ExitCode.USAGE) from refused
    return _market(venue, (*overrides, f"venue.book_feed={name}"))


def _market(venue: str, overrides: tuple[str, ...]) -> MarketSettings:
    rules = dict(simulated_rules())
    kinds = market_kinds()
    if (kind := kinds.get(venue)) is None:
        if not Path(venue).suffix and not DISK.is_file(venue):
            cure = f"{nearest_cure(venue, kinds)}, or name a TOML file"
            raise _WrongOption("--venue", Refused(f"{venue!r} is not known", cure), ExitCode.USAGE)
        return load_market(venue, overrides, rules, files=DISK)
    overrides = (f"venue.kind={kind.name}", *overrides)
    market = load_market("the defaults", overrides, rules, files=WithoutFile())
    is_venue = market.venue.simulated if kind.simulated else market.venue.kind == kind.name
    if not is_venue:
        raise _WrongOption(
            "--venue",
            Refused(
                f"{venue} is another venue than that of --set venue.kind or its URLs",
                "leave that --set out, or name a TOML file with a table [venue]",
            ),
            ExitCode.USAGE,
        )
    return market


def _wanted(text: str, market: MarketSettings) -> tuple[Pair, ...]:
    try:
        return _pairs(text, market)
    except Refused as refused:
        raise _WrongOption("--pairs", refused, ExitCode.CONFIGURATION) from refused


def _pairs(text: str, market: MarketSettings) -> tuple[Pair, ...]:
    pairs = tuple(dict.fromkeys(PairSymbol().read(name.strip()) for name in text.split(",")))
    if market.venue.simulated:
        known = {*simulated_rules(), *market.simulator.pairs}
        for pair in pairs:
            if pair not in known:
                raise Refused(f"the simulated exchange has no {pair}", nearest_cure(pair, known))
    return pairs


def _record(
    market: MarketSettings,
    pairs: tuple[Pair, ...],
    world: World,
    recording: RecordingFile,
    duration_s: float | None,
    *,
    quiet: bool,
) -> CaptureSummary:
    logs = configure_logs(
        console=plain_stream(sys.stderr),
        file=None,
        wall_clock=world.wall_clock,
        verbosity=Verbosity.QUIET if quiet else Verbosity.NORMAL,
        colour=coloured(),
        start_writer=write_in_a_thread,
    )
    try:
        capture = Capture(
            party=public_counterparty(market, world),
            settings=market.venue,
            pairs=pairs,
            duration_s=duration_s,
        )
        return trio.run(_until_a_signal, capture, world, recording)
    finally:
        # What is left to do is to complete the file.
        early.close_ears()
        logs.close()


async def _until_a_signal(
    capture: Capture, world: World, recording: RecordingFile
) -> CaptureSummary:
    stop = StopRequest()
    async with trio.open_nursery() as nursery:
        await nursery.start(obey_signals, stop, _force)
        summary = await capture.run(world, recording, stop)
        nursery.cancel_scope.cancel()
    return summary


def _force() -> NoReturn:
    text = "engine recording capture: forced to end; the file is not complete\n"
    say(text, error=True, within_s=_LAST_WORD_S)
    os._exit(ExitCode.FORCED)
