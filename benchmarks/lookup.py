#!/usr/bin/env python3
"""Measures what reference lookup brings: the same mixture with it and without, in turn, prompt by prompt, greedy.

Each run is a process of its own, whose time is told without loading (from the run's start to its end). Answers agree but for near-ties, from which
on a text may go another way; so speeds are compared and not seconds alone. A run can be made in pieces: what is measured is added to the JSON
file, in place of what was measured of the same prompt and round.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

from local_mixture import PROMPTS, commit_of_this_folder, machine, numbers

HERE = pathlib.Path(__file__).parent
MODES = {"with": "", "without": "[engine]\nlookup = false\n"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moa", default="target/release/moa", help="moa's binary")
    parser.add_argument("--preset", default="local")
    parser.add_argument("--prompts", type=numbers, default=list(range(1, len(PROMPTS) + 1)), help="numbers of prompts, such as 1,2,5 (default: all)")
    parser.add_argument("--rounds", type=numbers, default=[1, 2], help="rounds, such as 1 or 1,2 (default: 1,2)")
    parser.add_argument("--temperature", default="0")
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--json", type=pathlib.Path, default=HERE / "lookup.json")
    parser.add_argument("--table", type=pathlib.Path, default=HERE / "lookup.md")
    arguments = parser.parse_args()
    settings = {"preset": arguments.preset, "temperature": arguments.temperature, "max_tokens": arguments.max_tokens}
    report = {"machine": machine(), "settings": settings, "runs": []}
    if arguments.json.exists():
        before = json.loads(arguments.json.read_text())
        report = before if before["machine"] == report["machine"] and before["settings"] == settings else report
    for round_number in arguments.rounds:
        for number in arguments.prompts:
            for mode in MODES if round_number % 2 else reversed(MODES):
                place = {"round": round_number, "prompt": number, "mode": mode}
                run = {**place, "commit": commit_of_this_folder(), **ask(arguments, PROMPTS[number - 1], MODES[mode])}
                report["runs"] = [other for other in report["runs"] if not place.items() <= other.items()] + [run]
                arguments.json.write_text(json.dumps(report, indent=1) + "\n")
                arguments.table.write_text(render(report))
                print(f"{run['seconds']:7.1f} s {run['aggregator']['tokens_per_second']:6.1f} tok/s by the aggregator  {mode}: {PROMPTS[number - 1][:40]}", file=sys.stderr)
    print(arguments.table.read_text())


def ask(arguments: argparse.Namespace, prompt: str, config: str) -> dict:
    """Asks once, and gives the run's time and what each layer did."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(config)
        file.flush()
        command = [arguments.moa, "ask", "--config", file.name, "--preset", arguments.preset, "--seed", "1", "--temperature", arguments.temperature]
        command += ["--max-tokens", str(arguments.max_tokens), "--no-store", "--output", "json", prompt]
        document = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    layers = [[call_of(response) for response in layer["responses"]] for layer in document["layers"]]
    calls = [call for layer in layers for call in layer]
    return {
        "seconds": document["timing"]["wall_ms"] / 1000,
        "completion_tokens": sum(call["completion_tokens"] for call in calls),
        "layers": layers,
        "aggregator": layers[-1][-1],
    }


def call_of(response: dict) -> dict:
    usage, first_ms = response["usage"], response["first_token_ms"] or 0
    seconds = (response["wall_ms"] - first_ms) / 1000
    return {
        "model": response["model"],
        "completion_tokens": usage["completion_tokens"],
        "tokens_per_second": (usage["completion_tokens"] - 1) / seconds if seconds > 0 else 0,
        "lookup": response["lookup"],
    }


def render(report: dict) -> str:
    settings, runs = report["settings"], report["runs"]
    commits = ", ".join(sorted({run["commit"] for run in runs}))
    text = f"""# What reference lookup brings

{report["machine"]}; preset `{settings["preset"]}`, temperature {settings["temperature"]}, at most {settings["max_tokens"]} tokens an answer; commit {commits}. Each prompt with and
without lookup in turn; "speed" is written tokens for each second of the run, "decode" the aggregator's tokens for each second after its first. Medians
over rounds. Written by `make bench-lookup`.

| prompt | rounds | tokens, with / without | speed, with / without | ratio | aggregator's decode, with / without | ratio | drafted and right, whole run |
|---|---|---|---|---|---|---|---|
"""
    speeds, decodes = [], []
    for number in sorted({run["prompt"] for run in runs}):
        pairs = [pair for pair in paired(runs, number)]
        if not pairs:
            continue
        middle = lambda of: tuple(statistics.median(of(pair[mode]) for pair in pairs) for mode in MODES)
        speed = middle(lambda run: run["completion_tokens"] / run["seconds"])
        decode = middle(lambda run: run["aggregator"]["tokens_per_second"])
        tokens = middle(lambda run: run["completion_tokens"])
        speed_ratio = statistics.median(ratio(pair, lambda run: run["completion_tokens"] / run["seconds"]) for pair in pairs)
        decode_ratio = statistics.median(ratio(pair, lambda run: run["aggregator"]["tokens_per_second"]) for pair in pairs)
        speeds.append(speed_ratio)
        decodes.append(decode_ratio)
        looked_up = [call["lookup"] for pair in pairs for layer in pair["with"]["layers"] for call in layer if call["lookup"]]
        drafted, right = (sum(figures[name] for figures in looked_up) for name in ("drafted_tokens", "accepted_tokens"))
        text += f"| {PROMPTS[number - 1][:48]} | {len(pairs)} | {tokens[0]:.0f} / {tokens[1]:.0f} | {speed[0]:.1f} / {speed[1]:.1f} tok/s | {speed_ratio:.2f} "
        text += f"| {decode[0]:.1f} / {decode[1]:.1f} tok/s | {decode_ratio:.2f} | {right} of {drafted} |\n"
    if speeds:
        text += f"\nMedian over prompts: speed {statistics.median(speeds):.2f} times ({min(speeds):.2f} to {max(speeds):.2f}), the aggregator's decode "
        text += f"{statistics.median(decodes):.2f} times ({min(decodes):.2f} to {max(decodes):.2f}).\n"
    return text


def paired(runs: list[dict], number: int):
    for round_number in sorted({run["round"] for run in runs if run["prompt"] == number}):
        found = {run["mode"]: run for run in runs if run["prompt"] == number and run["round"] == round_number}
        if set(found) == set(MODES):
            yield found


def ratio(pair: dict, of) -> float:
    without = of(pair["without"])
    return of(pair["with"]) / without if without else 1.0


if __name__ == "__main__":
    main()
