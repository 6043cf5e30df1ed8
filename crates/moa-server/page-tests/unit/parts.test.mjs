import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';
import en from '../../page/strings/en.js';
import ja from '../../page/strings/ja.js';
import { calmed, diffTexts } from '../../page/js/parts/diff.js';
import { stretchesOf, ticks } from '../../page/js/parts/gantt.js';
import { link, parseRoute } from '../../page/js/router.js';

test('both languages have the same texts with the same places for values', () => {
  assert.deepEqual(Object.keys(ja).sort(), Object.keys(en).sort());
  const places = (text) => [...new Set((typeof text === 'string' ? text : Object.values(text).join()).match(/\{\w+\}/g) ?? [])].sort();
  for (const key of Object.keys(en)) {
    if (key !== 'unit.tokens' && !key.startsWith('answer.fallback')) assert.deepEqual(places(ja[key]), places(en[key]), key);
  }
});

test('every text that the page names is there', async () => {
  const folder = new URL('../../page/js/', import.meta.url);
  for (const file of (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'))) {
    const source = await readFile(new URL(file, folder), 'utf8');
    for (const [, key] of source.matchAll(/\bt\('([^']+)'/g)) assert.ok(key in en, `${file}: ${key}`);
  }
});

test('a difference spells both texts', () => {
  for (const [before, after] of [['the blue sky', 'the red sky at night'], ['', 'new'], ['old', ''], ['空が青い。', '空は赤い。'], ['same', 'same'], ['a b c d', 'd c b a']]) {
    const parts = diffTexts(before, after);
    assert.equal(parts.filter(({ kind }) => kind !== 'added').map(({ text }) => text).join(''), before);
    assert.equal(parts.filter(({ kind }) => kind !== 'removed').map(({ text }) => text).join(''), after);
  }
  assert.deepEqual(diffTexts('the blue sky', 'the red sky'), [{ kind: 'same', text: 'the ' }, { kind: 'removed', text: 'blue' }, { kind: 'added', text: 'red' }, { kind: 'same', text: ' sky' }]);
});

test('a difference that was calmed still spells both texts, and is less torn', () => {
  const before = 'Sunlight is a mix of all colours, and the rest is history.';
  const after = 'The sky of a blue planet, and the rest is history.';
  const torn = diffTexts(before, after);
  const calm = calmed(torn);
  assert.equal(calm.filter(({ kind }) => kind !== 'added').map(({ text }) => text).join(''), before);
  assert.equal(calm.filter(({ kind }) => kind !== 'removed').map(({ text }) => text).join(''), after);
  assert.ok(calm.length < torn.length);
  assert.match(calm.at(-1).text, /, and the rest is history\.$/);
});

test('the time of a call is cut into waiting, prefill and decode', () => {
  const call = { startedAtMs: 0, endedAtMs: 100, phases: [{ phase: 'started', atMs: 0 }, { phase: 'queued', atMs: 5 }, { phase: 'prefill', atMs: 20 }, { phase: 'decode', atMs: 60 }] };
  assert.deepEqual(stretchesOf(call, 0), [{ kind: 'waiting', fromMs: 0, toMs: 20 }, { kind: 'prefill', fromMs: 20, toMs: 60 }, { kind: 'decode', fromMs: 60, toMs: 100 }]);
});

test('marks of an axis are round and not too many', () => {
  assert.deepEqual(ticks(23_000, 8), [0, 5000, 10000, 15000, 20000]);
  for (const total of [1, 37, 999, 123_456]) assert.ok(ticks(total, 8).length <= 9);
});

test('an address leads to its view and back', () => {
  assert.deepEqual(parseRoute('#/runs/a%2Fb/trace'), { name: 'trace', parameters: { id: 'a/b' } });
  assert.deepEqual(parseRoute('#/runs?query=sky'), { name: 'runs', parameters: { query: 'sky' } });
  assert.deepEqual(parseRoute(link('runs', 'x', 'compare', 'y')), { name: 'compare', parameters: { id: 'x', other: 'y' } });
  assert.deepEqual(parseRoute('#/nowhere/else'), { name: 'ask', parameters: {} });
  assert.deepEqual(parseRoute(''), { name: 'ask', parameters: {} });
});
