// Runs that `moa ask --output jsonl` printed, read by the page.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { stretchesOf } from '../../page/js/parts/gantt.js';
import { answerOf, applyEvent, callsOf, newRun, usageOf } from '../../page/js/run-model.js';

const folder = new URL('../recordings/', import.meta.url);

for (const file of (await readdir(folder)).filter((name) => name.endsWith('.jsonl'))) {
  test(`the recorded run ${file} is read as it was`, async () => {
    const events = (await readFile(new URL(file, folder), 'utf8')).trim().split('\n').map((line) => JSON.parse(line));
    const run = newRun();
    for (const event of events) applyEvent(run, event);
    const { outcome } = events.at(-1);
    assert.equal(answerOf(run), outcome.answer);
    assert.equal(usageOf(run).completionTokens, outcome.usage.completion_tokens);
    for (const call of callsOf(run)) {
      assert.equal(call.text.trim(), call.outcome.text);
      assert.equal(call.tokens, call.outcome.usage.completion_tokens);
      const stretches = stretchesOf(call, run.atMs);
      assert.ok(stretches.some(({ kind }) => kind === 'prefill') && stretches.some(({ kind }) => kind === 'decode'));
      // The stretches follow each other without gaps.
      stretches.slice(1).forEach((stretch, place) => assert.equal(stretch.fromMs, stretches[place].toMs));
    }
  });
}
