#!/usr/bin/env python3
"""Tests the page of `moa serve`: its modules, and the page in headless Chromium against the development server. What is missing is installed
where apt and npm are allowed; where it cannot be had, that is said and the rest is tested.
"""

import shutil
import subprocess

from served import ROOT

TESTS = ROOT / "crates" / "moa-server" / "page-tests"
PATIENCE_S = 900


def can_have_a_browser():
    """Installs Chromium, Node.js and the package that drives the one from the other, where they are missing."""
    if subprocess.run([ROOT / "scripts" / "bootstrap.sh", "page"], check=False).returncode != 0:
        return False
    if (TESTS / "node_modules" / "playwright-core").exists():
        return True
    return subprocess.run(["npm", "install", "--no-fund", "--no-audit", "--silent"], cwd=TESTS, check=False).returncode == 0


def run(*command):
    print("+", *command, flush=True)
    subprocess.run(command, cwd=TESTS, check=True, timeout=PATIENCE_S)


def main():
    has_browser = can_have_a_browser()
    if not shutil.which("node"):
        print("page: skipped, there is no Node.js")
        return
    run("npm", "test")
    if not has_browser:
        print("page: skipped in a browser, there is no Chromium or no playwright-core")
        return
    run("npm", "run", "test:browser")


if __name__ == "__main__":
    main()
