"""Each model alone, in moa and in llama-server, and how near decoding comes to what the memory can give."""

import os
import pathlib
import subprocess
import sys

from provenance import commit_of_this_folder

from .cache import cache_folder
from .comparison import Bench
from .llama_server import Server, build

PART = "roofline"
MAX_TOKENS = 64
SOURCE = pathlib.Path(__file__).with_name("bandwidth.rs")
# About as many tokens as the prompt of `moa models bench`; a number makes each one new to the server's cache.
STORY = (
    "A river runs past an old mill to a small harbour. The miller grinds grain for three villages, mends the wheel when ice breaks it and "
    "keeps a cat. On market days the yard is full of carts, and the children count the boats."
)


def measure(bench: Bench) -> None:
    cores = sorted({1, os.cpu_count() or 1})
    for round_number in bench.rounds:
        bandwidth_place = {"what": "bandwidth", "round": round_number}
        if not bench.journal.has(PART, bandwidth_place):
            bench.journal.add(PART, bandwidth_place, {"bytes_per_second": memory_bandwidth(cores)})
        for model, file in bench.files(bench.mixture).items():
            for count in cores:
                for what, alone in (("moa", _moa), ("llama-server", _llama_server)):
                    place = {"what": what, "model": model, "cores": count, "round": round_number}
                    if bench.journal.has(PART, place):
                        continue
                    figures = alone(bench, model, file, count)
                    bench.journal.add(PART, place, {"commit": commit_of_this_folder(), **figures})
                    speed = figures["decode_tokens_per_second"]
                    print(f"{PART}: {speed:6.1f} tok/s  {what}, {model}, {count} threads", file=sys.stderr)


def memory_bandwidth(cores: list[int]) -> dict[str, float]:
    """Bytes a second by number of threads."""
    program = cache_folder() / "bandwidth"
    if not program.exists() or program.stat().st_mtime < SOURCE.stat().st_mtime:
        command = ["rustc", "--edition", "2024", "-C", "opt-level=3", "-C", "target-cpu=native", "-o", program, SOURCE]
        subprocess.run(command, check=True)
    command = [program, *(str(count) for count in cores)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {threads: float(speed) for threads, speed in (line.split() for line in text.splitlines())}


def _moa(bench: Bench, model: str, _file: pathlib.Path, cores: int) -> dict:
    return bench.moa.json("models", "bench", model, "--cores", str(cores), "--tokens", str(MAX_TOKENS))


def _llama_server(_bench: Bench, _model: str, file: pathlib.Path, threads: int) -> dict:
    server = Server(build(), file, threads)
    try:
        server.wait_until_healthy()
        server.complete([{"role": "user", "content": "Say hello."}], 8)
        question = "\n".join(["Story 1.", *[STORY] * 6]) + "\n\nContinue this story at great length."
        answer = server.complete([{"role": "user", "content": question}], MAX_TOKENS, temperature=0)
    finally:
        server.stop()
    prefilled = answer["prompt_tokens"] - answer["cached_tokens"]
    return {
        "prefill_tokens": prefilled,
        "prefill_tokens_per_second": prefilled / answer["prefill_seconds"],
        "decode_tokens": answer["completion_tokens"],
        "decode_tokens_per_second": (answer["completion_tokens"] - 1) / answer["decode_seconds"],
    }
