"""The parts of the benchmark, by name. Each can be run by itself, and goes on where it was stopped."""

from . import roofline, scaling
from .comparison import Bench, Comparison
from .contenders import ABLATION, SLOTS
from .mixture import GREEDY, SAMPLED, Mixture

# Of different kinds, and few, because there each contender is started anew for each.
FEW = ("capital", "fibonacci", "sky", "tokyo", "summary", "recipe")


def mixtures(bench: Bench) -> None:
    """Everybody, on every prompt, greedy and sampled."""
    Comparison("mixtures", bench.mixture, bench.contenders, bench.prompts, bench.samplings, keeps=True).measure(bench)


def ablation(bench: Bench) -> None:
    """moa with its sources of speed switched on one by one."""
    prompts = few(bench)
    Comparison("ablation", bench.mixture, list(ABLATION), prompts, [GREEDY], keeps=False).measure(bench)


def lookup(bench: Bench) -> None:
    """What lookup brings to the aggregator, on every prompt."""
    contenders = ["moa-without-lookup", "moa"]
    Comparison("lookup", bench.mixture, contenders, bench.prompts, bench.samplings, keeps=False).measure(bench)


def self_moa(bench: Bench) -> None:
    """One model, sampled several times and aggregated by itself."""
    model = bench.mixture.aggregator
    mixture = Mixture(((model,) * SLOTS,), model)
    Comparison("self-moa", mixture, ["moa", "llama-slots"], few(bench), [SAMPLED], keeps=True).measure(bench)


def overlap(bench: Bench) -> None:
    """How long the aggregator's first token is waited for after the last proposal, with reading ahead and without."""
    mixture = Mixture(bench.mixture.layers[:1], bench.mixture.aggregator)
    contenders = ["moa-without-read-ahead", "moa"]
    Comparison("overlap", mixture, contenders, bench.prompts, [GREEDY], keeps=False).measure(bench)


def few(bench: Bench) -> list:
    return [prompt for prompt in bench.prompts if prompt.name in FEW] or bench.prompts


PARTS = {
    "mixtures": mixtures,
    "ablation": ablation,
    "lookup": lookup,
    "self-moa": self_moa,
    "overlap": overlap,
    "scaling": scaling.measure,
    "roofline": roofline.measure,
}
