#!/usr/bin/env python3
"""Tests the page of `moa serve`: its modules, and the page in headless Chromium, once against the development server, which plays faults on
demand, and once against the real `moa serve` before a mock. What is missing is installed where apt and npm are allowed; where it cannot be
had, that is said and the rest is tested.
"""

import argparse
import os
import shutil
import subprocess
from pathlib import Path

from served import ROOT, served

TESTS = ROOT / "crates" / "moa-server" / "page-tests"
HERE = ROOT / "scripts" / "page"
PATIENCE_S = 900


def can_have_a_browser():
    """Installs Chromium, Node.js and the package that drives the one from the other, where they are missing."""
    if subprocess.run([ROOT / "scripts" / "bootstrap.sh", "page"], check=False).returncode != 0:
        return False
    if (TESTS / "node_modules" / "playwright-core").exists():
        return True
    return subprocess.run(["npm", "install", "--no-fund", "--no-audit", "--silent"], cwd=TESTS, check=False).returncode == 0


def run(*command, **environment):
    print("+", *(f"{name}={value}" for name, value in environment.items()), *command, flush=True)
    subprocess.run(command, cwd=TESTS, check=True, timeout=PATIENCE_S, env={**os.environ, **environment})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moa", default=ROOT / "target" / "debug" / "moa", type=Path)
    parser.add_argument("--mock", default=ROOT / "target" / "debug" / "moa-mock", type=Path)
    arguments = parser.parse_args()
    has_browser = can_have_a_browser()
    if not shutil.which("node"):
        print("page: skipped, there is no Node.js")
        return
    run("npm", "test")
    if not has_browser:
        print("page: skipped in a browser, there is no Chromium or no playwright-core")
        return
    run("npm", "run", "test:browser")
    with served(arguments.moa, arguments.mock, HERE / "mock.toml", HERE / "moa.toml.in") as here:
        # The mock does what a word in brackets asks for.
        run("npm", "run", "test:browser", MOA_PAGE_URL=here.url, MOA_PAGE_PRESET="trio", MOA_PAGE_OBEYS="1")


if __name__ == "__main__":
    main()
