// Follows the events of one run over a connection that may break: no event is lost, none is taken twice.
// Knows nothing of the page; how a stream is opened and how time passes is given, so that tests need neither.

import { SseParser } from './sse.js';

/** How long the first pause between two attempts is, and the longest. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** The server sends a comment at least every 10 s, so a stream that is silent for this long is dead. */
const SILENCE_MS = 30_000;

/** Work without a pause that nobody notices: a stored run of many events must not freeze the page. */
const SLICE_MS = 10;

const LAST_EVENTS = new Set(['run_finished', 'run_failed', 'run_cancelled']);

/** An answer of the server after which asking again is useless. */
export class FinalError extends Error {}

/** Events are missing between the last one and this one. */
class GapError extends Error {}

/**
 * @typedef {'connecting'|'live'|'reconnecting'|'ended'|'lost'} ConnectionState
 *
 * @typedef {object} FollowOptions
 * @property {(after: number, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>} open
 *   Opens the stream behind the event with this sequence number; -1 for all. Throws {@link FinalError} where that cannot succeed later.
 * @property {(events: object[]) => void} take  Gets the events, in order, each once.
 * @property {(state: ConnectionState, error?: Error) => void} state
 * @property {AbortSignal} signal  Ends it.
 * @property {(ms: number, signal: AbortSignal) => Promise<void>} [pause]
 * @property {number} [silenceMs]
 */

/**
 * Follows a run to its end.
 * @param {FollowOptions} options
 * @returns {Promise<void>} Settles when the run has ended, is lost, or the signal was given. Never rejects.
 */
export async function follow({ open, take, state, signal, pause = pauseFor, silenceMs = SILENCE_MS }) {
  const position = { last: -1, isOver: false, acceptedGapAt: -2 };
  let failures = 0;
  for (;;) {
    state(failures === 0 ? 'connecting' : 'reconnecting');
    const before = position.last;
    let failure;
    try {
      await readStream({ open, take, state, signal, silenceMs, position });
      if (position.isOver) return state('ended');
    } catch (error) {
      if (signal.aborted) return undefined;
      if (error instanceof FinalError) return state('lost', error);
      if (error instanceof GapError) {
        // Asked for once more from there. A gap that comes back is the server's own, and what follows is better than nothing.
        position.acceptedGapAt = position.last;
      }
      failure = error;
    }
    if (signal.aborted) return undefined;
    failures = position.last > before ? 1 : failures + 1;
    state('reconnecting', failure);
    await pause(pauseAfter(failures), signal);
    if (signal.aborted) return undefined;
  }
}

async function readStream({ open, take, state, signal, silenceMs, position }) {
  // Aborting the attempt is how a silent stream is given up.
  const attempt = new AbortController();
  const stop = () => attempt.abort();
  signal.addEventListener('abort', stop);
  let watchdog = setTimeout(stop, silenceMs);
  try {
    const stream = await open(position.last, attempt.signal);
    state('live');
    const reader = stream.getReader();
    const parser = new SseParser();
    let sliceEnd = performance.now() + SLICE_MS;
    for (;;) {
      const { done, value } = await reader.read();
      if (done || attempt.signal.aborted) return;
      clearTimeout(watchdog);
      watchdog = setTimeout(stop, silenceMs);
      const events = [];
      try {
        collect(parser.push(value), position, events);
      } finally {
        // What came before a gap or a broken event counts all the same: it will not be sent again.
        if (events.length > 0) take(events);
      }
      if (position.isOver) {
        reader.cancel().catch(() => {});
        return;
      }
      if (performance.now() > sliceEnd) {
        await new Promise((resume) => setTimeout(resume));
        sliceEnd = performance.now() + SLICE_MS;
      }
    }
  } finally {
    clearTimeout(watchdog);
    signal.removeEventListener('abort', stop);
    attempt.abort();
  }
}

/** Adds the events among the messages that are new, in order. */
function collect(messages, position, events) {
  for (const message of messages) {
    if (message.event === 'end') {
      position.isOver = true;
      break;
    }
    if (message.event !== 'message') continue;
    const event = JSON.parse(message.data);
    if (event.sequence <= position.last) continue;
    if (event.sequence > position.last + 1 && position.acceptedGapAt !== position.last) throw new GapError('events are missing');
    position.last = event.sequence;
    events.push(event);
    if (LAST_EVENTS.has(event.type)) {
      position.isOver = true;
      break;
    }
  }
}

/**
 * The pause before the next attempt: doubled each time, and a little uneven so that many pages do not come back at once.
 * @param {number} failures  Attempts that failed in a row.
 * @returns {number} Milliseconds.
 */
export function pauseAfter(failures) {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, failures - 1), LONGEST_PAUSE_MS);
  return pause * (0.75 + Math.random() * 0.25);
}

/** Waits, but no longer than until the network is back or the signal is given. */
function pauseFor(ms, signal) {
  return new Promise((resume) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      globalThis.removeEventListener?.('online', done);
      resume();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    globalThis.addEventListener?.('online', done);
  });
}
