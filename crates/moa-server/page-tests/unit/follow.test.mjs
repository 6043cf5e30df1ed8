import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FinalError, follow, pauseAfter } from '../../page/js/follow.js';

const encode = (text) => new TextEncoder().encode(text);
const event = (sequence, type = 'call_delta') => `id: ${sequence}\ndata: ${JSON.stringify({ sequence, type })}\n\n`;

/** A stream of the given pieces; an error among them breaks it. */
function body(pieces) {
  return new ReadableStream({
    async pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else if (piece instanceof Error) controller.error(piece);
      else controller.enqueue(encode(piece));
    },
  });
}

async function followed(attempts, options = {}) {
  const seen = [];
  const states = [];
  const asked = [];
  const controller = new AbortController();
  await follow({
    open: async (after) => {
      asked.push(after);
      const attempt = attempts.shift();
      if (attempt instanceof Error) throw attempt;
      return body(attempt);
    },
    take: (events) => seen.push(...events.map(({ sequence }) => sequence)),
    state: (state) => {
      if (states.at(-1) !== state) states.push(state);
    },
    signal: controller.signal,
    pause: async () => {},
    ...options,
  });
  return { seen, states, asked };
}

test('a whole stream is taken and then over', async () => {
  const result = await followed([[event(0), event(1) + event(2, 'run_finished'), 'event: end\ndata:\n\n']]);
  assert.deepEqual(result, { seen: [0, 1, 2], states: ['connecting', 'live', 'ended'], asked: [-1] });
});

test('a dropped connection goes on behind the last event, without loss or repetition', async () => {
  const half = event(2).slice(0, 12);
  const result = await followed([
    [event(0), event(1) + half, new Error('reset')],
    new Error('refused'),
    // A server that repeats what was asked to be left out does no harm.
    [event(1) + event(2), event(3, 'run_finished')],
  ]);
  assert.deepEqual(result.seen, [0, 1, 2, 3]);
  assert.deepEqual(result.asked, [-1, 1, 1]);
  assert.deepEqual(result.states, ['connecting', 'live', 'reconnecting', 'live', 'ended']);
});

test('a drop at every event of a run loses and repeats nothing', async () => {
  const all = Array.from({ length: 12 }, (_, sequence) => event(sequence, sequence === 11 ? 'run_finished' : 'call_delta'));
  for (let drop = 0; drop < all.length; drop += 1) {
    const cut = all.slice(0, drop).join('') + all[drop].slice(0, 9);
    const result = await followed([[cut], all.slice(drop)]);
    assert.deepEqual(result.seen, Array.from({ length: 12 }, (_, sequence) => sequence), `dropped at ${drop}`);
  }
});

test('missing events are asked for again', async () => {
  const result = await followed([[event(0) + event(2)], [event(1) + event(2), event(3, 'run_cancelled')]]);
  assert.deepEqual(result.seen, [0, 1, 2, 3]);
  assert.deepEqual(result.asked, [-1, 0]);
});

test('what can never succeed is not tried again', async () => {
  const result = await followed([new FinalError('gone')]);
  assert.deepEqual(result, { seen: [], states: ['connecting', 'lost'], asked: [-1] });
});

test('a silent stream is given up and opened anew', async () => {
  const silent = new ReadableStream({ start() {} });
  let attempts = 0;
  const seen = [];
  await follow({
    open: async (_after, signal) => {
      attempts += 1;
      if (attempts > 1) return body([event(0, 'run_failed')]);
      return new ReadableStream({ start: (controller) => signal.addEventListener('abort', () => controller.error(new Error('aborted'))) });
    },
    take: (events) => seen.push(...events),
    state: () => {},
    signal: new AbortController().signal,
    pause: async () => {},
    silenceMs: 5,
  });
  assert.equal(seen.length, 1);
  await silent.cancel();
});

test('pauses grow, and stay within their limit', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 20].map((failures) => Math.max(...Array.from({ length: 50 }, () => pauseAfter(failures))));
  assert.ok(longest[0] <= 500 && longest[3] > longest[0] && longest.every((pause) => pause <= 15_000));
});
