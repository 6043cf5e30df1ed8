#!/usr/bin/env python3
"""Measures how long AlpacaEval's score of 805 annotations takes, the refit of the length-controlled win rate and its cross-validation
included: moa beside the official package, the function beside the function and the whole process beside the whole process.

Rounds go through both in turn, so that a machine whose speed drifts treats both alike. The package comes from the package index into a
virtual environment in the cache folder; the annotations come from the folder that MOA_EVAL_DATA names.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
import venv

from mixtures.cache import cache_folder
from provenance import commit_of_this_folder, machine

HERE = pathlib.Path(__file__).parent
# The package, and versions of what it computes with that work together.
PACKAGES = ["alpaca-eval==0.6.6", "numpy==2.4.6", "pandas==3.1.1", "scikit-learn==1.9.1", "pyarrow==26.0.1", "datasets==5.2.0"]
FILES = ["FuseChat-Gemma-2-9B-Instruct", "claude-2.1", "gpt-3.5-turbo-1106"]
HEAD = """# How long a score takes

{machine}; {packages}; commit {commit}; {rounds} rounds, the two in turn in each. Milliseconds: the median, the smallest and the largest in
brackets. A score of 805 annotations is the win rates, and the length-controlled win rate refitted with all ten C in five folds. Written by
`make bench-scoring`.

"Call" is what computes the score from rows in memory; "from the file" includes reading its 3 to 4 MB of JSON and the tables; "process" is
everything from the start of a program to its end, which in Python is mostly importing.
"""


def main() -> None:
    arguments = parse_arguments()
    data = pathlib.Path(arguments.data) / "alpaca_eval"
    gamed = next(path for path in (data / "df_gamed.csv", data / "df_gamed_surrogate.csv") if path.exists())
    python = official_python()
    report = {"machine": machine(), "commit": commit_of_this_folder(), "packages": PACKAGES, "rounds": arguments.rounds, "files": {}}
    for name in FILES:
        annotations = data / "annotations" / f"{name}.json"
        figures = {key: [] for key in ("moa_call", "moa_file", "moa_process", "official_call", "official_file", "official_process")}
        ours = official = {}
        for _ in range(arguments.rounds):
            ours = timed([arguments.example, annotations, gamed], figures, "moa_example_process")
            figures["moa_call"].append(statistics.median(ours["whole_ms"]) - statistics.median(ours["reading_ms"]))
            figures["moa_file"].append(statistics.median(ours["whole_ms"]))
            command = [arguments.moa, "eval", "alpaca-eval", "score", "--annotations", annotations, "--gamed", gamed, "--format", "json"]
            timed(command, figures, "moa_process")
            official = timed([python, HERE / "scoring" / "official.py", annotations, gamed, "1"], figures, "official_process")
            several = timed([python, HERE / "scoring" / "official.py", annotations, gamed, str(arguments.calls)], figures, "official_repeated")
            # The first call of a process pays for what Python loads late.
            figures["official_call"].append(statistics.median(several["call_ms"][1:]))
            figures["official_file"].append(statistics.median(several["whole_ms"][1:]))
        agree(name, ours["score"], official["scores"])
        report["files"][name] = {"figures": figures, "moa": ours["score"]["length_controlled_winrate"], "official": official["scores"]["length_controlled_winrate"]}
        print(f"{name}: {json.dumps({key: round(statistics.median(values), 2) for key, values in figures.items()})}", file=sys.stderr)
        pathlib.Path(arguments.json).write_text(json.dumps(report, indent=1) + "\n")
    pathlib.Path(arguments.table).write_text(render(report))
    print(pathlib.Path(arguments.table).read_text())


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moa", default="target/release/moa", help="the program")
    parser.add_argument("--example", default="target/release/examples/score_alpaca", help="the example that times the function")
    parser.add_argument("--data", default=os.environ.get("MOA_EVAL_DATA"), required="MOA_EVAL_DATA" not in os.environ)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=4, help="calls of the package's function in one process, of which the first does not count")
    parser.add_argument("--json", default=HERE / "scoring.json")
    parser.add_argument("--table", default=HERE / "scoring.md")
    return parser.parse_args()


def official_python() -> pathlib.Path:
    """A Python with the official package, made once in the cache folder."""
    folder = cache_folder() / "alpaca-eval"
    python, done, wanted = folder / "bin" / "python", folder / "packages.txt", "\n".join(PACKAGES)
    if not done.exists() or done.read_text() != wanted:
        print(f"installing the official package into {folder} (once)", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        done.write_text(wanted)
    return python


def timed(command: list, figures: dict, key: str) -> dict:
    """Runs a program that prints one JSON object, and notes how long all of it took."""
    start = time.perf_counter()
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    figures.setdefault(key, []).append((time.perf_counter() - start) * 1e3)
    return json.loads(output)


def agree(name: str, ours: dict, official: dict) -> None:
    """A quick wrong score would be no score. Cross-validation may choose another C, which moves the last number a little."""
    for measure, tolerance in (("win_rate", 1e-6), ("standard_error", 1e-6), ("length_controlled_winrate", 0.2)):
        if abs(ours[measure] - official[measure]) > tolerance:
            raise SystemExit(f"{name}: {measure} is {ours[measure]} and the official package says {official[measure]}")


def render(report: dict) -> str:
    text = HEAD.format(**{**report, "packages": ", ".join(report["packages"])})
    for name, file in report["files"].items():
        figures = file["figures"]
        text += f"\n## {name}\n\n| | moa | alpaca-eval 0.6.6 | times |\n|---|---|---|---|\n"
        for label, key in (("call", "call"), ("from the file", "file"), ("process", "process")):
            ours, official = figures[f"moa_{key}"], figures[f"official_{key}"]
            ratios = [theirs / mine for mine, theirs in zip(ours, official)]
            text += f"| {label} | {spread(ours, 2)} | {spread(official, 0)} | {spread(ratios, 0)} |\n"
        text += f"\nLength-controlled win rate: {file['moa']:.3f}, and {file['official']:.3f} of the package.\n"
    return text


def spread(values: list[float], decimals: int) -> str:
    return f"{statistics.median(values):.{decimals}f} ({min(values):.{decimals}f} to {max(values):.{decimals}f})"


if __name__ == "__main__":
    main()
