"""`moa serve` before a mock of the services behind it, as checks and benchmarks want it: on free ports, with a home of its own."""

import collections
import contextlib
import dataclasses
import hashlib
import os
import re
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 60


class Program:
    """A program that tells its address in its output, which is read to the end so that it never blocks."""

    def __init__(self, command, environment, pattern):
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
        )
        self.tail = collections.deque(maxlen=50)
        self.found = None
        self._told = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(re.compile(pattern),), daemon=True)
        self._reader.start()
        self._told.wait(PATIENCE_S)
        if self.found is None:
            self.process.kill()
            raise SystemExit(f"{command[0]} did not start:\n{''.join(self.tail)}")

    def _read(self, pattern):
        for line in self.process.stdout:
            self.tail.append(line)
            told = pattern.search(line)
            if told and self.found is None:
                self.found = told.group(0)
                self._told.set()
        self._told.set()

    def stop(self):
        """Ends it in good order and gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise SystemExit(f"{self.process.args[0]} did not end:\n{''.join(self.tail)}") from None


@dataclasses.dataclass
class Served:
    url: str
    mock_url: str
    server: Program
    mock: Program
    home: Path
    environment: dict

    def rss_kib(self, program=None):
        """The memory that a program, the server if none is named, has in use."""
        status = Path(f"/proc/{(program or self.server).process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1))


    def cpu_seconds(self):
        """The time that the server has computed so far."""
        fields = Path(f"/proc/{self.server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def served(moa, mock, script, config, key=None, mock_options=(), options=()):
    """Starts a mock with a script and a server whose configuration names `@MOCK@`, and `@HASH@` for the key."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        environment = {**os.environ, "MOA_HOME": folder, "MOA_OFFLINE": "1", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        behind = Program([mock, "--config", script, *mock_options], environment, r"http://[\w.:]+/v1")
        try:
            text = Path(config).read_text().replace("@MOCK@", behind.found)
            text = text.replace("@HASH@", hashlib.sha256((key or "").encode()).hexdigest())
            written = home / "serve.toml"
            written.write_text(text)
            server = Program([moa, "serve", "--port", "0", "--config", written, *options], environment, r"http://[\w.:]+")
            try:
                yield Served(server.found, behind.found, server, behind, home, environment)
            finally:
                code = server.stop()
                if code != 0:
                    raise SystemExit(f"moa serve ended with {code}:\n{''.join(server.tail)}")
        finally:
            behind.stop()
