"""The tables about moa's own sources of speed."""

import statistics

from .contenders import ABLATION, CONTENDERS
from .figures import Run, decode_speed, middle, ratios_by_prompt, seconds_per_token, spread, written_tokens


def ablation_section(runs: list[Run]) -> str:
    text = "## One source of speed after the other\n\nEach line has what the lines above it have. Ratios to the first line: below 1 is faster. "
    text += "Each is started anew for every prompt.\n\n"
    text += "| moa | runs | seconds | tokens/s | ratio of seconds | ratio per token | peak memory |\n|---|---|---|---|---|---|---|\n"
    first = next(iter(ABLATION))
    for name in ABLATION:
        own = [run for run in runs if run["contender"] == name]
        if not own:
            continue
        seconds = ratios_by_prompt(runs, name, first, lambda run: run["seconds"]).values()
        per_token = ratios_by_prompt(runs, name, first, seconds_per_token).values()
        title = "+ reading ahead: moa as it comes" if name == "moa" else CONTENDERS[name].title
        text += f"| {title} | {len(own)} | {spread((run['seconds'] for run in own), 1)} "
        text += f"| {middle(written_tokens(run) / run['seconds'] for run in own)} | {spread(seconds)} | {spread(per_token)} "
        text += f"| {max(run['memory_bytes'] for run in own) / 1e9:.2f} GB |\n"
    return text


def lookup_section(runs: list[Run]) -> str:
    text = "## Lookup\n\nThe aggregator's decode speed (tokens a second behind its first), with lookup and without, and what the drafts of the "
    text += "whole run came to.\n\n| prompt | temperature | with / without | ratio | drafted | right | steps | saved, by its own count |\n"
    text += "|---|---|---|---|---|---|---|---|\n"
    ratios = _decode_ratios(runs)
    for (prompt, temperature), ratio in ratios.items():
        own = {
            name: [run for run in runs if {"contender": name, "prompt": prompt, "temperature": temperature}.items() <= run.items()]
            for name in ("moa", "moa-without-lookup")
        }
        speeds = [middle(decode_speed(run["calls"][-1]) for run in own[name]) for name in own]
        drafts = [call["lookup"] for run in own["moa"] for call in run["calls"] if call["lookup"]]
        total = {name: sum(draft[name] for draft in drafts) for name in ("drafted_tokens", "accepted_tokens", "steps", "saved_ms")}
        text += f"| {prompt} | {temperature} | {speeds[0]} / {speeds[1]} tok/s | {ratio:.2f} | {total['drafted_tokens']} "
        text += f"| {total['accepted_tokens']} | {total['steps']} | {total['saved_ms'] / 1000:.1f} s |\n"
    if ratios:
        text += f"\nThe aggregator's decode speed: {spread(ratios.values())} times that without; aim 1.6, and 1.0 on the worst prompt.\n"
    return text


def _decode_ratios(runs: list[Run]) -> dict[tuple, float]:
    """Of speeds: above 1 lookup is faster."""

    def pace(run: Run) -> float:
        speed = decode_speed(run["calls"][-1])
        return 1 / speed if speed else 0.0

    # An answer of a single token has no speed.
    slower = ratios_by_prompt(runs, "moa-without-lookup", "moa", pace)
    return {question: ratio for question, ratio in slower.items() if ratio > 0}


def overlap_section(runs: list[Run]) -> str:
    text = "## Reading ahead\n\nFrom the call of the aggregator, which is when the last proposal is there, to its first token; and the tokens of its "
    text += "prompt that were still to be read then. Three proposers.\n\n"
    text += "| prompt | seconds, with / without | ratio | tokens to read, with / without |\n|---|---|---|---|\n"
    ratios = []
    for prompt in dict.fromkeys(run["prompt"] for run in runs):
        own = {
            name: [run["calls"][-1] for run in runs if run["contender"] == name and run["prompt"] == prompt]
            for name in ("moa", "moa-without-read-ahead")
        }
        if not all(own.values()):
            continue
        waited = [statistics.median(call["first_token_seconds"] for call in calls) for calls in own.values()]
        unread = [statistics.median(call["prompt_tokens"] - call["cached_tokens"] for call in calls) for calls in own.values()]
        ratios.append(waited[0] / waited[1])
        text += f"| {prompt} | {waited[0]:.2f} / {waited[1]:.2f} | {ratios[-1]:.2f} | {unread[0]:.0f} / {unread[1]:.0f} |\n"
    if ratios:
        text += f"\n{spread(ratios)} of the time without; aim 0.25.\n"
    return text
