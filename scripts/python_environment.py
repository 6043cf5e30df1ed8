"""Python environments with pinned packages, for what checks and benchmarks compare with or talk to."""

import subprocess
import sys
import venv
from pathlib import Path


def python_with(place, packages, bare_packages=()):
    """The Python of an environment at a place that has these packages, made anew where it has not. `bare_packages` come without what they
    depend on."""
    place = Path(place)
    python, done = place / "bin" / "python", place / "installed.txt"
    wanted = "\n".join([*packages, *bare_packages])
    if not done.exists() or done.read_text() != wanted:
        print(f"installing {', '.join([*packages, *bare_packages])} into {place} (once)", file=sys.stderr)
        venv.create(place, with_pip=True, clear=True)
        install = [python, "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, *packages], check=True)
        if bare_packages:
            subprocess.run([*install, "--no-deps", *bare_packages], check=True)
        done.write_text(wanted)
    return python
