"""litellm as a proxy before `moa serve`: what its clients see of ours."""

import json
import os
import pathlib
import sys
import urllib.request

import openai

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from litellm_proxy import litellm_proxy, until

QUESTION = [{"role": "user", "content": "Is it so?"}]
NAMES = ["duo", "calling", "breaking", "failing", "slow-duo"]


def check(client):
    answer = client.chat.completions.create(model="duo", messages=QUESTION)
    assert answer.choices[0].message.content == "It is so." and answer.usage.total_tokens > 0
    print("litellm proxy: chat passes", flush=True)

    text, usage = "", None
    options = {"include_usage": True}
    for chunk in client.chat.completions.create(model="duo", messages=QUESTION, stream=True, stream_options=options):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
    assert text == "It is so.", text
    assert usage and usage.total_tokens > 0
    print("litellm proxy: stream and usage pass", flush=True)

    tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
    [call] = client.chat.completions.create(model="calling", messages=QUESTION, tools=[tool]).choices[0].message.tool_calls
    assert call.function.name == "weather"
    print("litellm proxy: tools pass", flush=True)

    for ask in (
        lambda: client.chat.completions.create(model="failing", messages=QUESTION),
        lambda: list(client.chat.completions.create(model="breaking", messages=QUESTION, stream=True)),
    ):
        try:
            ask()
            raise AssertionError("no error")
        except openai.APIError:
            pass
    print("litellm proxy: errors pass", flush=True)

    with client.chat.completions.create(model="slow-duo", messages=QUESTION, stream=True) as chunks:
        for chunk in chunks:
            if chunk.choices and chunk.choices[0].delta.content:
                break

    def is_idle():
        with urllib.request.urlopen(f"{os.environ['MOA_ROOT']}/readyz", timeout=5) as response:
            return json.load(response)["runs"] == 0

    until(is_idle, "the run of a client that left has ended")
    print("litellm proxy: early close passes", flush=True)


with litellm_proxy(sys.executable, NAMES, os.environ["MOA_URL"], os.environ["MOA_KEY"]) as (url, key):
    check(openai.OpenAI(base_url=url, api_key=key, max_retries=0))
