"""The official Python client against `moa serve`: chat, stream, usage, tools, raw response, error classes, retries, early close."""

import os

import openai

URL = os.environ["MOA_URL"]
client = openai.OpenAI(base_url=URL, api_key=os.environ["MOA_KEY"])
once = client.with_options(max_retries=0)
QUESTION = [{"role": "user", "content": "Is it so?"}]


def raises(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def chat():
    completion = client.chat.completions.create(model="duo", messages=QUESTION)
    assert completion.choices[0].message.content == "It is so."
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens
    assert completion.usage.completion_tokens_details.reasoning_tokens > 0
    assert completion.system_fingerprint
    assert "[layer 1" in completion.choices[0].message.reasoning_content


def several():
    completion = client.chat.completions.create(model="duo", messages=QUESTION, n=3, seed=1)
    assert [choice.index for choice in completion.choices] == [0, 1, 2]


def stream():
    text, roles, reasons = "", [], []
    for chunk in client.chat.completions.create(model="duo", messages=QUESTION, stream=True):
        assert chunk.usage is None
        [choice] = chunk.choices
        text += choice.delta.content or ""
        roles.append(choice.delta.role)
        reasons.append(choice.finish_reason)
    assert text == "It is so.", text
    assert roles[0] == "assistant" and reasons[-1] == "stop"


def usage():
    chunks = list(
        client.chat.completions.create(
            model="duo", messages=QUESTION, stream=True, stream_options={"include_usage": True}
        )
    )
    assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens > 0
    assert all(chunk.usage is None for chunk in chunks[:-1])


def tools():
    tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
    completion = client.chat.completions.create(model="calling", messages=QUESTION, tools=[tool])
    [call] = completion.choices[0].message.tool_calls
    assert call.function.name == "weather" and "Rome" in call.function.arguments
    assert completion.choices[0].finish_reason == "tool_calls"
    history = QUESTION + [
        completion.choices[0].message,
        {"role": "tool", "tool_call_id": call.id, "content": "Sunny."},
    ]
    assert client.chat.completions.create(model="duo", messages=history).choices[0].message.content
    names = ""
    for chunk in client.chat.completions.create(model="calling", messages=QUESTION, tools=[tool], stream=True):
        for delta in chunk.choices[0].delta.tool_calls or []:
            names += delta.function.name or ""
    assert names == "weather"


def responses():
    response = client.responses.create(model="duo", input="Is it so?", instructions="Be brief.")
    assert response.output_text == "It is so." and response.status == "completed"
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens
    text, last = "", None
    for event in client.responses.create(model="duo", input="Is it so?", stream=True):
        if event.type == "response.output_text.delta":
            text += event.delta
        last = event
    assert text == "It is so." and last.type == "response.completed", last
    with once.responses.stream(model="duo", input="Is it so?") as events:
        assert events.get_final_response().output_text == "It is so."
    assert raises(openai.NotFoundError, lambda: once.responses.create(model="nobody", input="x")).code == "model_not_found"


def raw():
    response = client.chat.completions.with_raw_response.create(model="plain", messages=QUESTION)
    assert response.headers["x-request-id"] == response.request_id
    assert response.parse().choices[0].message.content == "It is so."


def models():
    ids = [model.id for model in client.models.list()]
    assert "duo" in ids and "plain" in ids
    assert client.models.retrieve("duo").owned_by == "moa"
    assert "'duo'" in str(raises(openai.NotFoundError, lambda: client.models.retrieve("duos")))


def errors():
    def ask(model="duo", **more):
        return once.chat.completions.create(model=model, messages=QUESTION, **more)

    assert raises(openai.NotFoundError, lambda: ask("nobody")).code == "model_not_found"
    assert raises(openai.BadRequestError, lambda: ask(logprobs=True)).code == "unsupported_parameter"
    assert raises(openai.BadRequestError, lambda: ask(temperature=5)).param == "temperature"
    assert raises(openai.RateLimitError, lambda: ask("limited")).code == "rate_limit_exceeded"
    assert raises(openai.InternalServerError, lambda: ask("failing")).status_code == 502
    stranger = openai.OpenAI(base_url=URL, api_key="sk-wrong", max_retries=0)
    error = raises(openai.AuthenticationError, lambda: stranger.models.list())
    assert error.code == "invalid_api_key"


def breaks():
    text = ""

    def read():
        nonlocal text
        for chunk in once.chat.completions.create(model="breaking", messages=QUESTION, stream=True):
            text += chunk.choices[0].delta.content or ""

    error = raises(openai.APIError, read)
    assert text.startswith("one"), text
    assert error.code == "aggregator_failed", error


def retries():
    """Two more attempts, as the client makes them by itself, and then the class of the error."""
    raises(openai.InternalServerError, lambda: client.chat.completions.create(model="failing", messages=QUESTION))
    raises(openai.RateLimitError, lambda: client.chat.completions.create(model="limited", messages=QUESTION))


def early_close():
    with client.chat.completions.create(model="slow-duo", messages=QUESTION, stream=True) as chunks:
        for chunk in chunks:
            if chunk.choices[0].delta.content:
                break
    # The server has stopped the run: nothing goes on.
    while openai.OpenAI(base_url=URL.removesuffix("/v1"), api_key="x").get("/readyz", cast_to=object)["runs"]:
        pass


for check in [chat, several, stream, usage, tools, responses, raw, models, errors, breaks, retries, early_close]:
    check()
    print(f"openai {openai.__version__}: {check.__name__} passes", flush=True)
