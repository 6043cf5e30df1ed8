"""Asking several contenders the same questions, in turn, prompt by prompt."""

import dataclasses
import pathlib
import sys
import time

from provenance import commit_of_this_folder

from .contenders import Stage
from .journal import Journal
from .mixture import Ask, Mixture, Sampling
from .moa import Moa
from .prompts import Prompt


@dataclasses.dataclass(frozen=True)
class Bench:
    """What all parts share. `max_tokens` caps what the prompts allow."""

    moa: Moa
    mixture: Mixture
    journal: Journal
    rounds: range
    prompts: list[Prompt]
    samplings: list[Sampling]
    contenders: list[str]
    max_tokens: int

    def files(self, mixture: Mixture) -> dict[str, pathlib.Path]:
        return {model: self.moa.file(model) for model in mixture.models()}

    def ask(self, mixture: Mixture, prompt: Prompt, sampling: Sampling, round_number: int) -> Ask:
        # A conversation of its own for every round and temperature: nobody may answer out of what it kept of another one.
        mark = f"[{round_number}{'s' if sampling.temperature else 'g'}] "
        return Ask(mixture, sampling, min(prompt.max_tokens, self.max_tokens), prompt.messages(mark), seed=round_number)


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Contenders that are asked the same mixture. Where it does not `keep` them, each is started anew for every prompt."""

    part: str
    mixture: Mixture
    contenders: list[str]
    prompts: list[Prompt]
    samplings: list[Sampling]
    keeps: bool

    def measure(self, bench: Bench) -> None:
        todo = self._todo(bench)
        asks = [bench.ask(self.mixture, prompt, sampling, 1) for prompt in self.prompts for sampling in self.samplings]
        stage = Stage(bench.moa, bench.files(self.mixture), asks, self.keeps)
        begin = time.monotonic()
        try:
            for done, (contender, prompt, sampling, round_number) in enumerate(todo):
                figures = stage.ask(contender, bench.ask(self.mixture, prompt, sampling, round_number))
                if figures is None:
                    continue
                place = place_of(contender, prompt, sampling, round_number)
                bench.journal.add(self.part, place, {"commit": commit_of_this_folder(), **figures})
                left = (time.monotonic() - begin) / (done + 1) * (len(todo) - done - 1)
                tell(self.part, place, figures, f"{done + 1} of {len(todo)}, about {left / 60:.0f} min left")
        finally:
            bench.journal.say_impossible(stage.impossible)
            stage.stop()

    def _todo(self, bench: Bench) -> list[tuple[str, Prompt, Sampling, int]]:
        """What was not measured yet. Nobody is always the first: the order goes round from prompt to prompt."""
        todo = []
        for round_number in bench.rounds:
            for sampling in self.samplings:
                for turn, prompt in enumerate(self.prompts):
                    first = (turn + round_number) % len(self.contenders)
                    for contender in [*self.contenders[first:], *self.contenders[:first]]:
                        if not bench.journal.has(self.part, place_of(contender, prompt, sampling, round_number)):
                            todo.append((contender, prompt, sampling, round_number))
        return todo


def place_of(contender: str, prompt: Prompt, sampling: Sampling, round_number: int) -> dict:
    return {"contender": contender, "prompt": prompt.name, "temperature": sampling.temperature, "round": round_number}


def tell(part: str, place: dict, figures: dict, progress: str) -> None:
    tokens = sum(call["completion_tokens"] for call in figures["calls"])
    what = " ".join(str(value) for value in place.values())
    print(
        f"{part}: {figures['seconds']:7.1f} s {tokens:5d} tokens {tokens / figures['seconds']:6.1f} tok/s  {what}  ({progress})",
        file=sys.stderr,
    )
