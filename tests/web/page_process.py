"""`engine web` as a process of its own, beside a place for its engine."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import attrs
import httpx

from tests.engine.engine_process import Site
from tests.engine.in_process import ROOT


@attrs.define
class PageProcess:
    """
    A page that is served.

    Args:
        address: Good for one login.
    """

    process: "subprocess.Popen[str]"
    address: str

    @property
    def port(self) -> int:
        return int(self.origin.rpartition(":")[2])

    @property
    def origin(self) -> str:
        return self.address.partition("/#")[0]

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """A client that is logged in."""
        token = self.address.partition("#")[2]
        with httpx.Client(base_url=self.origin, timeout=20) as client:
            told = client.post("/login", json={"token": token}, headers={"Origin": self.origin})
            told.raise_for_status()
            client.headers.update({"Origin": self.origin, "X-CSRF": told.json()["csrf"]})
            yield client


@contextmanager
def page_process(place: Site, *options: str) -> Iterator[PageProcess]:
    """The page of a place, until the context ends; on a port of its own."""
    log = ("--set", f"log.file={place.log}")
    line = [sys.executable, "-m", "engine", *place.line("web", *options), *log]
    with subprocess.Popen(  # noqa: S603  # our own program
        [*line, "--port", "0"],
        cwd=ROOT,
        env={**os.environ, **place.environment},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            assert "the page is at " in first, first
            yield PageProcess(process, first.split()[-1])
        finally:
            process.kill()
