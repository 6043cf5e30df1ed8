"""Where rivals and journals are kept: a folder outside the repository."""

import os
import pathlib


def cache_folder() -> pathlib.Path:
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    folder = pathlib.Path(base) / "moa-bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
