"""The picture: for every contender how many times as long as moa it took, one dot for each prompt, on a scale of doublings."""

import html
import math
import statistics

from .contenders import CONTENDERS
from .figures import Run, ratios_by_prompt

WIDTH, LEFT, RIGHT, ROW, TOP = 980, 410, 60, 44, 60
BASE = "moa"
STYLE = "text{font:13px sans-serif;fill:#777}.dot{fill:#3b7dd8;fill-opacity:.55}.middle{stroke:#d2602a;stroke-width:3}.line{stroke:#999;stroke-opacity:.4}"


def draw(runs: list[Run]) -> str | None:
    """SVG; nothing where nobody was asked beside moa."""
    rows = []
    for name, contender in CONTENDERS.items():
        ratios = list(ratios_by_prompt(runs, name, BASE, lambda run: run["seconds"]).values())
        if ratios and name != BASE:
            rows.append((contender.title, ratios))
    if not rows:
        return None
    scale = Scale([ratio for _, ratios in rows for ratio in ratios])
    height = TOP + ROW * len(rows) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"><style>{STYLE}</style>',
        f'<text x="{LEFT}" y="20">times as long as moa, each dot a prompt, the stroke their median</text>',
    ]
    for tick in scale.ticks():
        x = scale.place(tick)
        parts.append(f'<line class="line" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 20}" y2="{height - 34}"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - 14}" text-anchor="middle">{tick:g}</text>')
    for number, (title, ratios) in enumerate(rows):
        y = TOP + ROW * number
        parts.append(f'<text x="{LEFT - 20}" y="{y + 5}" text-anchor="end">{html.escape(title)}</text>')
        parts += [f'<circle class="dot" cx="{scale.place(ratio):.1f}" cy="{y}" r="6"/>' for ratio in ratios]
        x = scale.place(statistics.median(ratios))
        parts.append(f'<line class="middle" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 12}" y2="{y + 12}"/>')
    return "".join(parts) + "</svg>\n"


class Scale:
    """Ratios to places, by doublings."""

    def __init__(self, ratios: list[float]):
        self.low = math.floor(math.log2(min(1.0, *ratios)))
        self.high = max(math.ceil(math.log2(max(1.0, *ratios))), self.low + 1)

    def place(self, ratio: float) -> float:
        return LEFT + (math.log2(ratio) - self.low) / (self.high - self.low) * (WIDTH - LEFT - RIGHT)

    def ticks(self) -> list[float]:
        return [2.0**power for power in range(self.low, self.high + 1)]
