"""Who is compared: moa with its sources of speed, llama-server in three set-ups, the article's way."""

import dataclasses
import os
import pathlib
import sys
from collections.abc import Callable

from . import llama_server
from .article import Article, NotPossible
from .mixture import Ask
from .moa import Moa, MoaServer

# The switches of moa's configuration, in the order in which the ablation switches them on.
SOURCES = ("kernels", "side-by-side", "lookup", "peer-lookup", "prefix-reuse", "read-ahead")
THREADS = os.cpu_count() or 1
SLOTS = 6


@dataclasses.dataclass(frozen=True)
class Contender:
    """`start` makes one that has its models loaded, and has warmed up by a few tokens of each. One that `is_kept` goes on from prompt to
    prompt, as servers do; the others are started anew each time, so that the memory is enough for all."""

    title: str
    start: Callable[[Moa, dict[str, pathlib.Path], list[Ask]], object]
    is_kept: bool = False


def _moa(title: str, *sources: str, is_kept: bool = False) -> Contender:
    switched_off = [source for source in SOURCES if source not in sources]
    return Contender(title, lambda moa, _files, asks: MoaServer(moa, switched_off, asks), is_kept)


def _without(source: str) -> Contender:
    return _moa(f"moa without {source}", *(other for other in SOURCES if other != source))


def _llama(title: str, at_once: bool = False, is_kept: bool = False, threads: int = THREADS, **setup) -> Contender:
    return Contender(title, lambda _moa, files, _asks: llama_server.Servers(files, threads, at_once, **setup), is_kept)


ABLATION = {
    "moa-none": _moa("moa with no source of speed"),
    "moa-kernels": _moa("+ kernels", *SOURCES[:1]),
    "moa-side-by-side": _moa("+ models side by side", *SOURCES[:2]),
    "moa-lookup": _moa("+ lookup", *SOURCES[:3]),
    "moa-peer-lookup": _moa("+ lookup in the answers of others", *SOURCES[:4]),
    "moa-prefix-reuse": _moa("+ prefix reuse", *SOURCES[:5]),
    "moa": _moa("moa", *SOURCES, is_kept=True),
}
CONTENDERS = {
    **ABLATION,
    "moa-without-lookup": _without("lookup"),
    "moa-without-read-ahead": _without("read-ahead"),
    "llama-plain": _llama("llama-server, one after the other", is_kept=True),
    "llama-tuned": _llama("llama-server, the same with its own n-gram speculation", options=llama_server.TUNED, is_kept=True),
    "llama-naive": _llama("llama-server, all of a layer at once", at_once=True),
    "llama-one-thread": _llama("llama-server, all of a layer at once, a thread each", at_once=True, threads=1),
    "llama-slots": _llama(f"llama-server with {SLOTS} slots, all of a layer at once", at_once=True, slots=SLOTS),
    "article": Contender("transformers, one after the other", lambda _moa, files, _asks: Article(files), is_kept=True),
}
# Who is compared on all prompts.
RIVALRY = ("moa", "llama-plain", "llama-tuned", "llama-naive", "article")


class Stage:
    """The contenders that run, and the reasons why others cannot."""

    def __init__(self, moa: Moa, files: dict[str, pathlib.Path], asks: list[Ask], keeps: bool):
        self.moa = moa
        self.files = files
        self.asks = asks
        self.keeps = keeps
        self.running: dict[str, object] = {}
        self.impossible: dict[str, str] = {}

    def ask(self, name: str, ask: Ask) -> dict | None:
        """The run's figures; nothing where the contender cannot run here."""
        if name in self.impossible:
            return None
        try:
            if name not in self.running:
                print(f"          starting {name}", file=sys.stderr)
                self.running[name] = CONTENDERS[name].start(self.moa, self.files, self.asks)
            running = self.running[name]
            return {**running.ask(ask), "load_seconds": running.load_seconds}
        except NotPossible as reason:
            self.impossible[name] = str(reason)
            print(f"          not possible here: {name}: {reason}", file=sys.stderr)
            return None
        finally:
            if not (self.keeps and CONTENDERS[name].is_kept):
                self._stop(name)

    def stop(self) -> None:
        for name in list(self.running):
            self._stop(name)

    def _stop(self, name: str) -> None:
        running = self.running.pop(name, None)
        if running is not None:
            running.stop()
