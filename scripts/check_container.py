#!/usr/bin/env python3
"""Tests what the image is made of where there is no container engine: the steps of the Dockerfile, which are in container.sh, run in Debian
roots made with debootstrap, one that builds and one that runs what was built; the server that results is asked a question there.

Not tested: that the Dockerfile's own lines are right, and the CUDA variant. Wants to be root, debootstrap, and a Rust toolchain, which the
roots borrow. Takes as long as a release build, and several gigabytes until the end.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import debian_root
from litellm_proxy import free_port
from served import ROOT

MODEL = "smollm2-135m-instruct"
USER = 10001
PATIENCE_S = 120


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--release", default="trixie", help="of Debian, as in the Dockerfile")
    parser.add_argument("--place", type=Path, help="where the roots are made; a folder that is removed afterwards without it")
    parser.add_argument("--keep", action="store_true", help="does not remove the roots, and uses those that are there")
    parser.add_argument("--jobs", default=str(os.cpu_count()), help="how many compilers run at once")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        return print("container: skipped, only root can make a Debian root")
    if not shutil.which("debootstrap") and subprocess.run([ROOT / "scripts" / "bootstrap.sh", "container"], check=False).returncode != 0:
        return print("container: skipped, there is no debootstrap")
    if arguments.place:
        arguments.place.mkdir(parents=True, exist_ok=True)
        return check(arguments, arguments.place.resolve())
    with tempfile.TemporaryDirectory(prefix="moa-container-") as place:
        return check(arguments, Path(place))


def check(arguments, place):
    built = place / "portable"
    if not (arguments.keep and built.exists()):
        step(f"a Debian root of {arguments.release}")
        debian_root.make(fresh(place / "base"), arguments.release)
        build(arguments, place, built)
    step("the root in which moa runs")
    run = copied(place / "base", place / "run")
    shutil.copytree(built, run / "usr/local/lib/moa", symlinks=True)
    shutil.copy(ROOT / "scripts" / "container.sh", run / "usr/local/lib/moa")
    with debian_root.root(run, variables={"MOA_HOME": "/data"}.items()) as root:
        root.run("/usr/local/lib/moa/container.sh", "install", stdout=subprocess.DEVNULL)
        models(root)
        serve(root)
    if not arguments.keep:
        for folder in ("base", "run", "portable"):
            shutil.rmtree(place / folder)


def build(arguments, place, built):
    """What the first stage of the Dockerfile does. The Rust of its base image is this machine's."""
    step("the root that builds")
    folder = copied(place / "base", place / "build")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.split("\0"):
        if name and (ROOT / name).exists():
            target = folder / "source" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
    toolchain = subprocess.run(["rustc", "--print", "sysroot"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    registry = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo")) / "registry"
    target = place / "target"
    target.mkdir(exist_ok=True)
    shared = [(toolchain, "usr/local/rust"), (registry, "root/.cargo/registry"), (target, "source/target")]
    variables = {"PATH": f"/usr/local/rust/bin:{debian_root.SEARCHED}", "CARGO_BUILD_JOBS": arguments.jobs, "NUM_JOBS": arguments.jobs}
    with debian_root.root(folder, shared, variables.items()) as root:
        step("container.sh needs")
        root.run("/source/scripts/container.sh", "needs", stdout=subprocess.DEVNULL)
        step("container.sh build cpu")
        root.run("/source/scripts/container.sh", "build", "cpu")
    fresh(built)
    shutil.copytree(target / "portable", built, symlinks=True, dirs_exist_ok=True)
    shutil.rmtree(target)
    shutil.rmtree(folder)


def models(root):
    """The model, whose file is taken from this machine where it is here: then pulling it only makes sure that it is the right one."""
    file = os.environ.get("MOA_TEST_MODEL")
    if file and Path(file).exists():
        folder = root.folder / "data/models"
        folder.mkdir(exist_ok=True)
        shutil.copy(file, folder)
        root.run("chown", "-R", f"{USER}:{USER}", "/data")
    root.run("moa", "models", "pull", MODEL, user=f"{USER}:{USER}", stderr=subprocess.DEVNULL)


def serve(root):
    """Starts the server as the image does, and asks it."""
    step("moa serve")
    port = str(free_port())
    # The image's own command listens for the container's network; this machine's is shared here.
    server = subprocess.Popen(root.command("moa", "serve", "--port", port, user=f"{USER}:{USER}"), env={**root.environment, "HOME": "/home/moa"})
    try:
        wait_until_healthy(root, server, port)
        status = Path(f"/proc/{server.pid}/status").read_text()
        assert f"\nUid:\t{USER}\t" in status, "the server does not run as its own user"
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).read()
        assert b"<html" in page, "the page is missing"
        body = {"model": MODEL, "max_tokens": 24, "messages": [{"role": "user", "content": "What is the capital of France?"}]}
        question = urllib.request.Request(f"http://127.0.0.1:{port}/v1/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"})
        answer = json.load(urllib.request.urlopen(question, timeout=PATIENCE_S))["choices"][0]["message"]["content"]
        assert answer.strip(), "the answer is empty"
        print(f"container: it answers: {answer.strip()}", flush=True)
        assert (root.folder / "data/runs.sqlite3").exists(), "the run is not on the volume"
        server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENCE_S) == 0, "it does not end in good order"
        assert root.run("/usr/local/lib/moa/container.sh", "health", port, check=False, stderr=subprocess.DEVNULL).returncode != 0, "gone, and healthy"
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()
    print("container: passes", flush=True)


def wait_until_healthy(root, server, port):
    deadline = time.monotonic() + PATIENCE_S
    while root.run("/usr/local/lib/moa/container.sh", "health", port, check=False, stderr=subprocess.DEVNULL).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("container: the server does not answer")
        time.sleep(0.2)


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def copied(base, folder):
    shutil.rmtree(folder, ignore_errors=True)
    # Devices and owners are kept, which Python's own copying does not do.
    subprocess.run(["cp", "--archive", base, folder], check=True)
    return folder


def step(what):
    print(f"container: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
