#!/usr/bin/env python3
"""Records what a real llama-server answers, as test data of moa-openai: one file for each peculiarity.

The bytes are the server's own but for what differs from run to run: names of requests, times, measured speeds. Needs the 135M model
(MOA_TEST_MODEL, or the one that `make test` gets) and llama-server, which is built once into a cache folder.

    scripts/record_llama_server.py             all cases
    scripts/record_llama_server.py tool        those whose name has this word
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))
from mixtures import llama_server  # noqa: E402
from mixtures.cache import cache_folder  # noqa: E402

DATA = ROOT / "crates" / "moa-openai" / "tests" / "data"
MODEL = pathlib.Path(os.environ.get("MOA_TEST_MODEL", ROOT / "target/test-models/SmolLM2-135M-Instruct.Q4_1.gguf"))
QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
# The time that tests expect, in place of the real one.
CREATED = 1764000000
TOOL = {
    "type": "function",
    "function": {
        "name": "look",
        "description": "Looks at something.",
        "parameters": {"type": "object", "properties": {"at": {"enum": ["sky", "sea"]}}, "required": ["at"]},
    },
}
USAGE = {"stream_options": {"include_usage": True}}
# What a reply has in its head; the rest says nothing about it.
HEADERS = ("content-type", "retry-after")

# The templates come with the server's source; the model was trained for none of them, and a grammar or a budget keeps it to their form.
PLAIN = ["--jinja"]
SMALL = ["--jinja", "-c", "256"]
THINKING = ["--jinja", "--reasoning-budget", "8", "--chat-template-file", "Qwen-QwQ-32B.jinja"]
CALLING = ["--jinja", "--chat-template-file", "meetkai-functionary-medium-v3.2.jinja"]
TOOLS = {"tools": [TOOL], "tool_choice": "required", "messages": [{"role": "user", "content": "Look at the sky."}]}
LONG = [{"role": "user", "content": "word " * 600}]
NEARLY_TOO_LONG = [{"role": "user", "content": "word " * 219}]
NO_IMAGE = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]}]
NO_SCHEMA = {"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "nothing"}}}}

# Name, options of the server, fields of the request.
CASES = [
    ("stream", PLAIN, {"stream": True, **USAGE}),
    ("stream-timings-though-no-usage-was-asked", PLAIN, {"stream": True}),
    ("stream-timings-in-every-chunk", PLAIN, {"stream": True, "timings_per_token": True}),
    ("stream-prompt-progress", PLAIN, {"stream": True, "return_progress": True, **USAGE}),
    ("stream-logprobs", PLAIN, {"stream": True, "logprobs": True, "top_logprobs": 2, "max_tokens": 3, **USAGE}),
    ("stream-nothing-written", PLAIN, {"stream": True, "grammar": 'root ::= ""', **USAGE}),
    ("stream-length-that-is-the-contexts", SMALL, {"stream": True, "max_tokens": 400, "ignore_eos": True, "messages": NEARLY_TOO_LONG, **USAGE}),
    ("stream-two-choices-with-a-usage-each", [*PLAIN, "-np", "2"], {"stream": True, "n": 2, "max_tokens": 3, **USAGE}),
    ("stream-reasoning", THINKING, {"stream": True, "max_tokens": 20, "ignore_eos": True, **USAGE}),
    ("stream-nothing-but-reasoning", THINKING, {"stream": True, "max_tokens": 6, **USAGE}),
    ("stream-tool-call", CALLING, {"stream": True, "max_tokens": 64, **TOOLS, **USAGE}),
    ("stream-tool-call-cut-short", CALLING, {"stream": True, "max_tokens": 8, **TOOLS, **USAGE}),
    ("whole", PLAIN, {}),
    ("whole-logprobs", PLAIN, {"logprobs": True, "top_logprobs": 2, "max_tokens": 2}),
    ("whole-two-choices", [*PLAIN, "-np", "2"], {"n": 2, "max_tokens": 3}),
    ("whole-reasoning-that-stopped", THINKING, {"max_tokens": 24}),
    ("whole-tool-call", CALLING, {"max_tokens": 64, **TOOLS}),
    ("context", SMALL, {"messages": LONG}),
    ("context-of-a-stream", SMALL, {"stream": True, "messages": LONG}),
    ("key", [*PLAIN, "--api-key", "right"], {}),
    ("no-messages", PLAIN, {"messages": None}),
    ("image-for-a-blind-model", PLAIN, {"messages": NO_IMAGE}),
    ("wrong-schema", PLAIN, NO_SCHEMA),
]


def main() -> None:
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    cases = [case for case in CASES if word in case[0]]
    program = llama_server.build()
    templates = next(cache_folder().glob("llama-server/llama_cpp_python-*/vendor/llama.cpp/models/templates"))
    for options in {tuple(case[1]): case[1] for case in cases}.values():
        found = [str(templates / option) if option.endswith(".jinja") else option for option in options]
        with server(program, found) as port:
            for name, _, fields in [case for case in cases if case[1] == options]:
                record(name, fields, port)


@contextlib.contextmanager
def server(program: pathlib.Path, options: list[str]):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    context = [] if "-c" in options else ["-c", "1024"]
    slots = [] if "-np" in options else ["-np", "1"]
    command = [program, "-m", MODEL, "--alias", "asked-model", "--port", str(port), "-t", "1", *context, *slots, *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            if process.poll() is not None:
                raise SystemExit(f"llama-server ended with code {process.returncode}: {options}")
            if not is_loading(port):
                break
            time.sleep(0.01)
        yield port
    finally:
        process.terminate()
        process.wait()


def is_loading(port: int) -> bool:
    """Whether the server is not there yet. What it says while it loads is recorded too."""
    try:
        status, headers, body = ask(port, {"messages": QUESTION, "max_tokens": 1})
    except OSError:
        return True
    if status == 503:
        write_refusal("loading", status, headers, body)
    return status == 503


def ask(port: int, body: dict) -> tuple[int, dict, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()


def record(name: str, fields: dict, port: int) -> None:
    asked = {"model": "asked-model", "messages": QUESTION, "temperature": 0, "seed": 1, "max_tokens": 8, **fields}
    status, headers, body = ask(port, {key: value for key, value in asked.items() if value is not None})
    if status == 200:
        suffix = "sse" if "event-stream" in headers["content-type"] else "json"
        path = DATA / "answers" / f"llama-server-{name}.{suffix}"
        path.write_bytes(steady(body))
        print(f"{path.name}: {len(body)} bytes")
    else:
        write_refusal(name, status, headers, body)


def write_refusal(name: str, status: int, headers: dict, body: bytes) -> None:
    path = DATA / "refusals" / f"llama-server-{name}.http"
    head = "".join(f"{key}: {headers[key]}\n" for key in HEADERS if key in headers)
    written = f"{status}\n{head}\n{body.decode()}\n"
    if not path.exists() or path.read_text() != written:
        path.write_text(written)
        print(f"{path.name}: {status}")


def steady(body: bytes) -> bytes:
    """The bytes without what differs from run to run."""
    body = re.sub(rb'"created":\d+', b'"created":%d' % CREATED, body)
    body = re.sub(rb'chatcmpl-\w+', b"chatcmpl-1", body)
    ids = list(dict.fromkeys(re.findall(rb'"id":"(\w{32})"', body)))
    for number, each in enumerate(ids, 1):
        body = body.replace(each, b"call-%d" % number)
    return re.sub(rb'("(?:\w+_ms|\w+_per_second)":)[\d.e-]+', rb"\g<1>1.5", body)


if __name__ == "__main__":
    main()
