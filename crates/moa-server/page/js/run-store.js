// The runs that are looked at: each followed once, however many parts of the page show it.

import { api } from './api.js';
import { follow } from './follow.js';
import { applyEvent, newRun } from './run-model.js';

/** A view that is left and entered again within this time finds its run as it was. */
const KEPT_UNSEEN_MS = 2_000;
/** Runs that have ended and stay at hand. */
const MOST_ENDED = 12;

/**
 * @typedef {object} FollowedRun
 * @property {string} id
 * @property {import('./run-model.js').Run} run
 * @property {import('./follow.js').ConnectionState} connection
 * @property {Error|null} error
 * @property {number} heardAt  When the last event arrived, by the page's clock.
 */

/** @type {Map<string, FollowedRun & {listeners: Set<Function>, controller: AbortController|null, isDrawn: boolean}>} */
const followed = new Map();

/**
 * Follows a run as long as somebody watches.
 * @param {string} id
 * @param {(followed: FollowedRun) => void} listener  Called at most once per frame.
 * @returns {{followed: FollowedRun, release: () => void}}
 */
export function watchRun(id, listener) {
  let entry = followed.get(id);
  if (!entry) {
    entry = {
      id, run: newRun(), connection: 'connecting', error: null, heardAt: performance.now(),
      listeners: new Set(), controller: null, isDrawn: true,
    };
    followed.set(id, entry);
    start(entry);
  }
  entry.listeners.add(listener);
  return {
    followed: entry,
    release: () => {
      entry.listeners.delete(listener);
      setTimeout(() => forgetUnseen(entry), KEPT_UNSEEN_MS);
    },
  };
}

/**
 * Forgets a run, because it was removed.
 * @param {string} id
 */
export function forgetRun(id) {
  followed.get(id)?.controller?.abort();
  followed.delete(id);
}

function start(entry) {
  entry.controller = new AbortController();
  follow({
    open: (after, signal) => api.events(entry.id, after, signal),
    take: (events) => {
      for (const event of events) applyEvent(entry.run, event);
      entry.heardAt = performance.now();
      draw(entry);
    },
    state: (connection, error) => {
      entry.connection = connection;
      entry.error = error ?? null;
      draw(entry);
    },
    signal: entry.controller.signal,
  });
}

/** However many events come, what shows them is told once per frame. */
function draw(entry) {
  if (!entry.isDrawn) return;
  entry.isDrawn = false;
  requestAnimationFrame(() => {
    entry.isDrawn = true;
    for (const listener of entry.listeners) listener(entry);
  });
}

function forgetUnseen(entry) {
  if (entry.listeners.size > 0 || followed.get(entry.id) !== entry) return;
  if (entry.connection !== 'ended') return forgetRun(entry.id);
  const ended = [...followed.values()].filter((other) => other.connection === 'ended' && other.listeners.size === 0);
  for (const old of ended.slice(0, Math.max(0, ended.length - MOST_ENDED))) followed.delete(old.id);
}
