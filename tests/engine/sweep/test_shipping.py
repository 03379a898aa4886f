"""Datasets that are sent to where cells are run: once to each machine, whole or not at all."""

import hashlib
import os
import resource
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import attrs
import msgspec
import pytest
from typing_extensions import override

from engine.backtest.markets import find
from engine.backtest.refusal import NoDataset
from engine.backtest.task import DataSpan
from engine.datasets.keeping import data_folder
from engine.datasets.reading import META_NAME, Dataset, open_dataset
from engine.process.exit_codes import ExitCode
from engine.sweep.backtesting import backtested
from engine.sweep.cell import CellDied, run
from engine.sweep.cells import CellFailure, decode_cell
from engine.sweep.parcels import (
    PIECE_BYTES,
    Begin,
    Finish,
    Found,
    Garbled,
    Look,
    NotKept,
    Piece,
    Taken,
    decode_reply,
    is_parcel,
    pack,
    sha256_of,
    unpack,
)
from engine.sweep.runners.local import LocalRunner
from engine.sweep.runners.runner import NoCluster
from engine.sweep.shipping import LOCAL, NotShipped, Shipment, ship
from tests.engine.in_process import in_process
from tests.engine.sweep.sweep_rig import SAMPLE, a_plan, planned

ELSEWHERE = "not/on/this/machine"
TOKEN = "0123456789abcdef"  # of a transfer


@attrs.define
class Machines:
    """
    The seam with workers whose machines keep datasets apart from this one.

    Args:
        folders: Where each keeps them; two may share one.
        dies_at: The number of the request with which its worker is lost, from 1.
        leaves: Whether that worker has left the cluster.
    """

    folders: Mapping[str, Path]
    dies_at: int = 0
    leaves: bool = False
    slots: int = 2
    lost: Mapping[type[BaseException], int] = {CellDied: 1}
    sent: list[tuple[str, object]] = attrs.field(factory=list)
    gone: set[str] = attrs.field(factory=set)

    def check(self) -> None:
        """They are this process."""

    def workers(self) -> list[str]:
        return [name for name in self.folders if name not in self.gone]

    def submit(self, request: bytes, worker: str | None = None) -> Future[bytes]:
        assert worker is not None
        self.sent.append((worker, unpack(request)[0]))
        future: Future[bytes] = Future()
        if len(self.sent) == self.dies_at:
            if self.leaves:
                self.gone.add(worker)
            future.set_exception(CellDied("its process ended with -9"))
            return future
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("QUOTEWRIGHT_DATA", str(self.folders[worker]))
            future.set_result(run(request))
        return future

    def stop(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing is left."""

    def count(self, kind: type) -> int:
        return sum(isinstance(request, kind) for _, request in self.sent)


@attrs.define
class Lines:
    """What is told of it."""

    lines: list[str] = attrs.field(factory=list)
    size: int = 0
    told: int = 0

    def say(self, line: str) -> None:
        self.lines.append(line)

    @contextmanager
    def sending(self, what: str, size: int) -> Iterator[Callable[[int], None]]:
        self.lines.append(what)
        self.size = size

        def advance(count: int) -> None:
            self.told += count

        yield advance


def sample() -> Shipment:
    return Shipment(ELSEWHERE, open_dataset(SAMPLE))


def send(machines: Machines, *shipments: Shipment, after: int = 10**9) -> Lines:
    """Send them; broken off after so many requests."""
    lines = Lines()
    ship(
        machines,
        shipments or (sample(),),
        broken_off=lambda: len(machines.sent) >= after,
        watch=lines,
    )
    return lines


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def a_large_one(folder: Path) -> Shipment:
    """A dataset whose part is longer than two pieces; nobody reads its records."""
    shutil.copytree(SAMPLE, folder)
    part = os.urandom(2 * PIECE_BYTES + 1000)
    (folder / "part-0001.zst").write_bytes(part)
    meta = msgspec.json.decode((SAMPLE / META_NAME).read_bytes())
    meta["parts"][0]["sha256"] = hashlib.sha256(part).hexdigest()
    meta["contents"] = "0" * 64
    (folder / META_NAME).write_bytes(msgspec.json.encode(meta))
    return Shipment(ELSEWHERE, open_dataset(folder))


def test_a_parcel_is_read_as_it_was_written_and_no_cell_is_one(tmp_path: Path) -> None:
    begin = Begin(token=TOKEN, digest="0" * 64, size=3)
    assert unpack(pack(begin, b"\0{}")) == (begin, b"\0{}")
    _, chosen = planned(tmp_path)
    assert not is_parcel(chosen[0][1].train[0].request(60.0))


@pytest.mark.parametrize(
    "name", ["../part-0001.zst", "meta.json", "part-0001.zst\n", "/etc/passwd"]
)
def test_a_piece_of_a_file_that_is_no_part_is_not_read(name: str) -> None:
    piece = Piece(token=TOKEN, digest="0" * 64, name=name, offset=0, sha256="0" * 64)
    with pytest.raises(ValueError, match="name"):
        unpack(pack(piece))


def test_machines_that_share_a_folder_are_sent_a_dataset_once(tmp_path: Path) -> None:
    machines = Machines({"a1": tmp_path / "a", "a2": tmp_path / "a", "b": tmp_path / "b"})
    lines = send(machines)
    assert [worker for worker, request in machines.sent if isinstance(request, Begin)] == [
        "a1",
        "b",
    ]
    digest = open_dataset(SAMPLE).meta.digest
    for folder in (tmp_path / "a", tmp_path / "b"):
        assert files(folder / digest) == files(SAMPLE)
        assert not list((folder / ".arriving").iterdir())
    assert lines.told == 2 * lines.size > 0
    assert str(tmp_path / "a") in "\n".join(lines.lines)


def test_a_dataset_that_is_there_already_is_not_sent(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path / "under-its-own-name")
    machines = Machines({"a": tmp_path})
    lines = send(machines)
    assert [type(request) for _, request in machines.sent] == [Look]
    assert "lacks no dataset" in lines.lines[0]


def test_a_long_part_goes_in_pieces_of_8_mib(tmp_path: Path) -> None:
    shipment = a_large_one(tmp_path / "large")
    machines = Machines({"a": tmp_path / "a"})
    lines = send(machines, shipment)
    assert machines.count(Piece) == 3
    assert lines.told == lines.size == 2 * PIECE_BYTES + 1000
    assert files(tmp_path / "a" / shipment.digest) == files(tmp_path / "large")


def test_a_worker_that_is_lost_once_is_asked_again(tmp_path: Path) -> None:
    machines = Machines({"a": tmp_path / "a"}, dies_at=3)
    send(machines)
    assert files(tmp_path / "a" / sample().digest) == files(SAMPLE)


def test_of_a_worker_that_left_the_next_one_of_its_machine_is_sent_all(tmp_path: Path) -> None:
    machines = Machines({"a1": tmp_path, "a2": tmp_path}, dies_at=3, leaves=True)
    lines = send(machines)
    assert files(tmp_path / sample().digest) == files(SAMPLE)
    assert lines.lines.count("--ship: a1 is gone, and gets nothing") == 1


def test_a_cut_transfer_leaves_no_half_dataset_and_is_found_by_nobody(tmp_path: Path) -> None:
    machines = Machines({"a": tmp_path / "a"}, dies_at=5, leaves=True)
    shipment = a_large_one(tmp_path / "large")
    with pytest.raises(NoCluster):
        send(machines, shipment)
    assert machines.count(Piece) == 3
    assert not list((tmp_path / "a").glob(f"*/{META_NAME}"))
    send(Machines({"a": tmp_path / "a"}), shipment)
    assert files(tmp_path / "a" / shipment.digest) == files(tmp_path / "large")


def test_a_signal_in_mid_transfer_leaves_nothing_there(tmp_path: Path) -> None:
    machines = Machines({"a": tmp_path / "a"})
    with pytest.raises(NotShipped, match="broken off") as refused:
        send(machines, a_large_one(tmp_path / "large"), after=4)
    assert refused.value.code is ExitCode.FORCED
    assert not files(tmp_path / "a")


def test_what_was_left_of_a_cut_transfer_goes_after_a_day(tmp_path: Path) -> None:
    arriving = tmp_path / ".arriving"
    for name, age_s in (("old", 90_000), ("of-another-sweep", 60)):
        (arriving / name).mkdir(parents=True)
        then = (arriving / name).stat().st_mtime - age_s
        os.utime(arriving / name, (then, then))
    send(Machines({"a": tmp_path}))
    assert [each.name for each in arriving.iterdir()] == ["of-another-sweep"]


def test_a_full_disk_is_told_with_its_cure_and_loses_nothing(tmp_path: Path) -> None:
    send(Machines({"a": tmp_path / "a"}))
    before = files(tmp_path / "a")
    shipment = a_large_one(tmp_path / "large")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (PIECE_BYTES + 1000, hard))
    try:
        with pytest.raises(NotShipped, match=r"(?s)File too large.*\$QUOTEWRIGHT_DATA") as refused:
            send(Machines({"a": tmp_path / "a"}), shipment)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refused.value.code is ExitCode.IO_ERROR
    assert files(tmp_path / "a") == before
    assert not list((tmp_path / "a" / ".arriving").iterdir())


def asked(request: bytes) -> object:
    return decode_reply(run(request))


@pytest.fixture
def _kept_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUOTEWRIGHT_DATA", str(tmp_path / "kept"))


@pytest.mark.usefixtures("_kept_apart")
def test_what_does_not_fit_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    text, digest = (SAMPLE / META_NAME).read_bytes(), sample().digest
    refused = asked(pack(Begin(token=TOKEN, digest=digest, size=10**18), text))
    assert isinstance(refused, NotKept)
    assert "1,000,000,000,000,000,000 bytes do not fit" in refused.why
    assert not list((tmp_path / "kept" / ".arriving").iterdir())


@pytest.mark.usefixtures("_kept_apart")
def test_a_garbled_piece_is_asked_for_again_and_a_wrong_part_is_never_named(
    tmp_path: Path,
) -> None:
    text, digest = (SAMPLE / META_NAME).read_bytes(), sample().digest
    assert asked(pack(Begin(token=TOKEN, digest=digest, size=4), text)) == Taken()
    piece = Piece(
        token=TOKEN, digest=digest, name="part-0001.zst", offset=0, sha256=sha256_of(b"good")
    )
    assert asked(pack(piece, b"evil")) == Garbled()
    assert asked(pack(piece, b"good")) == Taken()
    refused = asked(pack(Finish(token=TOKEN, digest=digest), text))
    assert isinstance(refused, NotKept)
    assert "its sha256 is another" in refused.why
    assert not files(tmp_path / "kept")


@pytest.mark.usefixtures("_kept_apart")
def test_the_meta_of_another_dataset_is_refused() -> None:
    text = (SAMPLE / META_NAME).read_bytes()
    refused = asked(pack(Begin(token=TOKEN, digest="0" * 64, size=4), text))
    assert refused == NotKept(why="its meta.json is that of another dataset")


def test_two_transfers_at_once_end_with_one_whole_dataset(tmp_path: Path) -> None:
    first, second = Machines({"a": tmp_path}), Machines({"a": tmp_path})

    class Meanwhile(Lines):
        @override
        @contextmanager
        def sending(self, what: str, size: int) -> Iterator[Callable[[int], None]]:
            send(second)
            yield lambda _: None

    ship(first, (sample(),), broken_off=lambda: False, watch=Meanwhile())
    assert (first.count(Finish), second.count(Finish)) == (1, 1)
    assert files(tmp_path / sample().digest) == files(SAMPLE)
    assert not list((tmp_path / ".arriving").iterdir())


def test_a_damaged_dataset_here_is_named_and_nothing_of_it_stays_there(tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(SAMPLE, folder)
    (folder / "part-0001.zst").write_bytes(b"something else")
    with pytest.raises(NotShipped, match="is damaged here") as refused:
        send(Machines({"a": tmp_path / "a"}), Shipment(ELSEWHERE, open_dataset(folder)))
    assert refused.value.code is ExitCode.NO_INPUT
    assert not files(tmp_path / "a")


def test_a_damaged_copy_at_the_worker_makes_way(tmp_path: Path) -> None:
    place = tmp_path / sample().digest
    place.mkdir()
    (place / META_NAME).write_text("{")
    send(Machines({"a": tmp_path}))
    assert files(place) == files(SAMPLE)


def test_on_this_machine_nothing_is_sent_and_that_is_said(tmp_path: Path) -> None:
    runner, lines = LocalRunner(1), Lines()
    ship(runner, (sample(),), broken_off=lambda: False, watch=lines)
    runner.close()
    assert lines.lines == [LOCAL]
    done = in_process("sweep", str(a_plan(tmp_path)), "--jobs", "1", "--ship")
    assert (done.returncode, LOCAL in done.stderr) == (0, True), done.stderr


def test_the_seam_of_this_machine_takes_parcels_as_a_cluster_does(tmp_path: Path) -> None:
    runner = LocalRunner(1)
    wanted = ((ELSEWHERE, "0" * 64), (str(SAMPLE), sample().digest))
    found = decode_reply(runner.submit(pack(Look(wanted=wanted))).result(30))
    runner.close()
    assert isinstance(found, Found)
    assert found.lacks == ("0" * 64,)


def test_a_worker_without_the_dataset_names_ship_as_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = a_plan(tmp_path)
    data = tmp_path / "doge"
    shutil.copytree(SAMPLE, data)
    _, chosen = planned(tmp_path, plan.read_text().replace(str(SAMPLE), str(data)))
    request = chosen[0][1].train[0].request(60.0)
    data.rename(tmp_path / "away")
    monkeypatch.setenv("QUOTEWRIGHT_DATA", str(tmp_path / "none"))
    failed = decode_cell(backtested(request))
    assert isinstance(failed, CellFailure)
    assert "No such file" in failed.failed
    assert "--ship" in failed.failed
    monkeypatch.setenv("QUOTEWRIGHT_DATA", str(tmp_path))
    assert not isinstance(decode_cell(backtested(request)), CellFailure)


def test_without_the_variable_datasets_are_kept_below_the_cache_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QUOTEWRIGHT_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_folder() == tmp_path / ".cache" / "quotewright" / "datasets"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert data_folder() == tmp_path / "cache" / "quotewright" / "datasets"


def test_a_path_that_is_wrong_never_means_another_dataset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUOTEWRIGHT_DATA", str(SAMPLE.parent))
    with pytest.raises(NoDataset):
        find(DataSpan(path=str(tmp_path / "mistyped"), digest=""))
    assert isinstance(find(DataSpan(path=ELSEWHERE, digest=sample().digest)), Dataset)
