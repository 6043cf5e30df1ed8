#!/usr/bin/env python3
"""Measures `moa serve` with real sockets: the real program before `moa-mock`, what it adds to a call and to a token, what it takes of memory,
a thousand streams at once, and minutes of mixed load; beside litellm's proxy before the same mock.

Loads are open loop. Rounds go through all contenders in turn, so that a machine whose speed drifts treats all alike; what is quoted is the
median over rounds of each round's quantile.
"""

import argparse
import contextlib
import json
import pathlib
import platform
import resource
import sys

import serve_report
from mixtures.cache import cache_folder
from provenance import commit_of_this_folder, machine
from serving import memory
from serving.load import load
from serving.soak import soak

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "scripts"))
import litellm_proxy
from python_environment import python_with
from served import served

MOA, NOT_STORED, DIRECT, LITELLM = "moa serve", "moa serve --no-store", "direct", "litellm's proxy"
MODELS = ["alone", "stamped"]
# What is measured of each contender: the model, requests per second, seconds, whether as a stream.
MEASURES = {
    "whole-500": ("alone", 500, 3, False, [DIRECT, MOA, NOT_STORED]),
    "stream-10": ("stamped", 10, 3, True, [DIRECT, MOA, NOT_STORED]),
}
BESIDE = {
    "whole-20": ("alone", 20, 3, False, [DIRECT, MOA, LITELLM]),
    "stream-2": ("stamped", 2, 3, True, [DIRECT, MOA, LITELLM]),
}


def main():
    arguments = parse_arguments()
    # A thousand streams are more than a thousand open files, here and in the mock.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    report = {
        "machine": machine(), "commit": commit_of_this_folder(), "packages": litellm_proxy.PACKAGES, "python": platform.python_version(),
        "streams": arguments.streams, "rounds": [],
    }
    if previous := kept(arguments):
        report = previous | {"rounds": []} if "speed" in arguments.parts else previous
    for part in arguments.parts:
        PARTS[part](arguments, report)
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
        arguments.table.write_text(serve_report.render(report))
    print(arguments.table.read_text())


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moa", default="target/release/moa", help="the program that is measured")
    parser.add_argument("--mock", default="target/release/moa-mock", help="the mock's program")
    parser.add_argument("--parts", type=lambda text: text.split(","), default=list(PARTS), help="of speed, memory, soak; others keep their earlier figures")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--streams", type=int, default=1000, help="streams and readers at the same time")
    parser.add_argument("--soak-minutes", type=float, default=10)
    parser.add_argument("--no-rivals", dest="rivals", action="store_false", help="measure moa and the mock alone only")
    parser.add_argument("--json", type=pathlib.Path, default=HERE / "serve.json")
    parser.add_argument("--table", type=pathlib.Path, default=HERE / "serve.md")
    return parser.parse_args()


def kept(arguments):
    """The earlier figures of the same program, where only some are measured anew."""
    if set(arguments.parts) == set(PARTS) or not arguments.json.exists():
        return None
    previous = json.loads(arguments.json.read_text())
    return previous if previous["commit"] == commit_of_this_folder() else None


def started(arguments, options=()):
    return served(arguments.moa, arguments.mock, HERE / "serving" / "mock.toml", HERE / "serving" / "moa.toml.in", mock_options=("--threads", "2"), options=options)


def speed(arguments, report):
    with started(arguments) as here, started(arguments, ["--no-store"]) as unstored:
        places = {DIRECT: (here.mock_url, None), MOA: (f"{here.url}/v1", None), NOT_STORED: (f"{unstored.url}/v1", None)}
        rounds(arguments, report, MEASURES, places, here.environment)
        if not arguments.rivals:
            return
        python = python_with(cache_folder() / "litellm-proxy", litellm_proxy.PACKAGES)
        environment = {**here.environment, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        with litellm_proxy.litellm_proxy(python, MODELS, here.mock_url, "none", environment) as proxy:
            rounds(arguments, report, BESIDE, {**places, LITELLM: proxy}, here.environment)


def rounds(arguments, report, measures, places, environment):
    for round_number in range(arguments.rounds + 1):
        for measure, (model, rate, seconds, stream, contenders) in measures.items():
            for contender in contenders:
                url, key = places[contender]
                figures = load(arguments.mock, url, model, rate, seconds, key, stream, environment)
                # The first round opens connections and fills caches.
                if round_number > 0:
                    report["rounds"].append({"round": round_number, "measure": measure, "contender": contender, "rate": rate, **figures})
                    say(f"round {round_number}, {measure}: {contender}", figures)


def memory_parts(arguments, report):
    count = arguments.streams
    for name, measured in {
        "idle": lambda here: memory.idle_streams(here, arguments.mock, count),
        "quick": lambda here: memory.readers(here, arguments.mock, count, "long"),
        "slow": lambda here: memory.readers(here, arguments.mock, count, "long", slow=True),
        "burst": lambda here: memory.readers(here, arguments.mock, count, "burst"),
        "held": lambda here: memory.concurrent(here, arguments.mock, f"{here.url}/v1", count),
        "held-direct": lambda here: memory.concurrent(here, arguments.mock, here.mock_url, count),
    }.items():
        with started(arguments) as here:
            report[name] = measured(here)
            say(name, report[name])


def soaked(arguments, report):
    if arguments.soak_minutes <= 0:
        return
    with started(arguments) as here:
        report["soak"] = soak(here, arguments.mock, arguments.soak_minutes)
    say("soak", {name: value for name, value in report["soak"].items() if name != "samples_kib"})


def say(what, figures):
    print(f"{what}: {json.dumps(figures)}", file=sys.stderr, flush=True)


PARTS = {"speed": speed, "memory": memory_parts, "soak": soaked}

if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
