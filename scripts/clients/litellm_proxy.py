"""litellm as a proxy before `moa serve`: what its clients see of ours."""

import json
import os
import pathlib
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import openai

QUESTION = [{"role": "user", "content": "Is it so?"}]
PATIENCE_S = 180
# The proxy does not start without one that is hard to guess.
MASTER_KEY = f"sk-{secrets.token_hex(32)}"
CONFIG = {
    "model_list": [
        {
            "model_name": name,
            "litellm_params": {"model": f"openai/{name}", "api_base": os.environ["MOA_URL"], "api_key": os.environ["MOA_KEY"]},
        }
        for name in ("duo", "calling", "breaking", "failing", "slow-duo")
    ],
    "litellm_settings": {"num_retries": 0, "telemetry": False},
    "general_settings": {"master_key": MASTER_KEY},
    "router_settings": {"num_retries": 0, "disable_cooldowns": True},
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(is_so, what):
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} within {PATIENCE_S} s: no")
        time.sleep(0.2)


def answers(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def check(client):
    answer = client.chat.completions.create(model="duo", messages=QUESTION)
    assert answer.choices[0].message.content == "It is so." and answer.usage.total_tokens > 0
    print("litellm proxy: chat passes", flush=True)

    text, usage = "", None
    options = {"include_usage": True}
    for chunk in client.chat.completions.create(model="duo", messages=QUESTION, stream=True, stream_options=options):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
    assert text == "It is so.", text
    assert usage and usage.total_tokens > 0
    print("litellm proxy: stream and usage pass", flush=True)

    tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
    [call] = client.chat.completions.create(model="calling", messages=QUESTION, tools=[tool]).choices[0].message.tool_calls
    assert call.function.name == "weather"
    print("litellm proxy: tools pass", flush=True)

    for ask in (
        lambda: client.chat.completions.create(model="failing", messages=QUESTION),
        lambda: list(client.chat.completions.create(model="breaking", messages=QUESTION, stream=True)),
    ):
        try:
            ask()
            raise AssertionError("no error")
        except openai.APIError:
            pass
    print("litellm proxy: errors pass", flush=True)

    with client.chat.completions.create(model="slow-duo", messages=QUESTION, stream=True) as chunks:
        for chunk in chunks:
            if chunk.choices and chunk.choices[0].delta.content:
                break

    def is_idle():
        with urllib.request.urlopen(f"{os.environ['MOA_ROOT']}/readyz", timeout=5) as response:
            return json.load(response)["runs"] == 0

    until(is_idle, "the run of a client that left has ended")
    print("litellm proxy: early close passes", flush=True)


with tempfile.TemporaryDirectory() as folder:
    config = pathlib.Path(folder) / "litellm.yaml"
    # JSON is YAML.
    config.write_text(json.dumps(CONFIG))
    port = free_port()
    command = [pathlib.Path(sys.executable).parent / "litellm", "--config", config, "--host", "127.0.0.1", "--port", str(port)]
    log = pathlib.Path(folder) / "log.txt"
    with log.open("w") as output:
        proxy = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        until(lambda: proxy.poll() is not None or answers(f"http://127.0.0.1:{port}/health/liveliness"), "the proxy answers")
        assert proxy.poll() is None, "the proxy has ended"
        check(openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key=MASTER_KEY, max_retries=0))
    except BaseException:
        print(log.read_text()[-4000:], file=sys.stderr)
        raise
    finally:
        proxy.terminate()
        proxy.wait(30)
