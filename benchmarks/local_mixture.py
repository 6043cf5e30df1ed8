#!/usr/bin/env python3
"""Times a three-layer mixture of three local models: moa beside llama-server on the same files, prompts and settings.

Every round asks each set-up in turn, so that a machine whose speed drifts treats all of them alike. Greedy, the same number of
tokens at most for every answer, the same wording of the references. moa is timed as its user sees it, from the start of the
process, loading included; llama-server is loaded already when its clock starts.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import llama_server

PROMPTS = [
    "Why is the sky blue during the day but red at sunset?",
    "Write a Python function that returns the n-th Fibonacci number, and explain its complexity.",
    "What is the capital of Australia?",
    "日本の首都はどこですか。その都市の特徴を三つ挙げてください。",
    "A train leaves at 9:40 and arrives at 13:05. It stopped for 25 minutes on the way. How long was it moving?",
]
CONTEXT_TOKENS = 8192


def main() -> None:
    arguments = parse_arguments()
    moa = pathlib.Path(arguments.moa).resolve()
    server = pathlib.Path(arguments.llama_server) if arguments.llama_server else llama_server.build()
    mixture = json.loads(output_of([moa, "presets", "show", "local", "--json"]))["mixture"]
    models = [agent["model"] for agent in mixture["layers"][0]["agents"]]
    files = {model: model_file(moa, model) for model in models}
    prompts = PROMPTS[: arguments.prompts]

    setups = {
        "moa": lambda prompt: ask_moa(moa, prompt, arguments.max_tokens),
        "llama-server, one after the other, 2 threads": lambda prompt: ask_servers(
            two_threads, mixture, prompt, arguments.max_tokens, at_once=False
        ),
        "llama-server, at once, 1 thread each": lambda prompt: ask_servers(
            one_thread, mixture, prompt, arguments.max_tokens, at_once=True
        ),
    }
    if arguments.naive:
        setups["llama-server, at once, 2 threads each"] = lambda prompt: ask_servers(
            two_threads, mixture, prompt, arguments.max_tokens, at_once=True
        )
    started = []
    try:
        two_threads = start(server, files, 2, started)
        one_thread = start(server, files, 1, started)
        runs = measure(setups, prompts, arguments.rounds)
        load_seconds = sum(running.load_seconds for running in two_threads.values())
        memory = sum(running.peak_memory_bytes() for running in two_threads.values())
    finally:
        for running in started:
            running.stop()

    report = {
        "machine": machine(),
        "settings": {"max_tokens": arguments.max_tokens, "rounds": arguments.rounds, "prompts": prompts},
        "moa_version": output_of([moa, "--version"]).strip(),
        "llama_server_package": llama_server.PACKAGE,
        "load_seconds": {"moa": load_of_moa(moa, models), "llama-server": load_seconds},
        "peak_memory_bytes": {"moa": max(run["memory"] for run in runs["moa"]), "llama-server": memory},
        "runs": runs,
    }
    pathlib.Path(arguments.json).write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    table = render(report)
    pathlib.Path(arguments.table).write_text(table)
    print(table)


def parse_arguments() -> argparse.Namespace:
    here = pathlib.Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moa", default="target/release/moa", help="moa's binary")
    parser.add_argument("--llama-server", help="an existing llama-server (default: build one in a cache folder)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompts", type=int, default=len(PROMPTS), help="use the first N prompts")
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--naive", action="store_true", help="also ask servers of 2 threads each at once (slow)")
    parser.add_argument("--json", default=here / "local_mixture.json")
    parser.add_argument("--table", default=here / "local_mixture.md")
    return parser.parse_args()


def output_of(command: list) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def model_file(moa: pathlib.Path, model: str) -> pathlib.Path:
    info = json.loads(output_of([moa, "models", "info", model, "--json"]))
    return pathlib.Path(info["path"])


def load_of_moa(moa: pathlib.Path, models: list[str]) -> float:
    """The models' load times, one after the other, as `moa models bench` states them."""
    benches = (json.loads(output_of([moa, "models", "bench", model, "--tokens", "8", "--json"])) for model in models)
    return sum(bench["load_ms"] for bench in benches) / 1000


def start(program: pathlib.Path, files: dict, threads: int, started: list) -> dict:
    servers = {}
    for model, path in files.items():
        servers[model] = llama_server.Server(program, path, threads, CONTEXT_TOKENS)
        started.append(servers[model])
    return servers


def measure(setups: dict, prompts: list[str], rounds: int) -> dict:
    runs = {name: [] for name in setups}
    for round_number in range(rounds):
        for prompt in prompts:
            # Another prompt in every round: no set-up may answer out of what it kept of an earlier one.
            asked = f"[{round_number + 1}] {prompt}"
            for name, ask in setups.items():
                begin = time.monotonic()
                run = ask(asked)
                run.update(seconds=time.monotonic() - begin, prompt=prompt, round=round_number)
                runs[name].append(run)
                speed = run["completion_tokens"] / run["seconds"]
                print(f"{run['seconds']:7.1f} s {speed:6.1f} tok/s  {name}: {prompt[:40]}", file=sys.stderr)
    return runs


def ask_moa(moa: pathlib.Path, prompt: str, max_tokens: int) -> dict:
    command = [moa, "ask", "--preset", "local", "--temperature", "0", "--max-tokens", str(max_tokens), "--seed", "1"]
    command += ["--output", "json", "--trace", "none", "--no-store", "--offline", prompt]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(f"moa ended with code {process.returncode}")
        output.seek(0)
        document = json.load(output)
    return {
        "completion_tokens": document["usage"]["completion_tokens"],
        "prompt_tokens": document["usage"]["prompt_tokens"],
        "first_token_seconds": document["timing"]["first_token_ms"] / 1000,
        "memory": usage.ru_maxrss * 1024,
        "answer": document["answer"],
    }


def ask_servers(servers: dict, mixture: dict, prompt: str, max_tokens: int, at_once: bool) -> dict:
    """The mixture by hand, with moa's own wording: layer by layer, the agents of a layer at once or one after the other."""
    totals = {"completion_tokens": 0, "prompt_tokens": 0}
    references: list[str] = []
    layers = [[agent["model"] for agent in layer["agents"]] for layer in mixture["layers"]]
    with concurrent.futures.ThreadPoolExecutor(max_workers=8 if at_once else 1) as pool:
        for layer in [*layers, [mixture["aggregator"]["model"]]]:
            messages = [{"role": "user", "content": prompt}]
            if references:
                numbered = "\n".join(f"{number}. {text}" for number, text in enumerate(references, 1))
                block = mixture["synthesis"].replace("{{ responses }}", numbered)
                messages.insert(0, {"role": "system", "content": block})
            answers = list(pool.map(lambda model: servers[model].ask(messages, max_tokens), layer))
            for answer in answers:
                totals["completion_tokens"] += answer["completion_tokens"]
                totals["prompt_tokens"] += answer["prompt_tokens"]
            references = [answer["text"] for answer in answers]
    return {**totals, "answer": references[0]}


def machine() -> str:
    names = [line for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    name = names[0].split(":", 1)[1].strip() if names else platform.processor()
    return f"{name}, {os.cpu_count()} cores"


def render(report: dict) -> str:
    runs = report["runs"]
    lines = [
        "# A three-layer mixture of three local models",
        "",
        f"{report['machine']}; {report['moa_version']}; llama-server from {report['llama_server_package']}.",
        f"{len(report['settings']['prompts'])} prompts x {report['settings']['rounds']} rounds, interleaved, greedy, "
        f"at most {report['settings']['max_tokens']} tokens an answer.",
        "moa's times include its start and loading; llama-server is loaded before its clock starts.",
        "Ratio: the seconds per token of that set-up divided by moa's in the same round, prompt by prompt; above 1 moa is faster.",
        "",
        "| set-up | seconds, median (min to max) | tokens/s, median | ratio per token, median (min to max) |",
        "|---|---|---|---|",
    ]
    for name, measured in runs.items():
        seconds = [run["seconds"] for run in measured]
        speeds = [run["completion_tokens"] / run["seconds"] for run in measured]
        ratios = [
            (ours["completion_tokens"] / ours["seconds"]) / (theirs["completion_tokens"] / theirs["seconds"])
            for ours, theirs in zip(runs["moa"], measured)
        ]
        lines.append(
            f"| {name} | {statistics.median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f}) "
            f"| {statistics.median(speeds):.1f} "
            f"| {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |"
        )
    load, memory = report["load_seconds"], report["peak_memory_bytes"]
    lines += [
        "",
        "The loading times are no like for like: moa's are taken last, with the files in the page cache; a server's count its start "
        "and warm-up.",
        "",
        "| | moa, one process | llama-server, three processes |",
        "|---|---|---|",
        f"| loading all three models, one after the other | {load['moa']:.1f} s | {load['llama-server']:.1f} s |",
        f"| peak resident memory | {memory['moa'] / 1e9:.2f} GB | {memory['llama-server'] / 1e9:.2f} GB |",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
