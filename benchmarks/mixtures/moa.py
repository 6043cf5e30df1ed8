"""moa: its binary asked about models and the machine, and `moa serve` as people use it."""

import dataclasses
import json
import os
import pathlib
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from . import process
from .by_hand import text_hash
from .mixture import Ask, Mixture

PATIENCE_SECONDS = 3600
START_SECONDS = 120


@dataclasses.dataclass(frozen=True)
class Moa:
    """moa's binary."""

    program: pathlib.Path

    def json(self, *arguments: str) -> dict:
        command = [self.program, *arguments, "--json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def mixture(self, preset: str) -> Mixture:
        """The models of a preset, in their places."""
        shown = self.json("presets", "show", preset)["mixture"]
        layers = tuple(tuple(agent["model"] for agent in layer["agents"]) for layer in shown["layers"])
        return Mixture(layers, shown["aggregator"]["model"])

    def file(self, model: str) -> pathlib.Path:
        return pathlib.Path(self.json("models", "info", model)["path"])

    def machine(self) -> dict:
        """What `moa doctor` says of the machine; not where things lie on it."""
        text = subprocess.run([self.program, "doctor"], check=False, capture_output=True, text=True).stdout
        rows = dict(line.split(None, 1) for line in text.splitlines() if len(line.split(None, 1)) == 2)
        return {name: rows.get(name, "").strip() for name in ("moa", "platform", "cores", "instructions")}


class MoaServer:
    """A `moa serve`, some of whose sources of speed are switched off."""

    def __init__(self, moa: Moa, switched_off: list[str], asks: list[Ask]):
        self.folder = tempfile.TemporaryDirectory()
        home = pathlib.Path(self.folder.name)
        switches = "".join(f"{source} = false\n" for source in switched_off)
        presets = {ask.preset_name(): ask.preset() for ask in asks}
        config = home / "bench.toml"
        config.write_text(f"[engine]\n{switches}\n" + "\n".join(presets.values()))
        models_folder = moa.file(asks[0].mixture.models()[0]).parent
        environment = {**os.environ, "MOA_HOME": str(home / "data"), "MOA_MODELS_DIR": str(models_folder), "MOA_OFFLINE": "1"}
        self.port = process.free_port()
        self.log = open(home / "log", "w")
        command = [moa.program, "serve", "--config", config, "--port", str(self.port)]
        begin = time.monotonic()
        # In a folder without a project's configuration.
        self.process = subprocess.Popen(command, env=environment, cwd=home, stdout=self.log, stderr=self.log)
        self._wait_until_ready()
        self._warm_up(asks[0].mixture)
        self.load_seconds = time.monotonic() - begin

    def _wait_until_ready(self) -> None:
        begin = time.monotonic()
        while time.monotonic() - begin < START_SECONDS:
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2).close()
                return
            except (OSError, urllib.error.URLError):
                time.sleep(0.02)
        raise RuntimeError(f"moa serve did not start:\n{pathlib.Path(self.log.name).read_text()}")

    def _warm_up(self, mixture: Mixture) -> None:
        """Loads every model and lets it write a few tokens."""
        for model in mixture.models():
            self._complete({"model": model, "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8})

    def ask(self, ask: Ask) -> dict:
        begin = time.monotonic()
        completion = self._complete({"model": ask.preset_name(), "messages": ask.messages, "seed": ask.seed})
        seconds = time.monotonic() - begin
        run = completion["moa"]["runs"][0]
        document = json.loads(self._get(f"/api/runs/{run}"))
        return {
            "seconds": seconds,
            "memory_bytes": process.peak_memory_bytes(self.process),
            "answer": document["answer"],
            "calls": calls_of(document),
        }

    def _complete(self, body: dict) -> dict:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1/chat/completions",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"moa serve says {error.code}: {error.read().decode()}") from error

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as response:
            return response.read()

    def stop(self) -> None:
        process.stop(self.process)
        self.log.close()
        self.folder.cleanup()


def calls_of(document: dict) -> list[dict]:
    """What is kept of every call of a run's document."""
    return [
        {
            "layer": layer["index"],
            "model": response["model"],
            "prompt_tokens": response["usage"]["prompt_tokens"],
            "cached_tokens": response["usage"]["cached_tokens"],
            "completion_tokens": response["usage"]["completion_tokens"],
            "seconds": response["wall_ms"] / 1000,
            "first_token_seconds": (response["first_token_ms"] or 0) / 1000,
            "text_hash": text_hash(response["text"]),
            "lookup": response["lookup"],
        }
        for layer in document["layers"]
        for response in layer["responses"]
    ]
