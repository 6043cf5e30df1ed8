#!/usr/bin/env python3
"""Measures what orchestration itself costs: mixtures and single calls against a mock that answers at once, moa beside an HTTP client alone
and beside Python packages that do the same.

All processes stamp with the machine's monotonic clock, so the time that the mock itself needed is known to each run and taken off. Rounds go
through all contenders in turn, so that a machine whose speed drifts treats all alike; what is quoted is the median over rounds of each
round's quantile.
"""

import argparse
import json
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile

import orchestration_report
from mixtures.cache import cache_folder
from provenance import commit_of_this_folder, machine

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "scripts"))
from python_environment import python_with

PACKAGES = ["openai==3.57.0", "litellm==1.110.2"]
# Without what it depends on: its approach `moa` needs none of it, and torch alone is larger than everything else here.
BARE_PACKAGES = ["optillm==0.4.0"]
SHAPE = [6, 6, 6, 1]

# Who is measured, by name: the program's arguments, or the rival's name; and how many requests each layer makes.
CONTENDERS = {
    "direct": (["--contender", "direct"], [1]),
    "moa, one model": (["--contender", "mixture"], [1]),
    "moa, 19 calls": (["--contender", "mixture", "--layers", "6,6,6"], SHAPE),
    "moa, 19 calls, streamed": (["--contender", "mixture", "--layers", "6,6,6", "--stream"], SHAPE),
    "moa, 5 calls": (["--contender", "mixture", "--layers", "3,1"], [3, 1, 1]),
    "moa, 3 calls": (["--contender", "mixture", "--layers", "1,1"], [1, 1, 1]),
    "direct, 19 calls": (["--contender", "direct", "--layers", "6,6,6"], SHAPE),
    "direct, 5 calls": (["--contender", "direct", "--layers", "3,1"], [3, 1, 1]),
    "direct, 3 calls": (["--contender", "direct", "--layers", "1,1"], [1, 1, 1]),
    "moa, 19 calls, stored": (["--contender", "mixture", "--layers", "6,6,6", "--store", "disk"], SHAPE),
    "moa, 19 calls, disk stalled": (["--contender", "mixture", "--layers", "6,6,6", "--store", "stalled"], SHAPE),
    "direct, stream": (["--contender", "direct", "--stream", "--pieces"], [1]),
    "moa, stream": (["--contender", "mixture", "--stream", "--pieces"], [1]),
    "moa, stream, stored": (["--contender", "mixture", "--stream", "--pieces", "--store", "disk"], [1]),
    "moa, stream, disk stalled": (["--contender", "mixture", "--stream", "--pieces", "--store", "stalled"], [1]),
    "httpx": ("httpx", [1]),
    "openai": ("openai", [1]),
    "litellm": ("litellm", [1]),
    "litellm and asyncio.gather, 19 calls": ("gather", SHAPE),
    "optillm moa, 3 requests for 5 answers": ("optillm", [1, 1, 1]),
}

# What is measured: who, how many runs per second, how many runs in a round, and how far apart the pieces of a stream are.
MEASURES = {
    "pass-through-500": (["direct", "moa, one model"], 500, 1500, "0ms"),
    "pass-through-20": (["direct", "moa, one model", "httpx", "openai", "litellm"], 20, 100, "0ms"),
    "mixture-20": (["direct, 19 calls", "moa, 19 calls", "moa, 19 calls, streamed", "moa, 19 calls, stored", "moa, 19 calls, disk stalled"], 20, 300, "0ms"),
    "mixture-4": (
        [
            "direct, 19 calls", "moa, 19 calls", "litellm and asyncio.gather, 19 calls",
            "direct, 5 calls", "moa, 5 calls", "direct, 3 calls", "moa, 3 calls", "optillm moa, 3 requests for 5 answers",
        ],
        4, 20, "0ms",
    ),
    "stream-10": (["direct, stream", "moa, stream", "moa, stream, stored", "moa, stream, disk stalled"], 10, 30, "2ms"),
}


def main() -> None:
    arguments = parse_arguments()
    python = rivals_python() if arguments.rivals else None
    report = {"machine": machine(), "commit": commit_of_this_folder(), "packages": PACKAGES + BARE_PACKAGES, "python": platform.python_version()}
    report["rounds"] = kept_rounds(arguments)
    for round_number in range(1, arguments.rounds + 1):
        for measure in arguments.measures:
            contenders, rate, runs, pace = MEASURES[measure]
            for contender in contenders:
                how, shape = CONTENDERS[contender]
                if isinstance(how, str) and python is None:
                    continue
                figures = measured(arguments, python, how, shape, rate, runs, pace)
                report["rounds"].append({"round": round_number, "measure": measure, "contender": contender, "rate": rate, **figures})
                print(f"round {round_number}, {measure}: {contender}: {json.dumps(figures)}", file=sys.stderr)
        pathlib.Path(arguments.json).write_text(json.dumps(report, indent=1) + "\n")
        pathlib.Path(arguments.table).write_text(orchestration_report.render(report))
    print(pathlib.Path(arguments.table).read_text())


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mock", default="target/release/moa-mock", help="the mock's program")
    parser.add_argument("--program", default="target/release/moa-bench-orchestration", help="the program of moa's contenders")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measures", nargs="+", choices=MEASURES, default=list(MEASURES), help="measure these anew, and keep what the file has of the others")
    parser.add_argument("--no-rivals", dest="rivals", action="store_false", help="measure moa and the HTTP client only")
    parser.add_argument("--json", default=HERE / "orchestration.json")
    parser.add_argument("--table", default=HERE / "orchestration.md")
    return parser.parse_args()


def kept_rounds(arguments: argparse.Namespace) -> list[dict]:
    """The rounds of an earlier run that are not measured again."""
    if len(arguments.measures) == len(MEASURES) or not pathlib.Path(arguments.json).exists():
        return []
    rounds = json.loads(pathlib.Path(arguments.json).read_text())["rounds"]
    return [one for one in rounds if one["measure"] not in arguments.measures]


def rivals_python() -> pathlib.Path:
    """A Python with the rivals, made once in the cache folder."""
    return python_with(cache_folder() / "rivals", PACKAGES, BARE_PACKAGES)


def measured(arguments: argparse.Namespace, python, how, shape: list[int], rate: float, runs: int, pace: str) -> dict:
    """Asks a fresh mock, and gives the figures of one round."""
    with tempfile.TemporaryDirectory() as folder:
        script, log = pathlib.Path(folder) / "mock.toml", pathlib.Path(folder) / "log.jsonl"
        script.write_text((HERE / "orchestration" / "mock.toml").read_text().replace("PACED", pace))
        mock = subprocess.Popen([arguments.mock, "--config", script, "--log", log], stdout=subprocess.PIPE, text=True)
        try:
            url = mock.stdout.readline().strip()
            if isinstance(how, str):
                command = [python, HERE / "orchestration" / "rivals.py", how, url, str(rate), str(runs)]
            else:
                command = [arguments.program, "--url", url, "--rate", str(rate), "--runs", str(runs), *how]
            output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        finally:
            mock.terminate()
            mock.wait(timeout=30)
        return figures([json.loads(line) for line in output.splitlines()], requests_by_tag(log), shape)


def requests_by_tag(log: pathlib.Path) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for line in log.read_text().splitlines():
        mark = re.search(r"run-\d{6}", line)
        if mark:
            found.setdefault(mark.group(), []).append(json.loads(line))
    for requests in found.values():
        requests.sort(key=lambda request: request["arrived"])
    return found


def figures(lines: list[dict], requests: dict[str, list[dict]], shape: list[int]) -> dict:
    """Quantiles in milliseconds. `added` is a run's time without the mock's: from the first arrival to the last end of each layer."""
    added, walls, hand_overs, forwarding, chunks, pieces = [], [], [], [], 0, 0
    for line in lines:
        mine = requests[line["tag"]]
        if len(mine) != sum(shape):
            raise RuntimeError(f"{line['tag']} made {len(mine)} requests in place of {sum(shape)}")
        layers, start = [], 0
        for agents in shape:
            layers.append(mine[start : start + agents])
            start += agents
        spans = [(min(r["arrived"] for r in layer), max(r["end"]["at"] for r in layer)) for layer in layers]
        walls.append(line["end_ns"] - line["due_ns"])
        added.append(line["end_ns"] - line["begin_ns"] - sum(end - begin for begin, end in spans))
        for (_, end), layer in zip(spans, layers[1:]):
            hand_overs.append(min(request["started"] for request in layer) - end)
        if "pieces_ns" in line:
            sent = mine[-1]["chunks"]
            chunks, pieces = chunks + len(sent), pieces + len(line["pieces_ns"])
            forwarding += [came - went for came, went in zip(line["pieces_ns"], sent)]
    result = {"runs": len(lines), "wall": quantiles(walls), "added": quantiles(added)}
    if hand_overs:
        result["hand_over"] = quantiles(hand_overs)
    if forwarding:
        result |= {"forwarding": quantiles(forwarding), "chunks_in": chunks, "pieces_out": pieces}
    return result


def quantiles(nanoseconds: list[int]) -> dict:
    ordered = sorted(nanoseconds)
    at = lambda share: round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1e6, 4)
    return {"p50": at(0.5), "p99": at(0.99), "max": round(ordered[-1] / 1e6, 4), "mean": round(statistics.fmean(ordered) / 1e6, 4)}


if __name__ == "__main__":
    main()
