#!/usr/bin/env python3
"""Runs real clients against `moa serve`, which stands before a mock of the services behind it.

The clients are installed from their package indexes into target/clients. Usage: check_clients.py [--only openai,litellm,...]
"""

import argparse
import os
import shutil
import subprocess
from pathlib import Path

import litellm_proxy
from python_environment import python_with
from served import ROOT, served

HERE = ROOT / "scripts" / "clients"
PLACE = ROOT / "target" / "clients"
KEY = "sk-moa-test"
PATIENCE_S = 600
# Pinned, so that what is checked changes when we want it to.
PYTHON = {
    "openai": ["openai==3.57.0"],
    "langchain": ["langchain-openai==1.7.4"],
    "litellm": litellm_proxy.PACKAGES,
    "schemathesis": ["schemathesis==4.32.5"],
}
NODE = ["ai@6.0.326", "@ai-sdk/openai-compatible@2.0.92"]
SCRIPTS = {
    "openai": ("openai", "openai_client.py"),
    "langchain": ("langchain", "langchain_client.py"),
    "litellm": ("litellm", "litellm_client.py"),
    "litellm-proxy": ("litellm", "litellm_proxy_client.py"),
}
ALL = [*SCRIPTS, "ai-sdk", "schemathesis"]


def installed(name):
    """The Python of an environment that has the client, made where it is missing."""
    return python_with(PLACE / name, PYTHON[name])


def check_schemathesis(environment):
    python = installed("schemathesis")
    command = [
        python.parent / "schemathesis", "--config-file", HERE / "schemathesis.toml",
        "run", f"{environment['MOA_ROOT']}/openapi.json",
        # A stream of events ends with its run, and runs that other cases have started may still go on.
        "--exclude-path-regex", "events$",
    ]
    # It keeps what it found in the folder in which it runs.
    subprocess.run(command, check=True, env=environment, cwd=PLACE, timeout=PATIENCE_S)


def check_ai_sdk(environment):
    if not shutil.which("npm"):
        raise SystemExit("npm is needed for the AI SDK: apt-get install npm")
    folder = PLACE / "node"
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "installed.txt"
    if not done.exists() or done.read_text() != " ".join(NODE):
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder]
        subprocess.run([*install, *NODE], check=True)
        done.write_text(" ".join(NODE))
    shutil.copy(HERE / "ai_sdk.mjs", folder)
    subprocess.run(["node", folder / "ai_sdk.mjs"], check=True, env=environment, timeout=PATIENCE_S)


def check(name, environment):
    if name == "ai-sdk":
        check_ai_sdk(environment)
    elif name == "schemathesis":
        check_schemathesis(environment)
    else:
        client, script = SCRIPTS[name]
        subprocess.run([installed(client), HERE / script], check=True, env=environment, timeout=PATIENCE_S)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(ALL), help="of %(default)s")
    parser.add_argument("--moa", default=ROOT / "target" / "debug" / "moa", type=Path)
    parser.add_argument("--mock", default=ROOT / "target" / "debug" / "moa-mock", type=Path)
    arguments = parser.parse_args()
    PLACE.mkdir(parents=True, exist_ok=True)
    outcomes = {}
    with served(arguments.moa, arguments.mock, HERE / "mock.toml", HERE / "moa.toml.in", key=KEY) as here:
        # Litellm would fetch a list of prices at each start.
        told = {"MOA_ROOT": here.url, "MOA_URL": f"{here.url}/v1", "MOA_KEY": KEY, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        environment = {**here.environment, **told}
        for name in arguments.only.split(","):
            try:
                check(name, environment)
                outcomes[name] = "passes"
            except subprocess.CalledProcessError as error:
                outcomes[name] = f"fails ({os.path.basename(str(error.cmd[0]))} ended with {error.returncode})"
            except subprocess.TimeoutExpired:
                outcomes[name] = f"has not ended within {PATIENCE_S} s"
            if here.server.process.poll() is not None:
                outcomes[name] = "the server has ended:\n" + "".join(here.server.tail)
                break
    for name, outcome in outcomes.items():
        print(f"{name}: {outcome}")
    raise SystemExit(any(outcome != "passes" for outcome in outcomes.values()))


if __name__ == "__main__":
    main()
