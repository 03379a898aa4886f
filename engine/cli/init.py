"""The command `engine init`: a first configuration, from a few questions."""

import os
import sys
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import attrs
import trio
from cyclopts import App, Parameter

from config.load.loading import load
from config.rules.rules import Number, Percent, Seconds, nearest_cure, percent_text
from config.source.problems import ConfigurationProblems, Refused, redacted
from engine.cli.import_ import import_command, is_configuration
from engine.cli.reporting import refuse, report
from engine.control.reloading import GivenFile
from engine.environment.venue_connection import simulated_rules
from engine.environment.world import World, real_world
from engine.process import early
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.storage.places import check_file
from engine.wizard.document import Answers, Live, document, strategy_name
from engine.wizard.interview import BadAnswer, Interview, Question, Unanswered
from engine.wizard.looking import RealVenue, paper_market, paper_pairs
from engine.wizard.market import Market, find_pair, name_of
from engine.wizard.suggestions import amount, daily_loss, require_amount, spread
from trading.core.decimals import ZERO, decimal_text
from trading.core.errors import Fatal, Outage
from trading.core.instrument import Instrument
from trading.venues.kind import Key, VenueKind
from trading.venues.registry import venue_kind, venue_names

EXAMPLES = """
Examples:

```
engine init
engine init --yes
engine init --yes --pair btczar --spread 0.2 --out mine.toml
engine init --venue valr --pair btczar --key MYKEY --out live.toml
engine init --from-hummingbot conf_pure_mm_1.yml --out mine.toml
```

Exit codes: 0 written; 2 an answer is missing or will not do; 69 the venue does not answer; 73 the
file is there already (`--force` replaces it) or cannot be written; 77 the venue refuses the key;
130 broken off. Nothing is written but with 0.
"""

PAPER = "paper"
_VENUE = Question(flag="--venue", text="Play money (paper), or an exchange (valr)")
_KEY = Question(
    flag="--key", text="Name of the variables NAME_API_KEY and NAME_API_SECRET that hold your key"
)
_PAIR = Question(flag="--pair", text="Which pair? A few letters will do")
_AMOUNT = Question(flag="--amount", text="How much in each order")
_SPREAD = Question(flag="--spread", text="How far from the mid price, in percent")
_REFRESH = Question(flag="--refresh", text="For how many seconds should orders stand")
_MAX_LOSS = Question(flag="--max-loss", text="Which loss within a day halts everything")
_OUT = Question(flag="--out", text="Which file should it be")

_OF_PAPER = (_VENUE, _PAIR, _AMOUNT, _SPREAD, _REFRESH, _MAX_LOSS, _OUT)
_OF_LIVE = (_VENUE, _KEY, _PAIR, _AMOUNT, _SPREAD, _REFRESH, _MAX_LOSS, _OUT)

init_app = App(name="init", help_epilogue=EXAMPLES)


@init_app.default
def init_command(
    *,
    venue: str | None = None,
    key: str | None = None,
    pair: str | None = None,
    amount_: Annotated[str | None, Parameter(name="--amount")] = None,
    spread_: Annotated[str | None, Parameter(name="--spread")] = None,
    refresh: str | None = None,
    max_loss: str | None = None,
    out: str | None = None,
    yes: Annotated[bool, Parameter(name=["--yes", "-y"])] = False,
    force: bool = False,
    rest_url: str | None = None,
    websocket_url: str | None = None,
    from_hummingbot: Path | None = None,
) -> int:
    """
    Write a first configuration: at most eight questions, each with a suggestion.

    It looks at the venue for the pair's rules, prices and, with a key, your balances, and suggests
    what fits. Where there is no terminal it asks nothing, and says which flags are missing. It
    places no order, and replaces no file.

    Args:
        venue: paper for play money, or an exchange: valr.
        key: NAME, where the environment variables NAME_API_KEY and NAME_API_SECRET hold the key.
        pair: The pair, or a few letters of it.
        amount_: Base currency in each order.
        spread_: Distance of bid and ask from the mid price, in percent.
        refresh: Seconds that orders are meant to stand.
        max_loss: Quote currency that may be lost within one day.
        out: The TOML file to write.
        yes: Take what is suggested for everything that is not given.
        force: Replace the file if there is one, and a configuration.
        rest_url: Where the exchange is, if not at its usual address.
        websocket_url: Likewise, of its WebSockets.
        from_hummingbot: Convert this file of Hummingbot's in place of asking.
    """
    if from_hummingbot is not None:
        return import_command(from_hummingbot, out=Path(out or "mine.toml"), force=force)
    answers = {
        "--venue": venue,
        "--key": key,
        "--pair": pair,
        "--amount": amount_,
        "--spread": spread_,
        "--refresh": refresh,
        "--max-loss": max_loss,
        "--out": out,
    }
    person = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty() and not yes
    interview = Interview(
        given={flag: text for flag, text in answers.items() if text is not None},
        ask=input if person else None,
        say=_say,
        as_suggested=yes,
    )
    wizard = _Wizard(
        interview=interview, force=force, urls=(rest_url, websocket_url), world=real_world(1)
    )
    return _guarded(wizard)


def _guarded(wizard: "_Wizard") -> int:
    early.hand_back()
    try:
        return wizard.run()
    except Unanswered as missing:
        return refuse(_missing(missing), ExitCode.USAGE, command="init")
    except BadAnswer as error:
        return refuse(str(error), ExitCode.USAGE, command="init")
    except Outage as outage:
        why = f"{outage}; nothing was written. Play money needs no venue: engine init --venue paper"
        return refuse(why, ExitCode.VENUE_UNAVAILABLE, command="init")
    except Fatal as fatal:
        return refuse(f"{fatal}; nothing was written", EXIT_CODES[fatal.reason], command="init")
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was written")
    except (KeyboardInterrupt, EOFError):
        _say("\nbroken off; nothing was written")
        return ExitCode.FORCED


def _missing(missing: Unanswered) -> str:
    rows = "".join(f"\n  {each.flag:<11} {each.text}" for each in missing.questions)
    return (
        f"there is no terminal to ask on; missing are{rows}\n"
        "or --yes, which takes what is suggested for all of them"
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{redacted(text)}\n")
    sys.stdout.flush()


@attrs.frozen(kw_only=True)
class _Wizard:
    """The way from the first question to the file."""

    interview: Interview
    force: bool
    urls: tuple[str | None, str | None]
    world: World

    def run(self) -> int:
        name = self.interview.given.get("--venue", PAPER)
        self.interview.require(_OF_PAPER if name == PAPER else _OF_LIVE)
        name = self.interview.answer(_VENUE, PAPER, _venue_name)
        if name == PAPER:
            instrument = self._pair(dict(paper_pairs()), "DOGE-USDT")
            return self._finish(paper_market(instrument, self.world), None)
        return self._live(venue_kind(name))

    def _live(self, kind: VenueKind) -> int:
        prefix = self.interview.answer(_KEY, kind.name.upper(), _variable)
        names = (f"{prefix}_API_KEY", f"{prefix}_API_SECRET")
        live = Live(
            kind=kind.name,
            rest_url=self.urls[0] or kind.rest_url,
            websocket_url=self.urls[1] or kind.websocket_url,
            key_variables=names,
        )
        venue = RealVenue.at(kind, live.rest_url, _key(names), self.world)
        if venue.key is None:
            _say(f"{' and '.join(names)} are not set here: your balances are not looked at")
        instrument = self._pair(trio.run(venue.pairs), "")
        return self._finish(trio.run(venue.market, instrument), live)

    def _pair(self, listed: Any, suggestion: str) -> Instrument:
        return self.interview.answer(_PAIR, suggestion, lambda text: find_pair(text, listed))

    def _finish(self, market: Market, live: Live | None) -> int:
        rules = market.instrument
        _say(f"{name_of(rules)}: bid {decimal_text(market.bid)}, ask {decimal_text(market.ask)}")
        answers = self._answers(market, live)
        path = self.interview.answer(_OUT, "paper.toml" if live is None else "live.toml", _file)
        text = document(answers, path)
        _require_sound(path, text)
        if (code := _write(Path(path), text, force=self.force)) is not None:
            return code
        _say(_next_steps(path, answers))
        return ExitCode.OK

    def _answers(self, market: Market, live: Live | None) -> Answers:
        base, quote = market.instrument.base, market.instrument.quote
        get = self.interview.answer
        order_amount = get(
            attrs.evolve(_AMOUNT, text=f"{_AMOUNT.text}, in {base}"),
            decimal_text(amount(market)),
            lambda text: require_amount(_number(text), market),
        )
        distance = get(_SPREAD, percent_text(spread(market)), _percent)
        refresh_s = get(_REFRESH, "15", _seconds)
        max_loss = get(
            attrs.evolve(_MAX_LOSS, text=f"{_MAX_LOSS.text}, in {quote}"),
            decimal_text(daily_loss(market, order_amount)),
            _number,
        )
        return Answers(
            market=market,
            order_amount=order_amount,
            spread=distance,
            refresh_s=refresh_s,
            max_loss=max_loss,
            live=live,
        )


def _require_sound(path: str, text: str) -> None:
    """What is written loads: a mistake here would be ours."""
    environment = {**os.environ}
    if "[venue.credentials]" in text:
        # That a key is not set here is no fault of the file.
        for number, line in enumerate(one for one in text.splitlines() if "{ env = " in one):
            environment.setdefault(line.split('"')[1], f"stands-in-{number}")
    load(path, (), environment, files=GivenFile(path, text), simulated_pairs=simulated_rules)


def _write(path: Path, text: str, *, force: bool) -> int | None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if force:
            check_file(path, is_configuration, "configuration")
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        why = f"{path} is there already; --force replaces it, --out names another"
        return refuse(why, ExitCode.CANNOT_CREATE, command="init")
    except OSError as error:
        why = f"{path} cannot be written: {error.strerror}"
        return refuse(why, ExitCode.CANNOT_CREATE, command="init")
    return None


def _next_steps(path: str, answers: Answers) -> str:
    name = strategy_name(answers)
    first = ""
    if answers.live is not None:
        key, secret = answers.live.key_variables
        first = f"  export {key}=... {secret}=...\n"
    return f"""written: {path}. Read it; then

{first}  engine doctor {path}   checks every step, and places no order
  engine plan {path}     shows the orders that it would have
  engine run {path}      until Ctrl-C

While it runs, in another terminal: change the file (bid_spread of [strategies.{name}], say), and
  engine reload {path}   takes the change over
  engine explain {path}  says why a side is not quoting
  engine web {path}      shows all of it in a browser, and can halt it;
    pip install 'quotewright[web]' adds what that needs"""


def _venue_name(text: str) -> str:
    name = text.strip().lower()
    known = {PAPER, *(each for each in venue_names() if venue_kind(each).trading is not None)}
    if name not in known:
        raise Refused(f'"{text}" is not known', nearest_cure(name, known))
    return name


def _variable(text: str) -> str:
    if not text.isidentifier() or not text.isascii():
        raise Refused("that is no name of a variable", "give NAME, for NAME_API_KEY")
    return text


def _key(names: tuple[str, str]) -> Key | None:
    key, secret = (os.environ.get(name, "") for name in names)
    return Key(api_key=key, api_secret=secret) if key and secret else None


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except ArithmeticError:
        raise Refused(f'"{text}" is not a number', "for example 40") from None
    return Number(above=ZERO).read(number)


def _percent(text: str) -> Decimal:
    bounds = Number(above=ZERO, below=Decimal(50), unit="%")
    return Percent(bounds=bounds).read(text if "%" in text else f"{text.strip()} %")


def _seconds(text: str) -> Decimal:
    number = _number(text)
    Seconds(at_least=Decimal(1)).read(number)
    return number


def _file(text: str) -> str:
    if not text.strip():
        raise Refused("is empty", "for example paper.toml")
    return text
