// The AI SDK's openai-compatible provider against `moa serve`.

import assert from "node:assert/strict";

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, streamText } from "ai";

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
