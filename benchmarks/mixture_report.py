"""The table of `local_mixture.py`, out of what was measured."""

import statistics

from mixture_setups import Setups


def render(report: dict) -> str:
    runs = report["runs"]
    settings = report["settings"]
    rounds = len({run["round"] for run in runs})
    prompts = list(dict.fromkeys(run["prompt"] for run in runs))
    commits = sorted({run["commit"] for run in runs})
    lines = [
        "# A three-layer mixture of three local models",
        "",
        f"{report['machine']}; moa at commit {', '.join(commits)}; llama-server from {report['llama_server_package']}.",
        f"{len(prompts)} prompts, {rounds} rounds, the set-ups in turn, greedy, at most {settings['max_tokens']} tokens an answer.",
        "*Loaded*: models are in memory when the clock starts (`moa chat` beside running servers). *With start and loading*: the clock "
        "starts with the process or processes; the files are in the page cache. Every server keeps its default prompt cache.",
        "",
        "Ratios: the seconds of a set-up, and its seconds per token written, divided by those of moa, loaded or not as the set-up is, for "
        "the same prompt in the same round. Above 1 moa is faster. All are asked the same, marks around proposals included; answers differ "
        "all the same, since near ties fall differently. Where one writes much more than the other, neither ratio is fair by itself.",
        "",
        "| set-up | runs | seconds, median (min to max) | tokens/s, median | ratio of seconds | ratio per token | peak memory |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, title in Setups.NAMES.items():
        measured = [run for run in runs if run["setup"] == name]
        if not measured:
            continue
        pairs = [(run, ours) for run in measured if (ours := of_moa(run, runs)) is not None]
        seconds = [run["seconds"] / ours["seconds"] for run, ours in pairs]
        per_token = [speed(ours) / speed(run) for run, ours in pairs]
        lines.append(
            f"| {title} | {len(measured)} | {spread([run['seconds'] for run in measured], 1)} "
            f"| {statistics.median(speed(run) for run in measured):.1f} | {spread(seconds, 2)} | {spread(per_token, 2)} "
            f"| {max(run['memory'] for run in measured) / 1e9:.2f} GB |"
        )
    lines += ["", *by_prompt(runs, prompts), "", *by_model(report)]
    return "\n".join(lines) + "\n"


def by_prompt(runs: list, prompts: list) -> list:
    """Medians of seconds and of tokens of every set-up, prompt by prompt."""
    names = [name for name in Setups.NAMES if any(run["setup"] == name for run in runs)]
    lines = [
        "Seconds (tokens written), medians of the rounds:",
        "",
        "| prompt | " + " | ".join(Setups.NAMES[name] for name in names) + " |",
        "|---" * (len(names) + 1) + "|",
    ]
    for prompt in prompts:
        cells = []
        for name in names:
            measured = [run for run in runs if run["setup"] == name and run["prompt"] == prompt]
            if measured:
                seconds = statistics.median(run["seconds"] for run in measured)
                tokens = statistics.median(run["completion_tokens"] for run in measured)
                cells.append(f"{seconds:.1f} ({tokens:.0f})")
            else:
                cells.append("")
        lines.append(f"| {prompt} | " + " | ".join(cells) + " |")
    return lines


def by_model(report: dict) -> list:
    """Each model alone."""
    if not report["models"]:
        return []
    rounds = next(iter(report["models"].values()))["rounds"]
    lines = [
        f"Each model alone, {rounds} rounds in turn, medians (`moa models bench`; llama-server with as many threads, by its own count), tokens per "
        "second with 1 / 2 cores:",
        "",
        "| model | moa, prefill | llama-server, prefill | moa, decode | llama-server, decode | moa, load |",
        "|---|---|---|---|---|---|",
    ]
    for model, measured in report["models"].items():
        cells = [
            " / ".join(f"{cores[f'{what}_tokens_per_second']:.0f}" for cores in measured[program])
            for what in ("prefill", "decode")
            for program in ("moa", "llama-server")
        ]
        lines.append(f"| {model} | {' | '.join(cells)} | {measured['moa'][1]['load_ms'] / 1000:.1f} s |")
    return lines


def speed(run: dict) -> float:
    return run["completion_tokens"] / run["seconds"]


def of_moa(run: dict, runs: list) -> dict | None:
    """moa's run of the same prompt in the same round."""
    ours = "moa-cold" if run["setup"].endswith("-cold") else "moa"
    same = (other for other in runs if other["setup"] == ours and same_question(other, run))
    return next(same, None)


def same_question(a: dict, b: dict) -> bool:
    return a["prompt"] == b["prompt"] and a["round"] == b["round"]


def spread(values: list, digits: int) -> str:
    if not values:
        return ""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"
