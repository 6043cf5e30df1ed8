"""The ways of answering a mixture that are compared: moa and llama-server, each warm (loaded) and cold (with start and loading)."""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import llama_server

CONTEXT_TOKENS = 8192
# Printed by the chat after an answer: a sign that it waits for the next question.
READY = "/help\n"
READY_SIGN = "list the commands"


def output_of(command: list, **options) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


class Moa:
    """moa's binary."""

    def __init__(self, program: pathlib.Path, preset: str, max_tokens: int):
        self.program = program
        self.preset = preset
        self.arguments = ["--preset", preset, "--temperature", "0", "--max-tokens", str(max_tokens), "--seed", "1", "--offline"]
        self.mixture = json.loads(output_of([program, "presets", "show", preset, "--json"]))["mixture"]
        self.models = list(dict.fromkeys(agent["model"] for layer in self.mixture["layers"] for agent in layer["agents"]))
        self.files = {model: pathlib.Path(self._info(model)["path"]) for model in self.models}

    def _info(self, model: str) -> dict:
        return json.loads(output_of([self.program, "models", "info", model, "--json"]))

    def marks(self, prompt: str) -> dict[int, str]:
        """The marks around proposals by layer. They come from the question, so they are known before there are answers."""
        command = [self.program, "ask", *self.arguments, "--dry-run", "--output", "json", prompt]
        layers = json.loads(output_of(command))["layers"]
        found = {layer["index"]: re.search(r"<answer-([0-9a-f]+)>", json.dumps(layer)) for layer in layers}
        return {index: mark.group(1) for index, mark in found.items() if mark}

    def bench(self, model: str, cores: int) -> dict:
        command = [self.program, "models", "bench", model, "--cores", str(cores), "--tokens", "64", "--json"]
        return json.loads(output_of(command))

    def ask_cold(self, prompt: str) -> dict:
        """One process for one question, as `moa ask` is used."""
        command = [self.program, "ask", *self.arguments, "--output", "json", "--trace", "none", "--no-store", prompt]
        begin = time.monotonic()
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(command, stdout=output)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                raise RuntimeError(f"moa ended with code {process.returncode}")
            seconds = time.monotonic() - begin
            output.seek(0)
            document = json.load(output)
        return {"seconds": seconds, "memory": usage.ru_maxrss * 1024, **figures(document)}


class MoaChat:
    """A `moa chat` that has its models loaded, fed through a pipe."""

    def __init__(self, moa: Moa):
        self.moa = moa
        self.home = tempfile.TemporaryDirectory()
        folder = pathlib.Path(next(iter(moa.files.values()))).parent
        self.environment = {**os.environ, "MOA_HOME": self.home.name, "MOA_MODELS_DIR": str(folder)}
        command = [moa.program, "chat", *moa.arguments, "--trace", "none"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.environment
        )

    def warm_up(self) -> None:
        """Loads every model, as a server's own warm-up does."""
        self.ask("Say hello.")

    def ask(self, prompt: str) -> dict:
        begin = time.monotonic()
        self._type(prompt + "\n" + READY)
        while READY_SIGN not in (line := self.process.stdout.readline()):
            if not line:
                raise RuntimeError("moa chat ended")
        seconds = time.monotonic() - begin
        self._type("/clear\n")
        return {"seconds": seconds, "memory": peak_memory_bytes(self.process.pid), **figures(self._last_run())}

    def _last_run(self) -> dict:
        """The run's document, as soon as the store has its end, which nobody waits for."""
        for _ in range(100):
            command = [self.moa.program, "runs", "export", "last", "--format", "json"]
            document = json.loads(output_of(command, env=self.environment))
            if document["answer"] is not None:
                return document
            time.sleep(0.1)
        raise RuntimeError("the store has no answer")

    def _type(self, text: str) -> None:
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def stop(self) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            # In the middle of an answer, which nobody wants any more.
            self.process.kill()
            self.process.wait()
        self.home.cleanup()


class Servers:
    """One llama-server for each model, with the mixture by hand: moa's own wording and marks, layer by layer."""

    def __init__(self, program: pathlib.Path, moa: Moa, max_tokens: int, threads: int, at_once: bool):
        self.moa = moa
        self.mixture = moa.mixture
        self.max_tokens = max_tokens
        self.at_once = at_once
        self.begin = time.monotonic()
        self.servers = {
            model: llama_server.Server(program, path, threads, CONTEXT_TOKENS) for model, path in moa.files.items()
        }
        self.load_seconds = 0.0

    def warm_up(self) -> None:
        """Waits until all have loaded their models and made their own warm-up."""
        for server in self.servers.values():
            server.wait_until_healthy()
        self.load_seconds = time.monotonic() - self.begin

    def ask(self, prompt: str) -> dict:
        totals = {"completion_tokens": 0, "prompt_tokens": 0}
        references: list[str] = []
        layers = [[agent["model"] for agent in layer["agents"]] for layer in self.mixture["layers"]]
        marks = self.moa.marks(prompt)
        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(max_workers=8 if self.at_once else 1) as pool:
            for index, layer in enumerate([*layers, [self.mixture["aggregator"]["model"]]], 1):
                messages = [{"role": "user", "content": prompt}]
                if references:
                    mark = marks[index]
                    enclosed = (f"<answer-{mark}>\n{text}\n</answer-{mark}>" for text in references)
                    numbered = "\n".join(f"{number}. {text}" for number, text in enumerate(enclosed, 1))
                    block = self.mixture["synthesis"].replace("{{ responses }}", numbered)
                    messages.insert(0, {"role": "system", "content": block})
                answers = list(pool.map(lambda model: self.servers[model].ask(messages, self.max_tokens), layer))
                for answer in answers:
                    totals["completion_tokens"] += answer["completion_tokens"]
                    totals["prompt_tokens"] += answer["prompt_tokens"]
                references = [answer["text"] for answer in answers]
        seconds = time.monotonic() - begin
        memory = sum(peak_memory_bytes(server.process.pid) for server in self.servers.values())
        return {"seconds": seconds, "memory": memory, **totals, "answer": references[0]}

    def stop(self) -> None:
        for server in self.servers.values():
            server.stop()


class Setups:
    """The set-ups by name; each is started when it is first asked."""

    NAMES = {
        "moa": "moa, loaded",
        "moa-cold": "moa, with its start and loading",
        "sequential": "llama-server, one after the other, 2 threads, loaded",
        "sequential-cold": "llama-server, the same with their start and loading",
        "at-once": "llama-server, at once, 1 thread each, loaded",
        "naive": "llama-server, at once, 2 threads each, loaded",
    }

    def __init__(self, moa: Moa, server: pathlib.Path, max_tokens: int):
        self.moa = moa
        self.server = server
        self.max_tokens = max_tokens
        self.running: dict = {}

    def _servers(self, threads: int, at_once: bool) -> Servers:
        return Servers(self.server, self.moa, self.max_tokens, threads, at_once)

    def ask(self, name: str, prompt: str) -> dict:
        if name == "moa-cold":
            return self.moa.ask_cold(prompt)
        if name == "sequential-cold":
            servers = self._servers(2, at_once=False)
            try:
                servers.warm_up()
                run = servers.ask(prompt)
            finally:
                servers.stop()
            return {**run, "seconds": run["seconds"] + servers.load_seconds, "load_seconds": servers.load_seconds}
        if name not in self.running:
            print(f"starting: {self.NAMES[name]}", file=sys.stderr)
            makers = {
                "moa": lambda: MoaChat(self.moa),
                "sequential": lambda: self._servers(2, at_once=False),
                "at-once": lambda: self._servers(1, at_once=True),
                "naive": lambda: self._servers(2, at_once=True),
            }
            self.running[name] = makers[name]()
            self.running[name].warm_up()
        return self.running[name].ask(prompt)

    def stop(self) -> None:
        for running in self.running.values():
            running.stop()


def figures(document: dict) -> dict:
    """What is kept of a run's document."""
    calls = [
        {
            "layer": layer["index"],
            "model": response["model"],
            "wall_ms": response["wall_ms"],
            "first_token_ms": response["first_token_ms"],
            **response["usage"],
        }
        for layer in document["layers"]
        for response in layer["responses"]
    ]
    return {
        "completion_tokens": document["usage"]["completion_tokens"],
        "prompt_tokens": document["usage"]["prompt_tokens"],
        "cached_tokens": document["usage"]["cached_tokens"],
        "answer": document["answer"],
        "calls": calls,
    }


def peak_memory_bytes(process: int) -> int:
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
