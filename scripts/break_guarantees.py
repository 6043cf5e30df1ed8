#!/usr/bin/env python3
"""Breaks guarantees one by one, and sees whether a test notices.

Each break changes one place of the code in a copy of the repository, runs the tests of the crates named with it, and expects at least one to
fail. A break that no test notices is a guarantee that is not proven. The copy is a git worktree below the target folder, so what is broken
is the last commit; its build is kept for the next time.

    scripts/break_guarantees.py             all
    scripts/break_guarantees.py R2 R3       some
    scripts/break_guarantees.py --light     all but those of the program itself, which build llama.cpp first
    scripts/break_guarantees.py --new       those that the table does not have
    scripts/break_guarantees.py --list      what there is

What was tried takes its place in the table of docs/guarantees-broken.md, where every line says at which commit that was; lines of breaks that
there are no longer go.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import breaks
import breaks_server
from breaks import Break

ROOT = pathlib.Path(__file__).resolve().parent.parent
COPY = ROOT / "target" / "broken"
BUILD = ROOT / "target" / "broken-build"
TABLE = ROOT / "docs" / "guarantees-broken.md"
# What the table says where no test failed.
UNNOTICED = "**none**"
# A broken guarantee may be one that something ends.
PATIENCE_SECONDS = 60
# Those of the program itself kill it many times.
PROGRAM_PATIENCE_SECONDS = 300

# Those of one guarantee stand together.
BREAKS = breaks.BREAKS + breaks_server.BREAKS
ORDER = {guarantee: place for place, guarantee in enumerate([*(f"R{number}" for number in range(1, 20)), "cost"])}
BREAKS.sort(key=lambda each: ORDER[each.guarantee])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("guarantees", nargs="*", help="such as R2 or cost; without any, all")
    parser.add_argument("--light", action="store_true", help="leave out what has to build llama.cpp")
    parser.add_argument("--new", action="store_true", help="only what the table does not have")
    parser.add_argument("--list", action="store_true", help="list the breaks")
    arguments = parser.parse_args()
    chosen = [each for each in BREAKS if not arguments.guarantees or each.guarantee in arguments.guarantees]
    rows = known_rows()
    if arguments.new:
        chosen = [each for each in chosen if key(each) not in rows]
    if arguments.light:
        chosen = [each for each in chosen if "moa" not in each.packages]
    if arguments.list:
        for each in chosen:
            print(f"{each.guarantee:5} {each.file}: {each.what}")
        return
    commit = make_copy()
    noticed = 0
    try:
        for each in chosen:
            failed = outcome(each)
            noticed += bool(failed)
            rows[key(each)] = row(each, failed, commit)
            TABLE.write_text(table(rows))
    finally:
        subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", COPY], check=False)
    print(f"{noticed} of {len(chosen)} breaks are noticed")
    sys.exit(0 if noticed == len(chosen) else 1)


def make_copy() -> str:
    if COPY.exists():
        subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", COPY], check=False)
        shutil.rmtree(COPY, ignore_errors=True)
    subprocess.run(["git", "-C", ROOT, "worktree", "prune"], check=True)
    subprocess.run(["git", "-C", ROOT, "worktree", "add", "--quiet", "--detach", COPY, "HEAD"], check=True)
    described = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], check=True, capture_output=True, text=True)
    return described.stdout.strip()


def outcome(each: Break) -> list[str]:
    """The tests that fail under a break; a test that never ends counts."""
    path = COPY / each.file
    whole = path.read_text()
    if whole.count(each.old) != 1:
        raise SystemExit(f"{each.file} has this {whole.count(each.old)} times and not once: {each.old}")
    begin = time.monotonic()
    path.write_text(whole.replace(each.old, each.new))
    try:
        failed = failing_tests(each)
    finally:
        path.write_text(whole)
    said = ", ".join(failed[:3]) or "NOBODY NOTICED"
    print(f"{each.guarantee:5} {each.what}: {said} ({time.monotonic() - begin:.0f} s)", flush=True)
    return failed


def failing_tests(each: Break) -> list[str]:
    packages = [argument for package in each.packages for argument in ("-p", package)]
    command = ["cargo", "test", "--locked", "--no-fail-fast", *packages, *(each.filter or ("--lib", "--tests"))]
    environment = {**os.environ, "CARGO_TARGET_DIR": str(BUILD), "RUSTFLAGS": "-A warnings"}
    options = {"cwd": COPY, "env": environment, "text": True, "errors": "replace", "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    built = subprocess.run([*command, "--no-run"], check=False, **options)
    if built.returncode != 0:
        raise SystemExit(f"a break has to compile, and this one does not: {each}\n{built.stderr[-3000:]}")
    # A group of its own, so that a test that never ends can be ended.
    with subprocess.Popen(command, start_new_session=True, **options) as run:
        try:
            output, _ = run.communicate(timeout=PROGRAM_PATIENCE_SECONDS if each.filter else PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.communicate()
            return ["a test that never ends"]
    return sorted(set(re.findall(r"^test (\S+) (?:- should panic )?\.\.\. FAILED", output, re.MULTILINE)))


def key(each: Break) -> tuple[str, str]:
    return each.guarantee, each.what


def known_rows() -> dict[tuple[str, str], str]:
    """The lines of the table as it is, by what they are about."""
    lines = TABLE.read_text().splitlines() if TABLE.exists() else []
    rows = {}
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == 5 and cells[0] in ORDER:
            rows[cells[0], cells[1]] = line
    return rows


def row(each: Break, failed: list[str], commit: str) -> str:
    more = f" and {len(failed) - 2} more" if len(failed) > 2 else ""
    said = ", ".join(f"`{test}`" for test in failed[:2]) + more if failed else UNNOTICED
    return f"| {each.guarantee} | {each.what} | `{each.file.removeprefix('crates/')}` | {said} | {commit} |"


def table(rows: dict[tuple[str, str], str]) -> str:
    lines = [
        "# Guarantees, broken one by one",
        "",
        "Written by `make break-guarantees`. Each line of the code was changed as told, the crate's tests were run, and the change was taken back; the "
        "last column has the commit at which that was. [guarantees.md](guarantees.md) says what each guarantee is.",
        "",
        "| # | broken | in | tests that fail | at |",
        "|---|---|---|---|---|",
    ]
    tried = [rows[key(each)] for each in BREAKS if key(each) in rows]
    unnoticed = sum(UNNOTICED in line for line in tried)
    lines += [*tried, "", f"{len(tried)} of {len(BREAKS)} breaks were tried, {unnoticed} of them unnoticed."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
