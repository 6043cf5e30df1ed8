"""The same questions to the same mock through Python packages; prints the lines that the Rust contenders print.

    python rivals.py CONTENDER URL RATE RUNS

httpx      one call with the HTTP client that the others are built on
openai     one call with OpenAI's client
litellm    one call through litellm
gather     3 layers of 6 and an aggregator, written by hand: asyncio.gather over litellm's acompletion
optillm    optillm's approach `moa`: one request for 3 candidates, one for their critique, one for the answer
"""

import asyncio
import importlib.util
import json
import os
import pathlib
import sys
import time
import types

# litellm looks for newer prices on the network otherwise.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
KEY = "none"
MAX_TOKENS = 4096
WARM_UP_RUNS = 5
AGENTS, LAYERS = 6, 3
SYNTHESIS = (
    "Several assistants have answered the user's last message. Weigh what they say, correct what is wrong, "
    "and write one better answer.\n\n"
)


def tag(run: int) -> str:
    return f"run-{run:06}"


def question(run: int) -> str:
    text = f"{tag(run)}: what do you make of this?"
    while len(text) < 1000:
        text += " The lighthouse keeper counts the waves."
    return text


def httpx_contender(url: str):
    import httpx

    client = httpx.AsyncClient(trust_env=False)

    async def ask(run: int) -> None:
        body = {"model": "alone", "messages": [{"role": "user", "content": question(run)}], "max_tokens": MAX_TOKENS}
        response = await client.post(f"{url}/chat/completions", json=body)
        response.raise_for_status()
        response.json()

    return ask


def openai_contender(url: str):
    import openai

    client = openai.AsyncOpenAI(base_url=url, api_key=KEY)

    async def ask(run: int) -> None:
        messages = [{"role": "user", "content": question(run)}]
        await client.chat.completions.create(model="alone", messages=messages, max_tokens=MAX_TOKENS)

    return ask


def litellm_call(url: str):
    import litellm

    litellm.suppress_debug_info = True

    async def call(model: str, messages: list[dict]) -> str:
        response = await litellm.acompletion(
            model=f"openai/{model}", messages=messages, api_base=url, api_key=KEY, max_tokens=MAX_TOKENS
        )
        return response.choices[0].message.content

    return call


def litellm_contender(url: str):
    call = litellm_call(url)

    async def ask(run: int) -> None:
        await call("alone", [{"role": "user", "content": question(run)}])

    return ask


def gather_contender(url: str):
    call = litellm_call(url)

    async def ask(run: int) -> None:
        user = {"role": "user", "content": question(run)}
        references: list[str] = []
        for layer in range(LAYERS + 1):
            messages = [user]
            if references:
                numbered = "\n".join(f"{number}. {text}" for number, text in enumerate(references, 1))
                messages = [{"role": "system", "content": SYNTHESIS + numbered}, user]
            models = [f"proposer-{place}" for place in range(1, AGENTS + 1)] if layer < LAYERS else ["alone"]
            references = await asyncio.gather(*(call(model, messages) for model in models))

    return ask


def optillm_contender(url: str):
    import openai

    # The package's own `__init__` starts with its server and asks for torch; the approach itself needs neither.
    package = types.ModuleType("optillm")
    package.__path__ = [str(pathlib.Path(importlib.util.find_spec("optillm").origin).parent)]
    sys.modules["optillm"] = package
    from optillm.moa import mixture_of_agents

    client = openai.OpenAI(base_url=url, api_key=KEY)

    async def ask(run: int) -> None:
        # Its code is synchronous; its own server gives every request a thread, too.
        await asyncio.to_thread(mixture_of_agents, "", question(run), client, "alone", {"max_tokens": MAX_TOKENS})

    return ask


CONTENDERS = {
    "httpx": httpx_contender,
    "openai": openai_contender,
    "litellm": litellm_contender,
    "gather": gather_contender,
    "optillm": optillm_contender,
}


async def main() -> None:
    contender, url, rate, runs = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
    ask = CONTENDERS[contender](url)
    for run in range(WARM_UP_RUNS):
        await ask(run)

    async def measured(run: int, due: int) -> dict:
        begin = time.monotonic_ns()
        await ask(run)
        return {"tag": tag(run), "due_ns": due, "begin_ns": begin, "end_ns": time.monotonic_ns()}

    asked = []
    start = time.monotonic_ns()
    for number in range(runs):
        due = start + int(number * 1e9 / rate)
        await asyncio.sleep(max(0, due - time.monotonic_ns()) / 1e9)
        asked.append(asyncio.create_task(measured(WARM_UP_RUNS + number, due)))
    for line in await asyncio.gather(*asked):
        print(json.dumps(line))


asyncio.run(main())
