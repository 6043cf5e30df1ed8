"""Processes that are measured: their memory, their ports, their end."""

import pathlib
import re
import signal
import socket
import subprocess


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def peak_memory_bytes(process: subprocess.Popen) -> int:
    """The most memory that a process has had in use, the pages of its mapped files included."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024


def stop(process: subprocess.Popen, patience_seconds: float = 30) -> None:
    """Ends a process in good order, or at once where it takes too long."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(patience_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
