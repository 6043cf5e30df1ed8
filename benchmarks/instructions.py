#!/usr/bin/env python3
"""Counts the instructions that `moa serve` takes for a request, with callgrind (guarantee P5), and compares them with the budget.

Clocks swing with the machine; instructions hardly do. The server runs whole under valgrind, before `moa-mock`, and answers one request after the other;
what it executes between two readings of the counter, by the number of requests, is what one takes, storing included. Budgets stand in instructions.json
and hold for the toolchain that is named there: another compiler makes other instructions. `--write` makes what was counted the budget.
"""

import argparse
import json
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "scripts"))
from provenance import commit_of_this_folder
from served import served

# The part by which a count may differ from its budget.
TOLERANCE = 0.02
WINDOWS = 3
# What is asked: the model or mixture, whether as a stream, and how often in a window.
REQUESTS = {
    "one model, whole": ("alone", False, 100),
    "one model, a stream of 150 chunks": ("stamped", True, 20),
    "a mixture of 4 calls, whole": ("alone-again", False, 40),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moa", default="target/release/moa", help="the program that is measured")
    parser.add_argument("--mock", default="target/release/moa-mock", help="the mock's program")
    parser.add_argument("--json", type=pathlib.Path, default=HERE / "instructions.json")
    parser.add_argument("--write", action="store_true", help="makes what was counted the budget")
    arguments = parser.parse_args()
    if not shutil.which("valgrind"):
        print("instructions: skipped, there is no valgrind")
        return 0
    counted = count(pathlib.Path(arguments.moa).resolve(), arguments.mock)
    if arguments.write:
        kept = {"toolchain": toolchain(), "commit": commit_of_this_folder(), "instructions": counted}
        arguments.json.write_text(json.dumps(kept, indent=1) + "\n")
        return 0
    budget = json.loads(arguments.json.read_text())
    if budget["toolchain"] != toolchain():
        print(f"the budgets are those of {budget['toolchain']}, this is {toolchain()}: what differs may be the compiler's")
    # Fewer than the budget is news, too: the budget is to be lowered then.
    beyond = [name for name, instructions in counted.items() if abs(instructions / budget["instructions"][name] - 1) > TOLERANCE]
    for name, instructions in counted.items():
        allowed = budget["instructions"][name]
        print(f"{name}: {instructions:,} instructions, {instructions / allowed - 1:+.1%} of {allowed:,}{'  BEYOND 2 %' if name in beyond else ''}")
    return 1 if beyond else 0


def count(moa: pathlib.Path, mock: str) -> dict[str, int]:
    """The instructions of each request, the median of some windows."""
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        wrapped = place / "moa"
        wrapped.write_text(f'#!/bin/sh\nexec valgrind --quiet --tool=callgrind --callgrind-out-file={place}/out "{moa}" "$@"\n')
        wrapped.chmod(0o755)
        with served(wrapped, mock, HERE / "serving" / "mock.toml", HERE / "serving" / "moa.toml.in") as here:
            counted = {}
            for name, (model, stream, requests) in REQUESTS.items():
                # The first ones open connections and fill caches.
                ask(here.url, model, stream, requests)
                windows = [window(place, here, model, stream, requests) for _ in range(WINDOWS)]
                print(f"{name}: {', '.join(f'{each:,}' for each in windows)}", file=sys.stderr)
                counted[name] = round(statistics.median(windows))
        return counted


def window(place: pathlib.Path, here, model: str, stream: bool, requests: int) -> int:
    control(here, "--zero")
    ask(here.url, model, stream, requests)
    before = set(place.glob("out.*"))
    # Writes the counts since the counter was set to zero.
    control(here, "--dump")
    (written,) = set(place.glob("out.*")) - before
    return int(re.search(r"^totals: (\d+)", written.read_text(), re.MULTILINE).group(1)) // requests


def control(here, what: str) -> None:
    subprocess.run(["callgrind_control", what, str(here.server.process.pid)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ask(url: str, model: str, stream: bool, times: int) -> None:
    body = json.dumps({"model": model, "stream": stream, "messages": [{"role": "user", "content": "Why is the sky blue? " * 40}]}).encode()
    for _ in range(times):
        request = urllib.request.Request(f"{url}/v1/chat/completions", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as response:
            response.read()


def toolchain() -> str:
    rustc = subprocess.run(["rustc", "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()[1]
    return f"rustc {rustc}, {platform.libc_ver()[0]} {platform.libc_ver()[1]}, {platform.machine()}"


if __name__ == "__main__":
    sys.exit(main())
