#!/usr/bin/env python3
"""Runs real clients against `moa serve`, which stands before a mock of the services behind it.

The clients are installed from their package indexes into target/clients. Usage: check_clients.py [--only openai,litellm,...]
"""

import argparse
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "scripts" / "clients"
PLACE = ROOT / "target" / "clients"
KEY = "sk-moa-test"
PYTHON = {
    "openai": ["openai"],
    "langchain": ["langchain-openai"],
    "litellm": ["litellm"],
    "schemathesis": ["schemathesis"],
}
SCRIPTS = {"openai": "openai_client.py", "langchain": "langchain_client.py", "litellm": "litellm_client.py"}


def installed(name):
    """The Python of an environment that has the client, made where it is missing."""
    python = PLACE / name / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", PLACE / name], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PYTHON[name]], check=True)
    return python


def started(command, environment, pattern):
    """A program, and what it tells of its address on stdout or stderr."""
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
    )
    for line in process.stdout:
        found = re.search(pattern, line)
        if found:
            return process, found.group(0)
    raise SystemExit(f"{command[0]} did not start")


def check_schemathesis(environment):
    python = installed("schemathesis")
    root = environment["MOA_URL"].removesuffix("/v1")
    command = [
        python.parent / "schemathesis", "run", f"{root}/openapi.json",
        "--header", f"Authorization: Bearer {KEY}",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        # A 502 or 503 is what a mixture has to say of models that fail or are not there.
        "--exclude-path-regex", "events$", "--max-examples", "30", "--no-color",
    ]
    subprocess.run(command, check=True)


def check_ai_sdk(environment):
    if not shutil.which("npm"):
        raise SystemExit("npm is needed for the AI SDK")
    folder = PLACE / "node"
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, "ai", "@ai-sdk/openai-compatible"],
        check=True,
    )
    shutil.copy(HERE / "ai_sdk.mjs", folder)
    subprocess.run(["node", folder / "ai_sdk.mjs"], check=True, env=environment)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="openai,langchain,litellm,ai-sdk,schemathesis")
    parser.add_argument("--moa", default=ROOT / "target" / "debug" / "moa", type=Path)
    parser.add_argument("--mock", default=ROOT / "target" / "debug" / "moa-mock", type=Path)
    arguments = parser.parse_args()
    PLACE.mkdir(parents=True, exist_ok=True)
    failed = []
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "MOA_HOME": home, "MOA_OFFLINE": "1", "NO_PROXY": "127.0.0.1"}
        mock, mock_url = started(
            [arguments.mock, "--config", HERE / "mock.toml"], environment, r"http://[\w.:]+/v1"
        )
        try:
            text = (HERE / "moa.toml.in").read_text()
            digest = hashlib.sha256(KEY.encode()).hexdigest()
            config = Path(home) / "serve.toml"
            config.write_text(text.replace("@MOCK@", mock_url).replace("@HASH@", digest))
            server, url = started(
                [arguments.moa, "serve", "--port", "0", "--config", config], environment, r"http://[\w.:]+"
            )
            environment |= {"MOA_URL": f"{url}/v1", "MOA_KEY": KEY}
            try:
                for name in arguments.only.split(","):
                    try:
                        if name == "ai-sdk":
                            check_ai_sdk(environment)
                        elif name == "schemathesis":
                            check_schemathesis(environment)
                        else:
                            subprocess.run([installed(name), HERE / SCRIPTS[name]], check=True, env=environment)
                    except subprocess.CalledProcessError as error:
                        failed.append(f"{name}: {error}")
            finally:
                server.send_signal(signal.SIGTERM)
                server.wait(60)
        finally:
            mock.terminate()
            mock.wait(60)
    for problem in failed:
        print(problem, file=sys.stderr)
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
