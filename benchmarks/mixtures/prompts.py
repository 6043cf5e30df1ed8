"""The questions: `prompts.json`, of several kinds and lengths, each with the most tokens that an answer may have."""

import dataclasses
import json
import pathlib


@dataclasses.dataclass(frozen=True)
class Prompt:
    name: str
    kind: str
    max_tokens: int
    """What was said so far, the user's turns and the assistant's by turns; the question last."""
    turns: tuple[str, ...]

    def messages(self, mark: str = "") -> list[dict]:
        """The conversation. A mark at its beginning makes it a new one to whoever keeps prefixes of what was asked before."""
        roles = ("user", "assistant")
        messages = [{"role": roles[place % 2], "content": text} for place, text in enumerate(self.turns)]
        messages[0]["content"] = mark + messages[0]["content"]
        return messages


def load_prompts(names: list[str] | None = None) -> list[Prompt]:
    """All prompts, or those of these names."""
    written = json.loads(pathlib.Path(__file__).with_name("prompts.json").read_text())
    prompts = {each["name"]: Prompt(**{**each, "turns": tuple(each["turns"])}) for each in written}
    unknown = [name for name in names or [] if name not in prompts]
    if unknown:
        raise SystemExit(f"no prompt is named {', '.join(unknown)}: there are {', '.join(prompts)}")
    return [prompts[name] for name in names or prompts]
