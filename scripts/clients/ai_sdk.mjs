// The AI SDK's openai-compatible provider against `moa serve`.

import assert from "node:assert/strict";

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, streamText, tool } from "ai";

const moa = createOpenAICompatible({ name: "moa", baseURL: process.env.MOA_URL, apiKey: process.env.MOA_KEY });

const whole = await generateText({ model: moa("duo"), prompt: "Is it so?" });
assert.equal(whole.text, "It is so.");
assert.ok(whole.usage.totalTokens > 0);
console.log("ai: generateText passes");

const stream = streamText({ model: moa("duo"), prompt: "Is it so?" });
let text = "";
for await (const piece of stream.textStream) text += piece;
assert.equal(text, "It is so.");
assert.equal(await stream.finishReason, "stop");
console.log("ai: streamText passes");

await assert.rejects(() => generateText({ model: moa("nobody"), prompt: "?", maxRetries: 0 }), /there is no model/);
console.log("ai: errors pass");

const tools = {
  weather: tool({ description: "The weather in a city.", inputSchema: jsonSchema({ type: "object", properties: { city: { type: "string" } } }) }),
};
const called = await generateText({ model: moa("calling"), prompt: "Is it sunny?", tools });
assert.equal(called.toolCalls[0].toolName, "weather");
assert.deepEqual(called.toolCalls[0].input, { city: "Rome" });
console.log("ai: tools pass");

// A stream that breaks off is an error of the stream, not an answer that ends early.
const errors = [];
const broken = streamText({ model: moa("breaking"), prompt: "Is it so?", maxRetries: 0, onError: ({ error }) => errors.push(error) });
for await (const part of broken.fullStream) if (part.type === "error") errors.push(part.error);
assert.ok(errors.length > 0, "the stream broke off and nobody was told");
console.log("ai: a stream that breaks off passes");

const leaving = new AbortController();
const slow = streamText({ model: moa("slow-duo"), prompt: "Is it so?", abortSignal: leaving.signal, onError: () => {} });
for await (const part of slow.fullStream) {
  if (part.type === "text-delta") leaving.abort();
}
// The server has stopped the run: nothing goes on.
for (;;) {
  const ready = await (await fetch(`${process.env.MOA_ROOT}/readyz`)).json();
  if (ready.runs === 0) break;
}
console.log("ai: early close passes");
