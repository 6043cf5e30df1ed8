"""Where and of what figures were taken."""

import os
import pathlib
import platform
import subprocess


def machine() -> str:
    names = [line for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    name = names[0].split(":", 1)[1].strip() if names else platform.processor()
    return f"{name}, {os.cpu_count()} cores"


# What a benchmark itself writes, and what is written about it, does not change what is measured.
RESULTS = (":(top,exclude)benchmarks/*.json", ":(top,exclude)benchmarks/*.svg", ":(top,exclude)*.md")


def commit_of_this_folder() -> str:
    commit = _git("rev-parse", "--short", "HEAD").stdout.strip()
    if not commit:
        return "unknown"
    is_changed = _git("diff", "--quiet", "HEAD", "--", ":(top)", *RESULTS).returncode != 0
    return f"{commit}-dirty" if is_changed else commit


def _git(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(["git", *arguments], cwd=pathlib.Path(__file__).parent, capture_output=True, text=True, check=False)
