"""
`engine kill` and `engine resume` as their user runs them, on real engines and real sockets.

In the first test they are processes too, elsewhere they run in the process of the tests.
"""

import json
import os
import time
import urllib.request
from typing import Any

from engine.environment.key_lock import sole_key
from engine.process.exit_codes import ExitCode
from tests.engine.engine_process import Site, site
from tests.engine.exchange_process import ExchangeProcess, exchange_process
from trading.venues.valr.signing import Signer

QUICK = "strategies.doge.order_refresh_time=1"
FAR = ('strategies.doge.bid_spread="2 %"', 'strategies.doge.ask_spread="2 %"')
KEYS = ('venue.credentials.api_key.env="QW_KEY"', 'venue.credentials.api_secret.env="QW_SECRET"')


def placed_after(place: Site, event: str) -> list[str]:
    """Orders that left after the newest event of a name."""
    events = place.events()
    names = [entry["event"] for entry in events]
    newest = len(names) - 1 - names[::-1].index(event)
    return [entry["order"] for entry in events[newest:] if entry["event"] == "order_placed"]


def test_a_killed_engine_stays_quiet_through_a_crash_until_it_is_resumed() -> None:
    with site("config/paper.toml", QUICK) as place:
        with place.running() as engine:
            engine.wait_for("order_open")

            killed = place.process("kill", "--reason", "too wild")

            assert killed.returncode == ExitCode.OK, killed.stderr
            first, second = killed.stdout.splitlines()
            assert first.startswith("halted: too wild")
            assert second == "flat: the venue shows no order of this engine"
            orders = json.loads(place.command("orders", "--json").stdout)
            assert orders["orders"] == []
            engine.kill()
            assert placed_after(place, "halted") == []

        shown = place.command("resume", "--json")
        assert shown.returncode == ExitCode.USAGE
        assert json.loads(shown.stdout) == {"engine": "paper", "halt": "too wild", "lifted": None}

        with place.running() as engine:
            engine.wait_for("ready")
            assert place.command("resume").returncode == ExitCode.USAGE
            assert placed_after(place, "halted") == []
            resumed = place.process("resume", "--confirm")
            assert resumed.returncode == ExitCode.OK, resumed.stderr
            assert "it was: too wild" in resumed.stdout
            engine.wait_for("order_open")
            again = place.command("resume", "--confirm")
            assert again.returncode == ExitCode.OK, again.stderr
            assert "nothing was halted" in again.stdout
            summary = engine.stop()
        assert summary["halt"] is None
        assert summary["flat_proven"]


def test_a_dead_engine_can_be_halted_and_resumed_before_it_ever_ran() -> None:
    with site() as place:
        killed = place.command("kill", "--json")
        assert killed.returncode == ExitCode.OK, killed.stderr
        assert json.loads(killed.stdout) == {
            "engine": "paper",
            "running": False,
            "halt": "killed by the operator",
            "durable": True,
            "flat": True,
            "left": [],
            "trouble": None,
        }
        again = place.command("kill", "--reason", "another")
        assert "halted: killed by the operator" in again.stdout, "the first reason stands"
        resumed = place.command("resume", "--confirm")
        assert resumed.returncode == ExitCode.OK
        assert "it was: killed by the operator" in resumed.stdout
        again = place.command("resume", "--confirm")
        assert again.returncode == ExitCode.OK
        assert again.stdout.startswith("nothing was halted, so nothing is resumed")
        assert "no halt stands" in place.command("resume").stdout


def call(exchange: ExchangeProcess, verb: str, path: str, body: str = "") -> Any:
    hello = exchange.hello
    signer = Signer(hello["api_key"], hello["api_secret"], time.time_ns)  # real
    request = urllib.request.Request(  # noqa: S310  # loopback
        hello["rest"] + path,
        method=verb,
        data=body.encode() or None,
        headers={**signer.headers(verb, path, body), "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # loopback
        return json.loads(answer.read() or "null")


def open_orders(exchange: ExchangeProcess) -> list[str]:
    return [order["customerOrderId"] for order in call(exchange, "GET", "/v1/orders/open")]


def test_what_a_killed_process_left_at_the_venue_is_cancelled_and_nothing_of_others() -> None:
    # The venue's own safety net is slower than we are: it would take the foreign order as well.
    slow = ("--set", "simulator.rules.cancel_on_disconnect_delay_s=600")
    with exchange_process(*slow) as exchange:
        hello = exchange.hello
        foreign = {
            "side": "BUY",
            "quantity": "100",
            "price": "0.09",
            "pair": "DOGEUSDT",
            "customerOrderId": "qw-other-doge-1-1",
        }
        call(exchange, "POST", "/v1/orders/limit", json.dumps(foreign))
        urls = (f"venue.rest_url={hello['rest']}", f"venue.websocket_url={hello['websocket']}")
        secrets = {"QW_KEY": hello["api_key"], "QW_SECRET": hello["api_secret"]}
        with site("config/paper.toml", *FAR, *urls, *KEYS, secrets=secrets) as place:
            with place.running() as engine:
                engine.wait_for("order_open")
                engine.kill()
            left = open_orders(exchange)
            assert len(left) > 1

            killed = place.command("kill", "--reason", "it died", "--json")

            assert killed.returncode == ExitCode.OK, killed.stderr
            outcome = json.loads(killed.stdout)
            assert (outcome["running"], outcome["flat"]) == (False, True)
            assert open_orders(exchange) == ["qw-other-doge-1-1"]
            assert hello["api_secret"] not in killed.stderr

            with place.running() as engine:
                engine.wait_for("ready")
                assert "it died" in place.command("resume").stdout
                assert open_orders(exchange) == ["qw-other-doge-1-1"]
                alive = json.loads(place.command("kill", "--json").stdout)
                assert (alive["running"], alive["halt"]) == (True, "it died")


def test_a_venue_that_is_away_is_no_proof_and_the_halt_is_recorded_all_the_same() -> None:
    urls = ("venue.rest_url=http://127.0.0.1:9", "venue.websocket_url=ws://127.0.0.1:9")
    secrets = {"QW_KEY": f"{os.getpid():k>64}", "QW_SECRET": "s" * 64}
    with site("config/paper.toml", *urls, *KEYS, secrets=secrets) as place:
        killed = place.command("kill")
        assert killed.returncode == ExitCode.FAILURE
        assert "halted: killed by the operator" in killed.stdout
        assert "NOT PROVEN FLAT" in killed.stdout
        assert place.command("resume").returncode == ExitCode.USAGE


def test_orders_go_even_where_the_state_directory_takes_no_lock_but_never_another_engines() -> None:
    slow = ("--set", "simulator.rules.cancel_on_disconnect_delay_s=600")
    with exchange_process(*slow) as exchange:
        hello = exchange.hello
        urls = (f"venue.rest_url={hello['rest']}", f"venue.websocket_url={hello['websocket']}")
        secrets = {"QW_KEY": hello["api_key"], "QW_SECRET": hello["api_secret"]}
        with site("config/paper.toml", *FAR, *urls, *KEYS, secrets=secrets) as place:
            state = place.folder / "state"
            with place.running() as engine:
                engine.wait_for("order_open")
                engine.kill()
            state.rename(place.folder / "elsewhere")
            state.write_text("no folder")
            with sole_key(hello["api_key"], hello["rest"]):
                refused = place.command("kill")
            assert refused.returncode == ExitCode.CANNOT_CREATE, refused.stderr
            assert "NOT HALTED" in refused.stderr
            assert "API key is held" in refused.stderr
            assert open_orders(exchange)

            killed = place.command("kill", "--json")

            assert killed.returncode == ExitCode.IO_ERROR, killed.stderr
            outcome = json.loads(killed.stdout)
            assert (outcome["flat"], outcome["durable"]) == (True, False)
            assert f"{state} is no folder" in outcome["trouble"]
            assert open_orders(exchange) == []
            told = place.command("kill")
            assert "flat, but the halt is NOT WRITTEN DOWN" in told.stdout


def test_without_a_key_it_is_at_least_kept_from_quoting() -> None:
    with site("config/live.example.toml", secrets={"VALR_API_KEY": ""}) as place:
        killed = place.command("kill")
        assert killed.returncode == ExitCode.KEY_OR_PERMISSION
        assert "halted: killed by the operator" in killed.stdout
        assert "VALR_API_KEY" in killed.stderr
        assert place.command("resume").returncode == ExitCode.USAGE


def test_where_no_engine_ever_ran_resume_says_so_and_where_it_looked() -> None:
    with site() as place:
        for line in (["resume"], ["resume", "--confirm"]):
            resumed = place.command(*line)
            assert resumed.returncode == ExitCode.OK
            assert "no engine has run with this configuration yet" in resumed.stdout
            assert "paper/ledger.sqlite: no halt stands" in resumed.stdout
            assert "engine.name" in resumed.stdout
        assert list(place.folder.glob("state/**/ledger.sqlite")) == []


def test_what_is_in_the_place_of_a_ledger_is_not_taken_for_no_halt_and_no_orders() -> None:
    with site() as place:
        (place.folder / "state").write_text("no folder")
        for line in (["resume", "--confirm"], ["orders"]):
            refused = place.command(*line)
            assert refused.returncode == ExitCode.IO_ERROR, (line, refused.stdout)
            assert "state is no folder, but would have to be one" in refused.stderr


def test_a_file_that_cannot_be_read_halts_nobody_and_says_so() -> None:
    with site() as place:
        broken = place.folder / "broken.toml"
        broken.write_text("[engine\n")
        place.config = str(broken)
        refused = place.command("kill")
        assert refused.returncode == ExitCode.CONFIGURATION
        assert "NOT HALTED" in refused.stderr
        assert "SIGTERM or Ctrl-C" in refused.stderr
        assert "nothing was started" not in refused.stderr


def test_a_reason_cannot_move_the_cursor() -> None:
    with site() as place:
        killed = place.command("kill", "--reason", "one\x1b[2Jtwo")
        assert "halted: one\\x1b[2Jtwo" in killed.stdout
        assert "halted: one\\x1b[2Jtwo" in place.command("resume").stdout


def test_at_a_venue_that_is_gone_what_may_be_left_is_named_from_the_ledger() -> None:
    with exchange_process() as exchange:
        hello = exchange.hello
        urls = (f"venue.rest_url={hello['rest']}", f"venue.websocket_url={hello['websocket']}")
        secrets = {"QW_KEY": hello["api_key"], "QW_SECRET": hello["api_secret"]}
        with site("config/paper.toml", *FAR, *urls, *KEYS, secrets=secrets) as place:
            with place.running() as engine:
                engine.wait_for("order_open")
                engine.kill()
            exchange.process.kill()
            exchange.process.wait(timeout=10)

            killed = place.command("kill", "--json")

            assert killed.returncode == ExitCode.FAILURE, killed.stderr
            outcome = json.loads(killed.stdout)
            assert not outcome["flat"]
            assert outcome["left"]
            assert all(name.startswith("qw-paper-doge-") for name in outcome["left"])
            assert killed.stderr.count("could not be read") + killed.stderr.count("unread") <= 1
