"""The machine, as far as it matters to the figures."""

import pathlib
import platform

from .moa import Moa


def machine(moa: Moa) -> dict:
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    total = next(line for line in pathlib.Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    told = moa.machine()
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": told["cores"],
        "instructions": told["instructions"],
        "memory_gb": round(int(total.split()[1]) / 1e6),
    }
