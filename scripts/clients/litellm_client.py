"""litellm as a client of `moa serve`."""

import os

import litellm
import openai

PLACE = {"api_base": os.environ["MOA_URL"], "api_key": os.environ["MOA_KEY"], "num_retries": 0}
QUESTION = [{"role": "user", "content": "Is it so?"}]

answer = litellm.completion(model="openai/duo", messages=QUESTION, **PLACE)
assert answer.choices[0].message.content == "It is so." and answer.usage.total_tokens > 0
print("litellm: chat passes", flush=True)

text = ""
for chunk in litellm.completion(model="openai/duo", messages=QUESTION, stream=True, **PLACE):
    if chunk.choices:
        text += chunk.choices[0].delta.content or ""
assert text == "It is so.", text
print("litellm: stream passes", flush=True)

try:
    litellm.completion(model="openai/nobody", messages=QUESTION, **PLACE)
    raise AssertionError("no error")
except litellm.exceptions.NotFoundError:
    print("litellm: errors pass", flush=True)

try:
    for chunk in litellm.completion(model="openai/breaking", messages=QUESTION, stream=True, **PLACE):
        pass
    raise AssertionError("no error")
except openai.APIError:
    print("litellm: a stream that breaks off passes", flush=True)

TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
called = litellm.completion(model="openai/calling", messages=QUESTION, tools=[TOOL], **PLACE)
assert called.choices[0].message.tool_calls[0].function.name == "weather"
print("litellm: tools pass", flush=True)
