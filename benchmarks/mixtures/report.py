"""The tables, out of what was measured: one section for each part that there is something of."""

from .contenders import CONTENDERS
from .figures import Run, computed_prompt_tokens, middle, ratios_by_prompt, seconds_per_token, spread, written_tokens
from .report_alone import roofline_section, scaling_section
from .report_sources import ablation_section, lookup_section, overlap_section

BASE = "moa"
# How many times sooner moa is to be than each of them.
TARGETS = {"article": 5.0, "llama-plain": 2.0, "llama-tuned": 1.3}
SLOWER_BY_MORE_THAN = 1.05


def render(document: dict, plot: str | None) -> str:
    parts = document["parts"]
    sections = [head_section(document)]
    if runs := parts.get("mixtures"):
        sections += [mixtures_section(runs, plot), by_prompt_section(runs), agreement_section(runs)]
    makers = {
        "ablation": ablation_section,
        "lookup": lookup_section,
        "self-moa": self_moa_section,
        "overlap": overlap_section,
        "scaling": scaling_section,
        "roofline": roofline_section,
    }
    sections += [make(parts[name]) for name, make in makers.items() if parts.get(name)]
    if document["impossible"]:
        reasons = "\n".join(f"- {CONTENDERS[name].title}: {reason}" for name, reason in document["impossible"].items())
        sections.append(f"## What could not be run here\n\n{reasons}\n")
    return "\n".join(sections)


def head_section(document: dict) -> str:
    head = document["head"]
    runs = [run for part in document["parts"].values() for run in part]
    commits = ", ".join(sorted({run["commit"] for run in runs if "commit" in run}))
    machine = head["machine"]
    models = "; ".join(f"{len(layer)} proposers" for layer in head["mixture"]["layers"])
    return f"""# A local mixture beside other ways to get it

{machine["processor"]}, {machine["cores"]} cores, {machine["memory_gb"]} GB; instruction sets: {machine["instructions"]}. Preset `{head["preset"]}`
({models}; the aggregator is {head["mixture"]["aggregator"]}). moa at commit {commits}; llama-server from {head["llama_server"]};
{head["transformers"]}, weights as {head["element_type"]}. Written by `make bench`; what was measured is in the JSON file beside this one.

All read the same words and may write the same number of tokens (each prompt has a cap of its own, {head["max_tokens"]} at most); models are loaded before the clock starts.
Contenders are asked in turn, prompt by prompt, in an order that goes round. A ratio is what a contender took, divided by what moa took for the
same prompt in the same round: above 1 moa is faster. Medians over prompts, with the least and the most in brackets. llama-server and transformers
count the token that ends an answer, too, and moa does not: one for each call that was not cut off.
"""


def mixtures_section(runs: list[Run], plot: str | None) -> str:
    text = "## Mixtures\n\n"
    if plot:
        text += f"![How many times as long as moa the others took, prompt by prompt]({plot})\n\n"
    for temperature in sorted({run["temperature"] for run in runs}):
        same = [run for run in runs if run["temperature"] == temperature]
        text += f"{'Greedy' if temperature == 0 else f'Temperature {temperature}'}:\n\n"
        text += "| contender | prompts, runs | seconds | tokens/s | ratio of seconds | ratio per token | drafted, right | peak memory | loading |\n"
        text += "|---|---|---|---|---|---|---|---|---|\n"
        for name in names(same):
            text += _contender_row(name, same) + "\n"
        text += "\n" + "".join(_target_line(name, target, same) for name, target in TARGETS.items()) + "\n"
    return text


def _contender_row(name: str, runs: list[Run]) -> str:
    own = [run for run in runs if run["contender"] == name]
    seconds = ratios_by_prompt(runs, name, BASE, lambda run: run["seconds"]).values()
    per_token = ratios_by_prompt(runs, name, BASE, seconds_per_token).values()
    cells = [
        CONTENDERS[name].title,
        f"{len({run['prompt'] for run in own})}, {len(own)}",
        spread((run["seconds"] for run in own), 1),
        middle(written_tokens(run) / run["seconds"] for run in own),
        spread(seconds),
        spread(per_token),
        drafts(own),
        f"{max(run['memory_bytes'] for run in own) / 1e9:.2f} GB",
        f"{middle(run['load_seconds'] for run in own)} s",
    ]
    return f"| {' | '.join(cells)} |"


def drafts(runs: list[Run]) -> str:
    """What was guessed, and how much of it was right: moa tells it of every call, llama-server in its timings."""
    told = [call.get("lookup") or call for run in runs for call in run["calls"]]
    drafted, right = (sum(each.get(name, 0) for each in told) for name in ("drafted_tokens", "accepted_tokens"))
    return f"{drafted}, {right / drafted:.0%}" if drafted else ""


def _target_line(name: str, target: float, runs: list[Run]) -> str:
    seconds = ratios_by_prompt(runs, name, BASE, lambda run: run["seconds"])
    if not seconds:
        return ""
    slower = [prompt for (prompt, _), ratio in seconds.items() if ratio * SLOWER_BY_MORE_THAN < 1]
    median = float(middle(seconds.values(), 4))
    verdict = "reached" if median >= target else "not reached"
    worst = f"slower by more than 5 % on {', '.join(slower)}" if slower else "slower by more than 5 % on no prompt"
    return f"- {CONTENDERS[name].title}: aim {target} times, median {median:.2f}: {verdict}; {worst}.\n"


def by_prompt_section(runs: list[Run]) -> str:
    text = "Seconds (tokens written), medians over rounds:\n\n"
    text += f"| prompt | temperature | {' | '.join(names(runs))} |\n" + "|---" * (len(names(runs)) + 2) + "|\n"
    for prompt, temperature in dict.fromkeys((run["prompt"], run["temperature"]) for run in runs):
        cells = []
        for name in names(runs):
            place = {"contender": name, "prompt": prompt, "temperature": temperature}
            own = [run for run in runs if place.items() <= run.items()]
            tokens = middle((written_tokens(run) for run in own), 0)
            cells.append(f"{middle(run['seconds'] for run in own)} ({tokens})" if own else "")
        text += f"| {prompt} | {temperature} | {' | '.join(cells)} |\n"
    return text


def agreement_section(runs: list[Run]) -> str:
    """How many answers are the same texts, where tokens are chosen greedily."""
    greedy = [run for run in runs if run["temperature"] == 0]
    bases = {(run["prompt"], run["round"]): run for run in greedy if run["contender"] == BASE}
    rows = []
    for name in names(greedy):
        if name == BASE:
            continue
        pairs = [(run, bases.get((run["prompt"], run["round"]))) for run in greedy if run["contender"] == name]
        calls = [both for run, base in pairs if base for both in zip(run["calls"], base["calls"], strict=True)]
        first = [one["text_hash"] == other["text_hash"] for one, other in calls if one["layer"] == 1]
        final = [run["answer"] == base["answer"] for run, base in pairs if base]
        if first:
            rows.append(f"| {CONTENDERS[name].title} | {sum(first)} of {len(first)} | {sum(final)} of {len(final)} |\n")
    if not rows:
        return ""
    return (
        "Greedy answers that are moa's own, letter for letter. Sums in another order flip near-ties, and from there on a text goes another "
        "way, and all that read it:\n\n| contender | of the first layer | final answers |\n|---|---|---|\n" + "".join(rows)
    )


def self_moa_section(runs: list[Run]) -> str:
    text = "## Self-MoA\n\nOne model, six samples and itself as the aggregator. *Prefills*: tokens of prompts that the samples had computed, "
    text += "divided by the tokens of one prompt.\n\n| contender | runs | seconds | tokens/s | ratio of seconds | prefills | peak memory |\n"
    text += "|---|---|---|---|---|---|---|\n"
    for name in names(runs):
        own = [run for run in runs if run["contender"] == name]
        seconds = ratios_by_prompt(runs, name, BASE, lambda run: run["seconds"]).values()
        text += f"| {CONTENDERS[name].title} | {len(own)} | {spread((run['seconds'] for run in own), 1)} "
        text += f"| {middle(written_tokens(run) / run['seconds'] for run in own)} | {spread(seconds)} | {spread(map(prefills, own))} "
        text += f"| {max(run['memory_bytes'] for run in own) / 1e9:.2f} GB |\n"
    return text


def prefills(run: Run) -> float:
    samples = [call for call in run["calls"] if call["layer"] == 1]
    return computed_prompt_tokens(samples) / samples[0]["prompt_tokens"]


def names(runs: list[Run]) -> list[str]:
    """The contenders that there are runs of, in the order in which they are told; moa first."""
    there = {run["contender"] for run in runs}
    return [name for name in dict.fromkeys([BASE, *CONTENDERS]) if name in there]
