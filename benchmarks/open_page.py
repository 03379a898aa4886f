"""
A page that is left open: does what it keeps grow?

    python -m benchmarks.open_page [--minutes 120] [--every 5]

An engine makes a market (paper), its page is served and open in Chromium, showing two hours. Every
few minutes: the heap, nodes and listeners of the page once its garbage was collected, the memory
of the page's server and of the engine, and how often the console has said anything. (Needs
Chromium, node and `npm ci --prefix tests/web`.)
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.web import a_page, an_engine, rss_mb

SCRIPT = Path(__file__).with_suffix(".mjs")


def watch(minutes: float, every_min: float) -> None:
    # The script waits until the page shows an engine.
    with an_engine() as engine, a_page(engine.folder) as (server, address):
        line = [
            str(shutil.which("node")),
            str(SCRIPT),
            address,
            f"{minutes}",
            f"{60 * every_min}",
        ]
        chromium = {**os.environ, "CHROMIUM": str(shutil.which("chromium"))}
        print("| minutes | page's heap MB | nodes | listeners | server MB | engine MB | console |")
        print("|---|---|---|---|---|---|---|", flush=True)
        with subprocess.Popen(line, env=chromium, stdout=subprocess.PIPE, text=True) as browser:
            assert browser.stdout is not None
            for text in browser.stdout:
                told = json.loads(text)
                print(
                    f"| {told['minutes']:.0f} | {told['heap'] / 1e6:.2f} | {told['nodes']}"
                    f" | {told['listeners']} | {rss_mb(server.pid):.1f}"
                    f" | {rss_mb(engine.process.pid):.1f} | {told['said']} |",
                    flush=True,
                )
        if browser.returncode:
            sys.exit(f"the browser ended with {browser.returncode}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.open_page", description=(__doc__ or "").splitlines()[1]
    )
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--every", type=float, default=5.0, help="minutes between two looks")
    arguments = parser.parse_args()
    watch(arguments.minutes, arguments.every)
