"""llama-server, the rival: built from the source package of llama-cpp-python, started, asked, stopped."""

import json
import os
import pathlib
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request

from . import process
from .by_hand import run_by_hand
from .cache import cache_folder
from .mixture import Ask

PACKAGE = "llama-cpp-python==0.3.36"
CONTEXT_TOKENS = 8192
PATIENCE_SECONDS = 3600
START_SECONDS = 120
# Its own speculation out of what it has read and written, with a draft length of our first measurements, not swept since; and its reuse of chunks.
TUNED = (
    "--spec-type", "ngram-simple", "--spec-ngram-simple-size-n", "3", "--spec-ngram-simple-size-m", "16", "--spec-draft-n-max", "16",
    "--cache-reuse", "64",
)  # fmt: skip


def build() -> pathlib.Path:
    """The server's program, built once into the cache folder with native code, as moa is."""
    folder = cache_folder() / "llama-server"
    program = folder / "build" / "bin" / "llama-server"
    if program.exists():
        return program
    folder.mkdir(parents=True, exist_ok=True)
    print(f"building llama-server in {folder} (once, some minutes)", file=sys.stderr)
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "llama-cpp-python"]
    subprocess.run([*download, PACKAGE, "--dest", str(folder)], check=True)
    archive = next(folder.glob("llama_cpp_python-*.tar.gz"))
    with tarfile.open(archive) as package:
        package.extractall(folder, filter="data")
    source = next(folder.glob("llama_cpp_python-*/vendor/llama.cpp"))
    options = ["-DCMAKE_BUILD_TYPE=Release", "-DGGML_NATIVE=ON", "-DLLAMA_CURL=OFF", "-DLLAMA_BUILD_TESTS=OFF"]
    # As in moa's own build: GCC before version 14 compiles the AMX kernels so that they crash.
    options.append("-DCMAKE_CXX_FLAGS=-U__AMX_INT8__")
    with open(folder / "build.log", "w") as log:
        configure = ["cmake", "-S", str(source), "-B", str(folder / "build"), *options]
        subprocess.run(configure, check=True, stdout=log, stderr=log)
        compile_ = ["cmake", "--build", str(folder / "build"), "--target", "llama-server", "-j", str(os.cpu_count())]
        subprocess.run(compile_, check=True, stdout=log, stderr=log)
    return program


class Server:
    """One llama-server process with one model."""

    def __init__(self, program: pathlib.Path, model: pathlib.Path, threads: int, slots: int = 1, options: tuple[str, ...] = ()):
        self.port = process.free_port()
        command = [str(program), "-m", str(model), "--host", "127.0.0.1", "--port", str(self.port), "--jinja"]
        command += ["-t", str(threads), "-tb", str(threads), "-c", str(CONTEXT_TOKENS * slots), "-np", str(slots), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait_until_healthy(self) -> None:
        started = time.monotonic()
        while time.monotonic() - started < START_SECONDS:
            if self.process.poll() is not None:
                raise RuntimeError(f"llama-server ended with code {self.process.returncode}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2) as response:
                    if response.status == 200:
                        return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("llama-server did not become healthy")

    def complete(self, messages: list[dict], max_tokens: int, **sampling) -> dict:
        body = {"messages": messages, "max_tokens": max_tokens, **sampling}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1/chat/completions",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"llama-server says {error.code}: {error.read().decode()}") from error
        timings = answer["timings"]
        return {
            "text": answer["choices"][0]["message"]["content"],
            "prompt_tokens": answer["usage"]["prompt_tokens"],
            "cached_tokens": answer["usage"]["prompt_tokens"] - timings["prompt_n"],
            "completion_tokens": answer["usage"]["completion_tokens"],
            "prefill_seconds": timings["prompt_ms"] / 1000,
            "decode_seconds": timings["predicted_ms"] / 1000,
            "drafted_tokens": timings.get("draft_n", 0),
            "accepted_tokens": timings.get("draft_n_accepted", 0),
        }

    def stop(self) -> None:
        process.stop(self.process)


class Servers:
    """One llama-server for each model, with the mixture by hand."""

    def __init__(
        self, models: dict[str, pathlib.Path], threads: int, at_once: bool, slots: int = 1, options: tuple[str, ...] = ()
    ):
        program = build()
        self.at_once = at_once
        begin = time.monotonic()
        self.servers = {model: Server(program, path, threads, slots, options) for model, path in models.items()}
        try:
            for server in self.servers.values():
                server.wait_until_healthy()
                server.complete([{"role": "user", "content": "Say hello."}], 8)
        except BaseException:
            self.stop()
            raise
        self.load_seconds = time.monotonic() - begin

    def ask(self, ask: Ask) -> dict:
        run = run_by_hand(ask, self._complete, self.at_once)
        return {**run, "memory_bytes": sum(process.peak_memory_bytes(server.process) for server in self.servers.values())}

    def _complete(self, model: str, messages: list[dict], ask: Ask, seed: int) -> dict:
        sampling = ask.sampling
        return self.servers[model].complete(
            messages,
            ask.max_tokens,
            seed=seed,
            temperature=sampling.temperature,
            top_k=sampling.top_k,
            top_p=sampling.top_p,
            min_p=sampling.min_p,
            repeat_penalty=sampling.repeat_penalty,
        )

    def stop(self) -> None:
        for server in self.servers.values():
            server.stop()
