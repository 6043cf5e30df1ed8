"""The serving benchmark's table."""

from orchestration_report import added, of, table, values

HEAD = """# What `moa serve` costs

{machine}; Python {python}; {packages}; commit {commit}. The real `moa serve` before `moa-mock`, over sockets; loads are open loop, times count
from when a request was due. Times are milliseconds: the median over rounds of the round's quantile, the smallest and the largest round in
brackets; contenders take turns in each round. "direct" asks the mock without a server between. As it comes, `moa serve` stores every event
of every run on disk. Written by `make bench-serve`.
"""


def render(report):
    text = HEAD.format(**{**report, "packages": ", ".join(report["packages"])})
    if report["rounds"]:
        text += speed(report["rounds"])
    if "idle" in report:
        text += memory(report)
    if "held" in report:
        text += held(report)
    if "soak" in report:
        text += soak(report["soak"])
    return text


def speed(rounds):
    count = max(entry["round"] for entry in rounds)
    text = f"\n## One model passed through, whole, 1 KB each way (P1)\n\n{count} rounds.\n"
    for measure in ("whole-500", "whole-20"):
        if chosen := of(rounds, measure):
            text += f"\n{chosen[0]['rate']} requests per second:\n\n" + table(chosen, [("wall", "p50"), ("wall", "p99")], ["p50", "p99"])
            text += differences(chosen, "wall")
    text += "\n## A token forwarded (P4)\n\nFrom when the mock wrote a chunk to when the client has read it; 150 tokens in each stream, 2 ms apart.\n"
    for measure in ("stream-10", "stream-2"):
        if chosen := of(rounds, measure):
            text += f"\n{chosen[0]['rate']} streams per second:\n\n"
            text += table(chosen, [("forwarding", name) for name in ("p50", "p99", "max")], ["p50", "p99", "most"])
            text += differences(chosen, "forwarding") + chunks(chosen)
    return text


def differences(entries, column):
    contenders = [name for name in dict.fromkeys(entry["contender"] for entry in entries) if name != "direct"]
    lines = [f"- {name}: {added(entries, name, 'direct', column)}\n" for name in contenders if values(entries, name, (column, "p50"))]
    return "\nAdded to \"direct\", round by round:\n\n" + "".join(lines)


def chunks(entries):
    """Whether as many chunks come out as go in, which is what is read without a server between."""
    direct = [entry["chunks"] for entry in entries if entry["contender"] == "direct"]
    text = "\nChunks read of chunks written:"
    for contender in dict.fromkeys(entry["contender"] for entry in entries):
        text += f" {contender} {sum(entry.get('chunks', 0) for entry in entries if entry['contender'] == contender)} of {sum(direct)};"
    return text[:-1] + ".\n"


def memory(report):
    idle, quick, slow, burst = (report[name] for name in ("idle", "quick", "slow", "burst"))
    mib = lambda kib: f"{kib / 1024:.1f} MiB"
    return f"""
## Memory (P6)

Resident memory of the server, which has answered some hundred requests before. Answers have 1,000 tokens, and come within 20 s but for the
last row, where the mock writes each at once: there the HTTP client's buffers for reading grow to what a service sends faster than it is read,
which its library lets nobody bound.

| | before | most | after | added |
|---|---|---|---|---|
| {idle["streams"]} idle streams, begun and silent | {mib(idle["before_kib"])} | {mib(max(idle["begun_kib"], idle["held_kib"]))} | {mib(idle["after_kib"])} | {idle["kib_per_stream"]} KiB each |
| {quick["readers"]} readers | {mib(quick["before_kib"])} | {mib(quick["most_kib"])} | {mib(quick["after_kib"])} | {quick["added_mib"]} MiB |
| {slow["readers"]} slow readers | {mib(slow["before_kib"])} | {mib(slow["most_kib"])} | {mib(slow["after_kib"])} | {slow["added_mib"]} MiB |
| {burst["readers"]} readers, each answer written at once | {mib(burst["before_kib"])} | {mib(burst["most_kib"])} | {mib(burst["after_kib"])} | {burst["added_mib"]} MiB |
"""


def held(report):
    through, direct = report["held"], report["held-direct"]
    row = lambda name, figures: f"| {name} | {figures['runs']} | {figures['chunks']} | " + " | ".join(f"{figures['forwarding'][at]:.2f}" for at in ("p50", "p99", "max")) + " |\n"
    return f"""
## {report['streams']} streams at once

Streams of 15 s with two tokens a second, begun within 5 s; at most {through["most_at_once"]} runs went on at once in the server, and its
CPU time was {through["server_cpu_s"]} s in all. Every stream came to its end.

| | streams | tokens read | forwarded, p50 | p99 | most |
|---|---|---|---|---|---|
{row("direct", direct)}{row("moa serve", through)}"""


def soak(figures):
    return f"""
## {figures["minutes"]:g} minutes of mixed load

{figures["runs"]} runs: one model and mixtures of four calls, whole and streamed, {figures["left"]} of them left by their clients in the middle, beside 50
streams that go on all the time. Resident memory after the first fifth of the time: {figures["first_kib"] / 1024:.1f} MiB (median of its first quarter), at
the end {figures["last_kib"] / 1024:.1f} MiB (of the last quarter); {figures["kib_per_minute"]:+.0f} KiB per minute by least squares.
"""
