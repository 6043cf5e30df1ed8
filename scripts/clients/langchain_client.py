"""langchain-openai against `moa serve`."""

import json
import os
import urllib.request

import openai
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI


def model(name, **more):
    return ChatOpenAI(model=name, base_url=os.environ["MOA_URL"], api_key=os.environ["MOA_KEY"], **more)


@tool
def weather(city: str) -> str:
    """The weather in a city."""
    return f"Sunny in {city}."


answer = model("duo").invoke("Is it so?")
assert answer.content == "It is so." and answer.usage_metadata["total_tokens"] > 0
print("langchain-openai: chat passes", flush=True)

chunks = list(model("duo", stream_usage=True).stream("Is it so?"))
assert "".join(chunk.content for chunk in chunks) == "It is so."
assert any(chunk.usage_metadata for chunk in chunks)
print("langchain-openai: stream passes", flush=True)

called = model("calling").bind_tools([weather]).invoke("Is it sunny?")
assert called.tool_calls[0]["name"] == "weather" and called.tool_calls[0]["args"] == {"city": "Rome"}
print("langchain-openai: tools pass", flush=True)

try:
    list(model("breaking", max_retries=0).stream("Is it so?"))
    raise AssertionError("no error")
except openai.APIError:
    print("langchain-openai: a stream that breaks off passes", flush=True)
try:
    model("nobody", max_retries=0).invoke("Is it so?")
    raise AssertionError("no error")
except openai.NotFoundError:
    print("langchain-openai: errors pass", flush=True)

stream = model("slow-duo").stream("Is it so?")
for chunk in stream:
    if chunk.content:
        break
stream.close()
# The server has stopped the run: nothing goes on.
while json.load(urllib.request.urlopen(f"{os.environ['MOA_ROOT']}/readyz"))["runs"]:
    pass
print("langchain-openai: early close passes", flush=True)
