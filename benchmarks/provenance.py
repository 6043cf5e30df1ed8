"""Where and of what figures were taken."""

import os
import pathlib
import platform
import subprocess


def machine() -> str:
    names = [line for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    name = names[0].split(":", 1)[1].strip() if names else platform.processor()
    return f"{name}, {os.cpu_count()} cores"


def commit_of_this_folder() -> str:
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    described = subprocess.run(command, cwd=pathlib.Path(__file__).parent, capture_output=True, text=True, check=False)
    return described.stdout.strip() or "unknown"
