#!/usr/bin/env python3
"""Times a three-layer mixture of three local models: moa beside llama-server on the same files, prompts and settings.

Every round asks each set-up in turn, so that a machine whose speed drifts treats all of them alike. Greedy, the same number of
tokens at most for every answer, the same wording of the references. A run can be made in pieces: each call adds what it
measures to the JSON file, in place of what was measured of the same set-up, prompt and round, and renders the table anew.
"""

import argparse
import json
import os
import pathlib
import platform
import signal
import subprocess
import sys

import llama_server
import mixture_report
import model_alone
from mixture_setups import Moa, Setups

# One of each kind: a line, code, prose, Japanese, a list, several paragraphs, reasoning.
PROMPTS = [
    "What is the capital of Australia?",
    "Write a Python function that returns the n-th Fibonacci number, and explain its complexity.",
    "Tell a story about a lighthouse keeper who finds a letter in a bottle.",
    "日本の首都はどこですか。その都市の特徴を三つ挙げてください。",
    "List eight things to check on a bicycle before a long tour.",
    "Explain in three paragraphs why the sky is blue during the day but red at sunset.",
    "A train leaves at 9:40 and arrives at 13:05. It stopped for 25 minutes on the way. How long was it moving?",
]


def main() -> None:
    arguments = parse_arguments()
    moa = Moa(pathlib.Path(arguments.moa).resolve(), "local", arguments.max_tokens)
    report = load(arguments)
    if arguments.models:
        report["models"] = {model: model_alone.measure(model, moa, server_program(arguments), arguments.model_rounds) for model in moa.models}
        save(arguments, report)
    if arguments.setups:
        # Ends the servers and the chat also when this is told to end.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped; what was measured is kept"))
        measure(arguments, moa, report)
    save(arguments, report)
    print(pathlib.Path(arguments.table).read_text())


def save(arguments: argparse.Namespace, report: dict) -> None:
    pathlib.Path(arguments.json).write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    pathlib.Path(arguments.table).write_text(mixture_report.render(report))


def parse_arguments() -> argparse.Namespace:
    here = pathlib.Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moa", default="target/release/moa", help="moa's binary")
    parser.add_argument("--llama-server", help="an existing llama-server (default: build one in a cache folder)")
    parser.add_argument("--rounds", type=numbers, default=[1, 2], help="rounds, such as 1 or 1,2 (default: 1,2)")
    parser.add_argument(
        "--prompts", type=numbers, default=list(range(1, len(PROMPTS) + 1)), help="numbers of prompts, such as 1,2,5 (default: all)"
    )
    default = "moa,sequential,at-once,moa-cold,sequential-cold"
    parser.add_argument("--setups", type=names, default=names(default), help=f"of {', '.join(Setups.NAMES)} (default: {default})")
    parser.add_argument("--models", action="store_true", help="also measure each model alone, in moa and in llama-server")
    parser.add_argument("--model-rounds", type=int, default=3, help="rounds of that (default: 3)")
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    parser.add_argument("--json", default=here / "local_mixture.json")
    parser.add_argument("--table", default=here / "local_mixture.md")
    return parser.parse_args()


def numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def names(text: str) -> list[str]:
    chosen = [name for name in text.split(",") if name]
    unknown = [name for name in chosen if name not in Setups.NAMES]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown set-up: {', '.join(unknown)}")
    return chosen


def load(arguments: argparse.Namespace) -> dict:
    """What was measured so far with the same settings on the same machine, or nothing."""
    empty = {
        "machine": machine(),
        "settings": {"max_tokens": arguments.max_tokens},
        "llama_server_package": llama_server.PACKAGE,
        "models": {},
        "runs": [],
    }
    path = pathlib.Path(arguments.json)
    if arguments.fresh or not path.exists():
        return empty
    report = json.loads(path.read_text())
    alike = all(report.get(key) == empty[key] for key in ("machine", "settings", "llama_server_package"))
    if not alike:
        sys.exit(f"{path} is of another machine or other settings: --fresh begins anew")
    return report


def measure(arguments: argparse.Namespace, moa: Moa, report: dict) -> None:
    setups = Setups(moa, server_program(arguments), arguments.max_tokens)
    commit = commit_of_this_folder()
    try:
        for round_number in arguments.rounds:
            for number in arguments.prompts:
                prompt = PROMPTS[number - 1]
                # Another prompt in every round: no set-up may answer out of what it kept of an earlier one.
                asked = f"[{round_number}] {prompt}"
                for name in arguments.setups:
                    place = {"setup": name, "prompt": prompt, "round": round_number}
                    run = {**place, "commit": commit, **setups.ask(name, asked)}
                    report["runs"] = [other for other in report["runs"] if not place.items() <= other.items()] + [run]
                    save(arguments, report)
                    speed = run["completion_tokens"] / run["seconds"]
                    print(f"{run['seconds']:7.1f} s {speed:6.1f} tok/s  {name}: {prompt[:40]}", file=sys.stderr)
    finally:
        setups.stop()


def server_program(arguments: argparse.Namespace) -> pathlib.Path:
    return pathlib.Path(arguments.llama_server) if arguments.llama_server else llama_server.build()


def commit_of_this_folder() -> str:
    here = pathlib.Path(__file__).parent
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*"], cwd=here, capture_output=True, text=True, check=False
    )
    return described.stdout.strip() or "unknown"


def machine() -> str:
    names = [line for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    name = names[0].split(":", 1)[1].strip() if names else platform.processor()
    return f"{name}, {os.cpu_count()} cores"


if __name__ == "__main__":
    main()
