"""The tables about growth and about single models."""

import statistics

from .figures import Run, computed_prompt_tokens, middle, written_tokens


def scaling_section(runs: list[Run]) -> str:
    text = "## Growth\n\nmoa as it comes, temperature 0.7. Agents are of the preset's models by turns, before one aggregator; layers count the aggregator; "
    text += "prompts of several lengths are read by one model of middle size.\n\n"
    for axis in dict.fromkeys(run["axis"] for run in runs):
        text += f"| {axis} | calls | tokens read | tokens written | seconds | tokens/s | peak memory |\n|---|---|---|---|---|---|---|\n"
        for size in sorted({run["size"] for run in runs if run["axis"] == axis}):
            own = [run for run in runs if run["axis"] == axis and run["size"] == size]
            read = [computed_prompt_tokens(run["calls"]) for run in own]
            both = (
                (written_tokens(run) + computed_prompt_tokens(run["calls"])) / run["seconds"] for run in own
            )
            text += f"| {size} | {len(own[0]['calls'])} | {middle(read, 0)} | {middle((written_tokens(run) for run in own), 0)} "
            text += f"| {middle(run['seconds'] for run in own)} | {middle(both)} | {max(run['memory_bytes'] for run in own) / 1e9:.2f} GB |\n"
        text += "\n"
    return text + "Tokens/s: those read and those written. Peak memory is that of the process so far.\n"


def roofline_section(runs: list[Run]) -> str:
    bandwidths = [run["bytes_per_second"] for run in runs if run["what"] == "bandwidth"]
    limits = {threads: max(found[threads] for found in bandwidths) for threads in bandwidths[0]} if bandwidths else {}
    told = ", ".join(f"{limit / 1e9:.1f} GB/s with {threads} thread{'' if threads == '1' else 's'}" for threads, limit in limits.items())
    text = f"## Models alone, and the limit of memory\n\nThe memory gives {told} (a plain read of arrays larger than any cache, best of several). "
    text += "Decoding reads all weights for each token, so the share of that limit says how far it is from the end of the road.\n\n"
    text += "| model | threads | prefill tok/s, moa / llama-server | decode tok/s, moa / llama-server | weights read | share of the limit | load |\n"
    text += "|---|---|---|---|---|---|---|\n"
    alone = [run for run in runs if run["what"] != "bandwidth"]
    for model, cores in dict.fromkeys((run["model"], run["cores"]) for run in alone):
        own = [run for run in alone if run["model"] == model and run["cores"] == cores]

        def median(what: str, name: str, own: list[Run] = own) -> float:
            values = [run[name] for run in own if run["what"] == what]
            return statistics.median(values) if values else float("nan")

        decode = median("moa", "decode_tokens_per_second")
        rate = decode * median("moa", "weight_bytes")
        share = f"{rate / limits[str(cores)]:.0%}" if str(cores) in limits else ""
        text += f"| {model} | {cores} | {median('moa', 'prefill_tokens_per_second'):.0f} / {median('llama-server', 'prefill_tokens_per_second'):.0f} "
        text += f"| {decode:.1f} / {median('llama-server', 'decode_tokens_per_second'):.1f} | {rate / 1e9:.1f} GB/s | {share} "
        text += f"| {median('moa', 'load_ms') / 1000:.1f} s |\n"
    return text
