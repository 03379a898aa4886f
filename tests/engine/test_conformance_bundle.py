"""A bundle can be sent to anybody: nothing in it says whose it is; and it can be read again."""

import json
import zipfile
from pathlib import Path

import msgspec
import pytest

from config.settings import Settings
from engine.cli.app import main
from engine.conformance.bundle import write_bundle
from engine.conformance.evidence import Evidence
from engine.conformance.report import Report
from engine.conformance.running import Choice
from engine.process.exit_codes import ExitCode
from tests.config.loaded import LIVE, loaded
from tests.support.conformance_rig import Rig
from trading.venues.valr.conformance.check import Check, Level, Result, Verdict
from trading.venues.valr.conformance.stand_ins import StandIns

KEY, SECRET = "c0ffee00" * 8, "5ec2e700" * 8
SUBACCOUNT = "1234567890"
SIGNATURE = "ab12" * 32
ORDER = "019a2a2c-8c45-7ffa-815a-e7272a8216c9"
NAME = "qw-canary-doge-abc-1"
ACCOUNT = "9f1c0d5e-0000-4000-8000-0123456789ab"
ADDRESS = "bc1qcanary0000000000000000000000000000000"
TRADE = "01976898-6969-7c30-b002-bb021d376c30"
BALANCE = "71234.56789012"
CIDR = "203.0.113.77/32"
LABEL = "canary-desk-label"
CANARIES = (
    KEY,
    SECRET,
    SUBACCOUNT,
    SIGNATURE,
    ORDER,
    NAME,
    ACCOUNT,
    ADDRESS,
    TRADE,
    BALANCE,
    CIDR,
    LABEL,
)

BALANCES = json.dumps(
    [
        {
            "currency": "BTC",
            "available": BALANCE,
            "reserved": "0",
            "total": BALANCE,
            "accountId": ACCOUNT,
        }
    ]
)
FILL = json.dumps(
    {"type": "NEW_ACCOUNT_TRADE", "data": {"id": TRADE, "orderId": ORDER, "customerOrderId": NAME}}
)
RECEIPT = json.dumps(
    {"receiveAddress": ADDRESS, "amount": 71234.5, "transactionHash": "0x" + "c" * 64}
)
KEY_INFO = json.dumps({"label": LABEL, "allowedIpAddressCidr": CIDR})


def settings() -> Settings:
    return loaded(
        LIVE,
        f'venue.credentials.subaccount_id="{SUBACCOUNT}"',
        environment={"VALR_API_KEY": KEY, "VALR_API_SECRET": SECRET},
    )


def evidence() -> Evidence:
    found = Evidence(lambda: 1)
    headers = {
        "X-VALR-API-KEY": KEY,
        "X-VALR-SIGNATURE": SIGNATURE,
        "X-VALR-SUB-ACCOUNT-ID": SUBACCOUNT,
        "x-forwarded-for": "203.0.113.77",
    }
    path = f"/v1/orders/BTCZAR/orderid/{ORDER}"
    found.note("rest", "", sent=True, private=True, head=f"GET {path}", headers=headers)
    for text in (BALANCES, FILL, RECEIPT, KEY_INFO):
        found.note("/ws/account 1", text, private=True)
    # What is told to everybody may be about us too, and an error may quote the key.
    found.note("/ws/trade 1", json.dumps({"type": "NEW_TRADE", "data": {"id": TRADE}}))
    found.note("rest", json.dumps({"code": -1, "message": f"no order {ORDER} of {KEY}"}))
    return found


def report() -> Report:
    check = Check(
        id="a.check", level=Level.ORDERS, question="?", assumed="nowhere", expected={"words": ""}
    )
    result = Result(
        check=check, verdict=Verdict.DIFFERS, seen={"words": f"{ORDER} of {ACCOUNT}"}, because=NAME
    )
    return Report(
        venue="VALR",
        identity="VALR",
        pair="BTCZAR",
        level=Level.ORDERS,
        at_ns=1,
        took_s=1.0,
        results=[result],
    )


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path, found = tmp_path / "seen.zip", evidence()
    write_bundle(path, report(), found, found.frames[-2:], settings())
    return path


def test_no_canary_is_in_any_file_of_a_bundle(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as files:
        for name in files.namelist():
            text = files.read(name).decode()
            assert [canary for canary in CANARIES if canary in text] == [], name


def test_the_same_id_has_the_same_stand_in_everywhere(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as files:
        frames = [json.loads(line) for line in files.read("frames.jsonl").splitlines()]
        seen = json.loads(files.read("answers.json"))["a.check"]["words"]
    order = frames[0]["head"].rpartition("/")[2]
    fill = json.loads(frames[2]["text"])["data"]
    assert fill["orderId"] == order == seen.split()[0]
    assert json.loads(frames[5]["text"])["data"]["id"] == fill["id"] != order


def test_a_balance_keeps_its_spelling_and_nothing_else() -> None:
    said = StandIns(()).text(BALANCES, private=True)
    [row] = msgspec.json.decode(said)
    assert row["available"] == row["total"] == "1.11111111"
    assert row["reserved"] == "0"


async def test_the_frames_of_a_bundle_are_a_recording(
    tmp_path: Path, autojump_clock: object, capsys: pytest.CaptureFixture[str]
) -> None:
    only = frozenset({"public.feed-levels"})
    rig = Rig(choice=Choice(level=Level.PUBLIC, only=only))
    seen, path = await rig.run(), tmp_path / "seen.zip"
    write_bundle(path, seen.report, seen.evidence, seen.market, rig.settings())
    assert main(["recording", "verify", str(path), "--json"]) == ExitCode.OK
    feeds = {row["feed"] for row in json.loads(capsys.readouterr().out)["feeds"]}
    assert {"L1", "FULL", "AGGREGATED"} <= feeds


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"[]"])
def test_what_is_no_bundle_is_refused_with_its_name(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.zip"
    path.write_bytes(content)
    assert main(["exchange", "--as", str(path)]) == ExitCode.CONFIGURATION
    assert "other.zip is not a bundle with answers" in capsys.readouterr().err
