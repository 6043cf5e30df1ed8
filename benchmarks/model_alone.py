"""How fast each model is by itself: `moa models bench` and a llama-server with the same file, prompt and threads, in turn."""

import pathlib
import statistics

import llama_server
from mixture_setups import CONTEXT_TOKENS, Moa

CORES = (1, 2)
MAX_TOKENS = 64
# About as many tokens as the prompt of `moa models bench`; a number makes each one new to the server's cache.
PROMPT = "Story {number}. " + "\n".join(
    ["A river runs past an old mill to a small harbour. The miller grinds grain for three villages, mends the wheel when ice breaks it and "
     "keeps a cat. On market days the yard is full of carts, and the children count the boats."] * 6
) + "\n\nContinue this story at great length."
WARM_UP, MEASURED = 0, 1
KEPT = ("prefill_tokens", "prefill_tokens_per_second", "decode_tokens", "decode_tokens_per_second", "load_ms")


def measure(model: str, moa: Moa, server: pathlib.Path, rounds_wanted: int) -> dict:
    """Medians of the rounds by program and number of cores."""
    rounds: dict = {}
    for _ in range(rounds_wanted):
        for cores in CORES:
            rounds.setdefault(("moa", cores), []).append(moa.bench(model, cores))
            rounds.setdefault(("llama-server", cores), []).append(bench_server(server, moa.files[model], cores))
    found = {program: [medians(rounds[program, cores]) for cores in CORES] for program in ("moa", "llama-server")}
    return {"rounds": rounds_wanted, **found}


def bench_server(program: pathlib.Path, file: pathlib.Path, threads: int) -> dict:
    server = llama_server.Server(program, file, threads, CONTEXT_TOKENS)
    try:
        server.wait_until_healthy()
        server.speed(PROMPT.format(number=WARM_UP), 8)
        return server.speed(PROMPT.format(number=MEASURED), MAX_TOKENS)
    finally:
        server.stop()


def medians(measured: list[dict]) -> dict:
    return {name: statistics.median(one[name] for one in measured) for name in KEPT if name in measured[0]}
