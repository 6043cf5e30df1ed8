"""What was measured: one JSON file, written anew after every measurement, so that a stop loses nothing and the next call goes on."""

import json
import pathlib


class Journal:
    """Measurements by part. A measurement is known by its place: what was asked, of whom, in which round."""

    def __init__(self, path: pathlib.Path, head: dict, fresh: bool):
        self.path = path
        self.document = {"head": head, "parts": {}, "impossible": {}}
        if path.exists() and not fresh:
            before = json.loads(path.read_text())
            if before["head"] != head:
                changed = [name for name in head if before["head"].get(name) != head[name]]
                raise SystemExit(f"{path} differs in {', '.join(changed)}: --fresh begins anew, --json names another file")
            self.document = before

    def runs(self, part: str) -> list[dict]:
        return self.document["parts"].get(part, [])

    def has(self, part: str, place: dict) -> bool:
        return any(place.items() <= run.items() for run in self.runs(part))

    def add(self, part: str, place: dict, figures: dict) -> None:
        """Takes the place of what was measured there before."""
        others = [run for run in self.runs(part) if not place.items() <= run.items()]
        self.document["parts"][part] = [*others, {**place, **figures}]
        self.save()

    def say_impossible(self, reasons: dict[str, str]) -> None:
        self.document["impossible"].update(reasons)
        self.save()

    def save(self) -> None:
        begun = self.path.with_suffix(".begun")
        begun.write_text(json.dumps(self.document, ensure_ascii=False, indent=1) + "\n")
        begun.replace(self.path)
