"""llama-server, the rival: built from the source package of llama-cpp-python, started, asked, stopped."""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tarfile
import time
import urllib.request

PACKAGE = "llama-cpp-python==0.3.36"


def cache_folder() -> pathlib.Path:
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "moa-bench"


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

    def __init__(self, program: pathlib.Path, model: pathlib.Path, threads: int, context_tokens: int):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [str(program), "-m", str(model), "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["-t", str(threads), "-tb", str(threads), "-c", str(context_tokens), "-np", "1", "--jinja"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait_until_healthy(self) -> None:
        started = time.monotonic()
        while time.monotonic() - started < 120:
            if self.process.poll() is not None:
                raise RuntimeError(f"llama-server ended with code {self.process.returncode}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2) as response:
                    if response.status == 200:
                        return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("llama-server did not become healthy")

    def ask(self, messages: list[dict], max_tokens: int) -> dict:
        answer = self._complete(messages, max_tokens)
        return {
            "text": answer["choices"][0]["message"]["content"].strip(),
            "prompt_tokens": answer["usage"]["prompt_tokens"],
            "completion_tokens": answer["usage"]["completion_tokens"],
        }

    def _complete(self, messages: list[dict], max_tokens: int) -> dict:
        body = {"messages": messages, "temperature": 0, "max_tokens": max_tokens}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1/chat/completions",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=600) as response:
            return json.load(response)

    def speed(self, prompt: str, max_tokens: int) -> dict:
        """Tokens per second, as the server itself counts them, and how many there were."""
        timings = self._complete([{"role": "user", "content": prompt}], max_tokens)["timings"]
        return {
            "prefill_tokens": timings["prompt_n"],
            "prefill_tokens_per_second": timings["prompt_per_second"],
            "decode_tokens": timings["predicted_n"],
            "decode_tokens_per_second": timings["predicted_per_second"],
        }

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)
