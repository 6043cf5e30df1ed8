"""Medians, spreads and ratios of what was measured."""

import statistics
from collections.abc import Callable, Iterable

Run = dict


def written_tokens(run: Run) -> int:
    return sum(call["completion_tokens"] for call in run["calls"])


def computed_prompt_tokens(calls: Iterable[dict]) -> int:
    return sum(call["prompt_tokens"] - call["cached_tokens"] for call in calls)


def seconds_per_token(run: Run) -> float:
    return run["seconds"] / max(written_tokens(run), 1)


def decode_speed(call: dict) -> float:
    """Tokens a second behind the first one."""
    seconds = call["seconds"] - call["first_token_seconds"]
    return (call["completion_tokens"] - 1) / seconds if seconds > 0 and call["completion_tokens"] > 1 else 0.0


def ratios_by_prompt(runs: list[Run], contender: str, base: str, of: Callable[[Run], float]) -> dict[tuple, float]:
    """The median over rounds of what the contender took for each question, divided by what the base took in the same round."""
    pairs: dict[tuple, list[float]] = {}
    bases = {_place(run): of(run) for run in runs if run["contender"] == base}
    for run in runs:
        if run["contender"] == contender and bases.get(_place(run)):
            question = (run["prompt"], run["temperature"])
            pairs.setdefault(question, []).append(of(run) / bases[_place(run)])
    return {question: statistics.median(ratios) for question, ratios in pairs.items()}


def _place(run: Run) -> tuple:
    return (run["prompt"], run["temperature"], run["round"])


def spread(values: Iterable[float], digits: int = 2) -> str:
    """The median, and from where to where."""
    values = list(values)
    if not values:
        return ""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def middle(values: Iterable[float], digits: int = 1) -> str:
    values = list(values)
    return f"{statistics.median(values):.{digits}f}" if values else ""
