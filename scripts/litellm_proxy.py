"""litellm's proxy as a process, before `moa serve` or in its place."""

import contextlib
import json
import pathlib
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

# What brings the proxy; the same for checks and benchmarks, so that it is installed once.
PACKAGES = ["litellm[proxy]==1.108.7"]
PATIENCE_S = 180


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(is_so, what, patience_s=PATIENCE_S):
    deadline = time.monotonic() + patience_s
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} within {patience_s} s: no")
        time.sleep(0.2)


def answers(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


@contextlib.contextmanager
def litellm_proxy(python, names, base_url, key, environment=None):
    """Starts the proxy that the environment of `python` has, for models behind a base URL; gives its base URL and its key."""
    # The proxy does not start without one that is hard to guess.
    master_key = f"sk-{secrets.token_hex(32)}"
    config = {
        "model_list": [
            {"model_name": name, "litellm_params": {"model": f"openai/{name}", "api_base": base_url, "api_key": key}} for name in names
        ],
        "litellm_settings": {"num_retries": 0, "telemetry": False},
        "general_settings": {"master_key": master_key},
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
    }
    with tempfile.TemporaryDirectory() as folder:
        file, log = pathlib.Path(folder) / "litellm.yaml", pathlib.Path(folder) / "log.txt"
        # JSON is YAML.
        file.write_text(json.dumps(config))
        port = free_port()
        command = [pathlib.Path(python).parent / "litellm", "--config", file, "--host", "127.0.0.1", "--port", str(port)]
        with log.open("w") as output:
            proxy = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
        try:
            until(lambda: proxy.poll() is not None or answers(f"http://127.0.0.1:{port}/health/liveliness"), "the proxy answers")
            if proxy.poll() is not None:
                raise SystemExit("litellm's proxy has ended")
            yield f"http://127.0.0.1:{port}/v1", master_key
        except BaseException:
            print(log.read_text()[-4000:], file=sys.stderr)
            raise
        finally:
            proxy.terminate()
            proxy.wait(30)
