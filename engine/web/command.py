"""`engine web`: a page that shows a running engine, in a process of its own."""

import os
import sys
import webbrowser
from collections.abc import Awaitable, Callable
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import attrs
import trio
from cyclopts import App, Parameter, validators

from config.load.reading import load_engine, load_log, load_web
from config.source.problems import ConfigurationProblems
from engine.cli.options import whole_number
from engine.cli.reporting import refuse, report
from engine.environment.world import real_world
from engine.logs.standard_streams import say
from engine.process.exit_codes import ExitCode
from engine.process.stop_signals import end_with_a_signal

if TYPE_CHECKING:
    from engine.web.server import Serving

WEB_EXAMPLES = """
Examples:

```
engine web config/paper.toml
engine web config/live.toml --port 8471 --read-only
engine web config/live.toml --reports reports
```

Exit codes: 0 ended with a signal; 1 what the page is served with is not installed; 2 a wrong
command line; 66 the folder of reports is not there; 73 the port is taken, or the state directory
cannot be written; 78 the configuration is wrong.
"""

web_app = App(name="web", help_epilogue=WEB_EXAMPLES)

_PORT = 8470
_PORT_MAX = 65535


@web_app.default
def web_command(
    config: Path,
    /,
    *,
    port: Annotated[
        int, Parameter(converter=whole_number, validator=validators.Number(gte=0, lte=_PORT_MAX))
    ] = _PORT,
    open_: Annotated[bool, Parameter(name="--open")] = False,
    read_only: bool = False,
    reports: Path | None = None,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", allow_leading_hyphen=True)] = (),
) -> int:
    """
    Show a running engine on a web page: state, prices, gates, orders, profit, log; kill and resume.

    It is a process of its own, which holds no key, and may end or hang without the engine noticing;
    it goes on through the engine's restarts. It needs the extra `quotewright[web]`.

    Args:
        config: The TOML file that the engine runs with; only [engine], [log] and [web] are read.
        port: Where the page is served, on this machine alone; 0 for any that is free.
        open_: Have a browser show it.
        read_only: Show no buttons, and refuse to do anything.
        reports: A folder whose HTML files the page lists.
        set_: KEY=VALUE, in place of what the file says; may be given several times.
    """
    try:
        engine = load_engine(str(config), set_)
        log = load_log(str(config), set_)
        web = load_web(str(config), set_)
    except ConfigurationProblems as problems:
        return report(problems, outcome="nothing was started")
    if reports is not None and not reports.is_dir():
        return refuse(
            f"--reports {reports} is no folder: name the one that reports are written into, or"
            " make it first",
            ExitCode.NO_INPUT,
        )
    try:
        from engine.web import server  # noqa: PLC0415  # the extra may not be there
    except ImportError as error:
        return refuse(
            f"the page needs what is not installed ({error.name}):"
            " pip install 'quotewright[web]'; in a clone of the repository: make web",
            ExitCode.FAILURE,
        )
    try:
        bound = server.bind(port)
    except OSError as error:
        return refuse(
            f"the page cannot be served on port {port}: {error.strerror or error}. Another page may"
            f" have it: --port {port % _PORT_MAX + 1} asks for the next one, --port 0 for any",
            ExitCode.CANNOT_CREATE,
        )
    world = real_world(seed=0)
    serving = server.Serving(
        engine=engine,
        log=log,
        web=web,
        config=config,
        overrides=set_,
        bound=bound,
        local=world.local,
        now_ms=lambda: world.wall_clock() // 10**6,
        reports=reports,
        read_only=read_only,
    )
    try:
        with bound:
            trio.run(_serve, serving, server.serve, _Greeting(serving.address_file, opens=open_))
    except OSError as error:
        return refuse(f"the page cannot be served: {error}", ExitCode.CANNOT_CREATE)
    return ExitCode.OK


async def _serve(
    serving: "Serving",
    serve: Callable[..., Awaitable[None]],
    greeting: "_Greeting",
) -> None:
    stop = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_stop_with_a_signal, stop)
        await serve(attrs.evolve(serving, ready=greeting), stop)
        nursery.cancel_scope.cancel()


async def _stop_with_a_signal(stop: trio.Event) -> None:
    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:
            await nursery.start(end_with_a_signal, scope)
            await trio.sleep_forever()
    stop.set()


@attrs.frozen
class _Greeting:
    """Says where the page is."""

    address_file: Path
    opens: bool = attrs.field(kw_only=True)

    def __call__(self, address: str) -> None:
        say(
            f"the page is at {address}\n"
            f"that address is good for one login; the next one is in {self.address_file}\n"
        )
        if self.opens and not _has_a_screen():
            say("engine web: there is no screen for a browser here\n", error=True)
        elif self.opens:
            # A browser may take its time to start, and some do so in the foreground.
            Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _has_a_screen() -> bool:
    """Without one, a browser for the terminal would be started, and take it."""
    return sys.platform != "linux" or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())
