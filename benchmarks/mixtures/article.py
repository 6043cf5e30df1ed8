"""The article's way: Hugging Face transformers on the CPU, one model after the other, agent by agent.

The weights are those of the GGUF files, as dense numbers, since that is what the library computes with. The hub is not needed.
"""

import dataclasses
import json
import os
import pathlib
import subprocess
import sys

from . import process
from .by_hand import run_by_hand
from .cache import cache_folder
from .mixture import Ask

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
from python_environment import python_with  # noqa: E402

PACKAGES = ("torch==2.15.0", "transformers==5.24.0", "gguf==0.19.0", "accelerate==1.15.0")
# Dense weights for each byte of a file with 4 to 5 bits a weight, and as much again while one is converted.
MEMORY_PER_FILE_BYTE = {"bfloat16": 4.0, "float32": 8.0}
WORKER = pathlib.Path(__file__).with_name("transformers_worker.py")


class NotPossible(Exception):
    """This machine cannot run the contender; the reason is told in the table."""


class Article:
    """A process with all models loaded."""

    def __init__(self, models: dict[str, pathlib.Path]):
        element_type = fastest_element_type()
        check_memory(models, element_type)
        try:
            python = python_with(cache_folder() / "transformers", PACKAGES)
        except subprocess.CalledProcessError as error:
            raise NotPossible(f"torch and transformers cannot be installed ({error})") from error
        log = open(cache_folder() / "transformers.log", "w")
        self.process = subprocess.Popen([python, WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        files = {model: str(path) for model, path in models.items()}
        try:
            ready = self._exchange({"files": files, "element_type": element_type, "threads": os.cpu_count()})
            self.load_seconds = ready["load_seconds"]
            for model in models:
                hello = {"model": model, "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8, "seed": 1}
                self._exchange({**hello, "temperature": 0, "repeat_penalty": 1.0})
        except BaseException:
            self.stop()
            raise

    def ask(self, ask: Ask) -> dict:
        run = run_by_hand(ask, self._complete, at_once=False)
        return {**run, "memory_bytes": max(call.pop("memory_bytes") for call in run["calls"])}

    def _complete(self, model: str, messages: list[dict], ask: Ask, seed: int) -> dict:
        sampling = dataclasses.asdict(ask.sampling)
        return self._exchange({"model": model, "messages": messages, "max_tokens": ask.max_tokens, "seed": seed, **sampling})

    def _exchange(self, asked: dict) -> dict:
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            log = (cache_folder() / "transformers.log").read_text().strip().splitlines()
            raise NotPossible(f"transformers ended with code {self.process.wait()}: {log[-1] if log else 'it said nothing'}")
        return json.loads(line)

    def stop(self) -> None:
        self.process.stdin.close()
        process.stop(self.process)


def fastest_element_type() -> str:
    """bfloat16 has half the bytes of float32, and is the faster one where the processor multiplies it. Elsewhere it is converted at every
    product: tokens are written 1.1 times as fast, but prompts read three times as slowly (two cores of a Xeon of 2019, 1.5 billion weights)."""
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text()
    flags = next((line for line in cpuinfo.splitlines() if line.lower().startswith(("flags", "features"))), "")
    return "bfloat16" if "bf16" in flags else "float32"


def check_memory(models: dict[str, pathlib.Path], element_type: str) -> None:
    meminfo = pathlib.Path("/proc/meminfo").read_text()
    available = next(int(line.split()[1]) * 1024 for line in meminfo.splitlines() if line.startswith("MemAvailable:"))
    needed = sum(path.stat().st_size for path in models.values()) * MEMORY_PER_FILE_BYTE[element_type]
    if needed > available:
        raise NotPossible(f"dense weights want about {needed / 1e9:.0f} GB, and {available / 1e9:.0f} GB are free")
