"""The orchestration benchmark's table."""

import statistics

HEAD = """# What orchestration costs

{machine}; Python {python}; {packages}; commit {commit}; {rounds} rounds, contenders in turn in each.
Against `moa-mock`, which answers at once and stamps every request; times are milliseconds: the median over rounds of the round's quantile,
the smallest and the largest round in brackets. "Added" is a run's time less the mock's own (from the first request's arrival to the last
answer's end, layer by layer), so it holds the network's and the machine's share too, which "direct" shows: the same requests in the same
shape by a loop over the HTTP client, which parses nothing but the answers, keeps to no limit and survives no fault. "Overhead" is what is
added beyond that. A round of mixtures at 20 per second has 300 runs: of fewer, the 99 % quantile would be one or two. Written by `make bench-orchestration`.
"""


def render(report: dict) -> str:
    rounds = report["rounds"]
    text = HEAD.format(**{**report, "packages": ", ".join(report["packages"]), "rounds": max(r["round"] for r in rounds)})
    text += "\n## One call, whole, 1 KB each way (P1)\n"
    for measure in ("pass-through-500", "pass-through-20"):
        chosen = of(rounds, measure)
        if chosen:
            text += f"\n{chosen[0]['rate']} runs per second, from when a run was due to its end:\n\n"
            text += table(chosen, [("wall", "p50"), ("wall", "p99")], ["p50", "p99"])
            text += through(chosen)
    text += "\n## A mixture (P2, P3, P7)\n"
    for measure in ("mixture-20", "mixture-4"):
        chosen = of(rounds, measure)
        if chosen:
            columns = [("added", "p50"), ("added", "p99"), ("hand_over", "p50"), ("hand_over", "p99")]
            heads = ["added, p50", "added, p99", "to the next layer, p50", "to the next layer, p99"]
            text += f"\n{chosen[0]['rate']} runs per second:\n\n" + table(chosen, columns, heads)
    text += overheads(of(rounds, "mixture-20")) + storing(of(rounds, "mixture-20")) + ratio(of(rounds, "mixture-4"))
    chosen = of(rounds, "stream-10")
    if chosen:
        text += "\n## A stream, 150 pieces at 2 ms (P4)\n\nFrom when the mock wrote a chunk to when its piece is an event:\n\n"
        text += table(chosen, [("forwarding", "p50"), ("forwarding", "p99"), ("forwarding", "max")], ["p50", "p99", "most"])
        counts = {(r["chunks_in"], r["pieces_out"]) for r in chosen if r["contender"].startswith("moa")}
        text += "\nmoa gave as many pieces as there were chunks.\n" if all(a == b for a, b in counts) else f"\nmoa's chunks in and pieces out: {sorted(counts)}\n"
    return text


def of(rounds: list[dict], measure: str) -> list[dict]:
    return [entry for entry in rounds if entry["measure"] == measure]


def values(entries: list[dict], contender: str, column: tuple[str, str]) -> list[float]:
    return [entry[column[0]][column[1]] for entry in entries if entry["contender"] == contender and column[0] in entry]


def table(entries: list[dict], columns: list[tuple[str, str]], heads: list[str]) -> str:
    text = f"| | {' | '.join(heads)} |\n|---|{'---|' * len(heads)}\n"
    for contender in dict.fromkeys(entry["contender"] for entry in entries):
        cells = []
        for column in columns:
            found = values(entries, contender, column)
            cells.append(f"{statistics.median(found):.2f} ({min(found):.2f} to {max(found):.2f})" if found else "")
        text += f"| {contender} | {' | '.join(cells)} |\n"
    return text


def through(entries: list[dict]) -> str:
    return f"\nmoa against the client alone, round by round: {added(entries, 'moa, one model', 'direct', 'wall')}.\n"


def added(entries: list[dict], contender: str, base: str, column: str) -> str:
    """What one contender adds to another, round by round."""
    text = ""
    for quantile in ("p50", "p99"):
        pairs = zip(values(entries, contender, (column, quantile)), values(entries, base, (column, quantile)))
        differences = [one - other for one, other in pairs]
        text += f"{', ' if text else ''}{quantile} {statistics.median(differences):+.2f} ms ({min(differences):+.2f} to {max(differences):+.2f})"
    return text


def storing(entries: list[dict]) -> str:
    if not entries:
        return ""
    text = "\nStoring every event, against not storing, round by round, of a run's whole time: "
    parts = []
    for contender, what in (("moa, 19 calls, stored", "on disk"), ("moa, 19 calls, disk stalled", "with the database locked")):
        pairs = list(zip(values(entries, contender, ("wall", "p50")), values(entries, "moa, 19 calls", ("wall", "p50"))))
        shares = [100 * (stored / plain - 1) for stored, plain in pairs]
        parts.append(f"{what} {statistics.median(shares):+.1f} % ({min(shares):+.1f} to {max(shares):+.1f})")
    return text + ", ".join(parts) + ".\n"


def overhead(entries: list[dict], contender: str, direct: str, quantile: str = "p50") -> list[float]:
    """What a contender adds beyond what the HTTP client alone adds in that shape, round by round."""
    pairs = zip(values(entries, contender, ("added", quantile)), values(entries, direct, ("added", quantile)))
    return [own - floor for own, floor in pairs]


def overheads(entries: list[dict]) -> str:
    if not values(entries, "direct, 19 calls", ("added", "p50")):
        return ""
    parts = []
    for quantile in ("p50", "p99"):
        found = overhead(entries, "moa, 19 calls", "direct, 19 calls", quantile)
        parts.append(f"{quantile} {statistics.median(found):+.2f} ms ({min(found):+.2f} to {max(found):+.2f})")
    return f"\nOverhead of 19 calls, round by round: {', '.join(parts)}.\n"


def ratio(entries: list[dict]) -> str:
    """How much more others add than moa, in all and beyond the HTTP client."""
    text = ""
    for rival, ours, rivals_floor, our_floor in (
        ("litellm and asyncio.gather, 19 calls", "moa, 19 calls", "direct, 19 calls", "direct, 19 calls"),
        ("optillm moa, 3 requests for 5 answers", "moa, 3 calls", "direct, 3 calls", "direct, 3 calls"),
        ("optillm moa, 3 requests for 5 answers", "moa, 5 calls", "direct, 3 calls", "direct, 5 calls"),
    ):
        added = list(zip(values(entries, rival, ("added", "p50")), values(entries, ours, ("added", "p50"))))
        beyond = list(zip(overhead(entries, rival, rivals_floor), overhead(entries, ours, our_floor)))
        if not added or not beyond:
            continue
        whole = [theirs / own for theirs, own in added]
        net = [theirs / own for theirs, own in beyond if own > 0]
        text += f"- {rival}: adds {statistics.median(whole):.1f} times ({min(whole):.1f} to {max(whole):.1f}) what \"{ours}\" adds"
        text += f"; overhead {statistics.median(net):.1f} times ({min(net):.1f} to {max(net):.1f})\n" if net else "\n"
    return f"\nMedians of a round, round by round:\n\n{text}" if text else ""
