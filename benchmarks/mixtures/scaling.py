"""How the time grows with the number of agents, of layers, and of tokens to read."""

import dataclasses
import sys

from provenance import commit_of_this_folder

from .comparison import Bench
from .mixture import SAMPLED, Ask, Mixture
from .moa import MoaServer

PART = "scaling"
AGENTS = (1, 2, 3, 4, 6, 8)
LAYERS = (1, 2, 3, 4, 5, 6)
PROMPT_TOKENS = (128, 256, 512, 1024, 2048, 4096, 8192)
MOST_TOKENS = 48
MOST_TOKENS_AFTER_LONG_PROMPT = 16
QUESTION = "Explain at length how bread is made, from the field to the table."
# About as many tokens as words, so that a prompt of any length can be made; what it really came to is in the figures.
WORD = " river"
# What the chat format, the question and the answer take of the longest prompt's context.
ROOM = 96


@dataclasses.dataclass(frozen=True)
class Step:
    """One point of one of the three curves."""

    axis: str
    size: int
    mixture: Mixture
    text: str
    max_tokens: int

    def ask(self, round_number: int) -> Ask:
        messages = [{"role": "user", "content": f"[{self.axis} {self.size} {round_number}] {self.text}"}]
        return Ask(self.mixture, SAMPLED, self.max_tokens, messages, seed=round_number)


def measure(bench: Bench) -> None:
    by_size = sorted(bench.files(bench.mixture).items(), key=lambda item: item[1].stat().st_size)
    steps = all_steps(bench.mixture, by_size[len(by_size) // 2][0])
    server = MoaServer(bench.moa, [], [step.ask(1) for step in steps])
    try:
        for round_number in bench.rounds:
            for step in steps:
                place = {"axis": step.axis, "size": step.size, "round": round_number}
                if bench.journal.has(PART, place):
                    continue
                figures = server.ask(step.ask(round_number))
                bench.journal.add(PART, place, {"commit": commit_of_this_folder(), **figures})
                print(f"{PART}: {figures['seconds']:7.1f} s  {step.size} {step.axis}", file=sys.stderr)
    finally:
        server.stop()


def all_steps(mixture: Mixture, reader: str) -> list[Step]:
    """The points of all curves; `reader` is the model that reads prompts of several lengths."""
    proposers = mixture.layers[0]

    def layer(agents: int) -> tuple[str, ...]:
        return tuple(proposers[place % len(proposers)] for place in range(agents))

    agents = [Step("agents", size, Mixture((layer(size),), mixture.aggregator), QUESTION, MOST_TOKENS) for size in AGENTS]
    layers = [Step("layers", size, Mixture((proposers,) * (size - 1), mixture.aggregator), QUESTION, MOST_TOKENS) for size in LAYERS]
    prompts = [
        Step("prompt tokens", size, Mixture((), reader), WORD * (size - ROOM) + "\n" + QUESTION, MOST_TOKENS_AFTER_LONG_PROMPT)
        for size in PROMPT_TOKENS
    ]
    return [*agents, *layers, *prompts]
