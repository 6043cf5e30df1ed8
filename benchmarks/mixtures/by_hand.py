"""A mixture by hand, over anything that completes one conversation: what people do who have a server or a library of models."""

import concurrent.futures
import hashlib
import time
from collections.abc import Callable

from .mixture import Ask, with_references

# model, messages, the question they belong to, seed -> text, prompt_tokens, cached_tokens, completion_tokens
Complete = Callable[[str, list[dict], Ask, int], dict]


def run_by_hand(ask: Ask, complete: Complete, at_once: bool) -> dict:
    """The run's figures; the agents of a layer are asked one after the other or at once."""
    references: list[str] = []
    calls: list[dict] = []
    pool = concurrent.futures.ThreadPoolExecutor(max_workers=16 if at_once else 1)
    begin = time.monotonic()
    try:
        for index, models in enumerate(ask.mixture.every_layer(), 1):
            messages = with_references(ask.messages, references)
            seeds = [ask.seed * 1000 + index * 100 + agent for agent in range(len(models))]
            timed = pool.map(lambda model, seed: _timed(complete, model, messages, ask, seed), models, seeds)
            answers = list(timed)
            references = [answer.pop("text") for answer in answers]
            for answer, text, model in zip(answers, references, models, strict=True):
                calls.append({"layer": index, "model": model, **answer, "text_hash": text_hash(text)})
        return {"seconds": time.monotonic() - begin, "calls": calls, "answer": references[0]}
    finally:
        # Who is told to end must not wait for answers that nobody wants any more.
        pool.shutdown(wait=False, cancel_futures=True)


def _timed(complete: Complete, model: str, messages: list[dict], ask: Ask, seed: int) -> dict:
    begin = time.monotonic()
    answer = complete(model, messages, ask, seed)
    return {**answer, "text": answer["text"].strip(), "seconds": time.monotonic() - begin}


def text_hash(text: str) -> str:
    """Tells texts apart without keeping them."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
