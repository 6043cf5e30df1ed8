import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, answeringCall, applyEvent, callOf, callState, isRead, newRun, plannedLayers, referencesOf, tokensPerSecond, usageOf } from '../../page/js/run-model.js';
import { mixture, syntheticRun } from '../synthetic.mjs';

const MIXTURE = mixture('test', [['a', 'b'], ['a', 'b']], 'c');
const MESSAGES = [{ role: 'user', content: 'why?' }];

function built(events, until = events.length) {
  const run = newRun();
  for (const event of events.slice(0, until)) applyEvent(run, event);
  return run;
}

const plain = syntheticRun({ id: 'r', mixture: MIXTURE, messages: MESSAGES, answer: ({ role, agent, layer }) => ({ text: role === 'aggregator' ? 'the answer' : `answer ${agent} of layer ${layer}` }) });

test('a whole run has its layers, texts, answer and figures', () => {
  const run = built(plain);
  assert.deepEqual(run.layers.map(({ role, calls }) => [role, calls.length]), [['proposers', 2], ['proposers', 2], ['aggregator', 1]]);
  assert.equal(callOf(run, { layer: 2, agent: 1 }).text.trim(), 'answer 1 of layer 2');
  assert.equal(answerOf(run), 'the answer');
  assert.equal(run.end.kind, 'finished');
  assert.equal(usageOf(run).completionTokens, run.end.usage.completion_tokens);
});

test('the text of every call only grows, and the answer is that of the aggregator from its first word', () => {
  const run = newRun();
  let before = '';
  for (const event of plain) {
    applyEvent(run, event);
    const answer = run.end ? before : answerOf(run);
    assert.ok(answer.startsWith(before));
    before = answer;
    if (event.type === 'call_delta' && event.call.layer === 3) assert.ok(answer.length > 0);
  }
});

test('a call goes through its states', () => {
  const run = newRun();
  const states = [];
  for (const event of plain) {
    applyEvent(run, event);
    const state = callState(callOf(run, { layer: 2, agent: 2 }), run);
    if (states.at(-1) !== state) states.push(state);
  }
  assert.deepEqual(states, ['pending', 'started', 'queued', 'prefill', 'writing', 'done']);
});

test('a retried call waits, and its failure is kept', () => {
  const retry = { attempt: 1, failure: { kind: 'rate_limited', message: 'slow down' }, wait_ms: 50 };
  const events = syntheticRun({ id: 'r', mixture: MIXTURE, messages: MESSAGES, answer: () => ({ text: 'yes', retries: [retry] }) });
  const at = events.findIndex(({ type }) => type === 'call_retried');
  const run = built(events, at + 1);
  assert.equal(callState(callOf(run, events[at].call), run), 'retrying');
  assert.equal(callOf(run, events[at].call).retries[0].failure.message, 'slow down');
});

test('failed, set aside and dropped partial answers are read by nobody', () => {
  const answer = ({ layer, agent }) => {
    if (layer === 1 && agent === 1) return { text: '', failure: { kind: 'model_error', message: 'broke' } };
    if (layer === 2 && agent === 2) return { text: 'odd', setAside: true };
    return { text: 'good', status: layer === 2 && agent === 1 ? 'partial' : 'ok' };
  };
  const run = built(syntheticRun({ id: 'r', mixture: MIXTURE, messages: MESSAGES, answer }));
  assert.deepEqual(referencesOf(run, 2).map(({ agent }) => agent), ['b']);
  assert.deepEqual(referencesOf(run, 3).map(({ agent }) => agent), ['a']);
  run.mixture = { ...run.mixture, partial_answers: 'drop' };
  assert.equal(isRead(callOf(run, { layer: 2, agent: 1 }), run), false);
});

test('a residual mixture reads the answers of all earlier layers', () => {
  const residual = { ...MIXTURE, residual: true };
  const run = built(syntheticRun({ id: 'r', mixture: residual, messages: MESSAGES, answer: () => ({ text: 'good' }) }));
  assert.equal(referencesOf(run, 3).length, 4);
});

test('independent answers read nothing, and join those before for whoever reads next', () => {
  const joined = { ...MIXTURE, layers: [MIXTURE.layers[0], { ...MIXTURE.layers[1], independent: true }] };
  const run = built(syntheticRun({ id: 'r', mixture: joined, messages: MESSAGES, answer: () => ({ text: 'good' }) }));
  assert.deepEqual(referencesOf(run, 2), []);
  assert.deepEqual(referencesOf(run, 3).map(({ id }) => id.layer), [1, 1, 2, 2]);
});

test('after a failed aggregator the answer is that of the call that the run names', () => {
  const run = built(plain);
  run.end.outcome = { ...run.end.outcome, answer: 'answer 2 of layer 2', fallback: { by: 'proposal', call: { layer: 2, agent: 2 } } };
  assert.equal(answeringCall(run).agent, 'b');
});

test('a run that was stopped leaves its calls stopped', () => {
  const at = plain.findIndex(({ type, call }) => type === 'call_delta' && call.layer === 2);
  const run = built(plain, at + 1);
  applyEvent(run, { type: 'run_cancelled', at_ms: 1, usage: { prompt_tokens: 1, completion_tokens: 2 }, wall_ms: 1 });
  assert.equal(callState(run.layers[1].calls[0], run), 'stopped');
  assert.equal(callState(undefined, run), 'skipped');
});

test('unknown kinds and calls that never started change nothing but the time', () => {
  const run = built(plain, 3);
  const before = structuredClone(run.layers);
  applyEvent(run, { type: 'something_new', at_ms: 99 });
  applyEvent(run, { type: 'call_delta', at_ms: 99, call: { layer: 9, agent: 9 }, text: 'x', tokens: 1 });
  assert.deepEqual(run.layers, before);
});

test('speed is counted between the first and the latest token', () => {
  const call = { firstTokenAtMs: 100, lastTokenAtMs: 1100, tokens: 11, reused: false };
  assert.equal(tokensPerSecond(call), 10);
  assert.equal(tokensPerSecond({ ...call, tokens: 1 }), null);
  assert.equal(tokensPerSecond({ ...call, reused: true }), null);
});

test('the aggregator is planned as the last layer', () => {
  assert.deepEqual(plannedLayers(MIXTURE).map(({ index, role }) => [index, role]), [[1, 'proposers'], [2, 'proposers'], [3, 'aggregator']]);
});

test('a proposal that was chosen is the answer, and judgments are no proposals', () => {
  const started = (agent, name, task) => ({ type: 'call_started', at_ms: 1, call: { layer: 1, agent }, agent: name, model: 'm', endpoint: 'local', ...task });
  const finished = (agent, text) => ({ type: 'call_finished', at_ms: 2, call: { layer: 1, agent }, outcome: { status: 'ok', text, usage: {} } });
  const events = [
    { type: 'run_started', at_ms: 0, run: 'r', mixture: MIXTURE, conversation: MESSAGES, seed: 1, started_at_unix_ms: 0 },
    { type: 'layer_started', at_ms: 0, layer: 1, role: 'proposers' },
    started(1, 'a'), started(2, 'b'), finished(1, 'four'), finished(2, 'five'),
    started(3, 'judge: order of 1, 2', { task: 'rank' }), finished(3, '2 > 1'),
  ];
  const run = built(events);
  assert.deepEqual(run.layers[0].calls.map((call) => isRead(call, run)), [true, true, false]);
  applyEvent(run, { type: 'decided', at_ms: 3, layer: 1, decision: { kind: 'rank', chosen: [{ layer: 1, agent: 2 }], reason: 'best' } });
  assert.deepEqual(run.layers[0].calls.map((call) => isRead(call, run)), [false, true, false]);
  applyEvent(run, { type: 'decided', at_ms: 4, layer: 1, decision: { kind: 'vote', chosen: [{ layer: 1, agent: 2 }], reason: 'all agree', settles: true } });
  assert.equal(answeringCall(run).agent, 'b');
  applyEvent(run, { type: 'agreement_measured', at_ms: 5, layer: 1, agreement: 1, wanted: 0.8, saved: { layers: 1, calls: 2, completion_tokens_at_most: 9 } });
  assert.equal(run.layers[0].agreement.saved.calls, 2);
});
