// Every request to the server. Addresses are relative, so that the page also works behind a path of a proxy.

import { FinalError } from './follow.js';
import { t } from './i18n.js';

const KEY = 'moa.key';

/** An answer of the server that says why it did not do what was asked. */
export class ApiError extends Error {
  /** @param {number} status @param {{message?: string, hint?: string, code?: string, param?: string}} problem */
  constructor(status, problem) {
    super(problem.message ?? t('error.status', { status }));
    this.status = status;
    this.code = problem.code ?? null;
    this.param = problem.param ?? null;
    this.hint = problem.hint ?? null;
  }
}

/** Asks a person for the key; set by the page. */
let askForKey = async () => null;
let asking = null;

/** @param {() => Promise<string|null>} ask */
export function onKeyNeeded(ask) {
  askForKey = ask;
}

async function request(path, { method = 'GET', body, signal, headers = {} } = {}) {
  for (;;) {
    let key = null;
    try {
      key = sessionStorage.getItem(KEY);
    } catch {
      // Storage can be forbidden; then there is no key to send.
    }
    const response = await fetch(path, {
      method,
      signal,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(key ? { Authorization: `Bearer ${key}` } : {}),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (response.ok) return response;
    // Several requests may be refused at once; one question is enough.
    if (response.status === 401 && (await renewKey(key))) continue;
    throw new ApiError(response.status, await problemOf(response));
  }
}

async function renewKey(refused) {
  const current = sessionStorage.getItem(KEY);
  if (current && current !== refused) return true;
  asking ??= askForKey().finally(() => {
    asking = null;
  });
  const key = await asking;
  if (!key) return false;
  sessionStorage.setItem(KEY, key);
  return true;
}

async function problemOf(response) {
  try {
    return (await response.json()).error ?? {};
  } catch {
    return {};
  }
}

async function json(path, options) {
  return (await request(path, options)).json();
}

const of = (id) => `api/runs/${encodeURIComponent(id)}`;

export const api = {
  /** @returns {Promise<{version: string, needs_key: boolean, default_preset: string, stores_runs: boolean}>} */
  info: () => json('api/info'),
  /** @returns {Promise<object[]>} */
  presets: async () => (await json('api/presets')).presets,
  /** @returns {Promise<object[]>} */
  models: async () => (await json('api/models')).models,
  /** @param {object} body @param {AbortSignal} [signal] */
  estimate: (body, signal) => json('api/estimate', { method: 'POST', body, signal }),
  /** @param {object} body @returns {Promise<string>} The run's id. */
  start: async (body) => (await json('api/runs', { method: 'POST', body })).run,
  /** @param {string} id @param {object} body @returns {Promise<string>} The new run's id. */
  again: async (id, body) => (await json(`${of(id)}/again`, { method: 'POST', body })).run,
  /** @param {{query?: string, before?: string, limit?: number}} wanted @param {AbortSignal} [signal] */
  runs: (wanted, signal) => {
    const entries = Object.entries(wanted).filter(([, value]) => value !== undefined && value !== null && value !== '');
    return json(`api/runs?${new URLSearchParams(entries)}`, { signal });
  },
  /** @param {string} id @returns {Promise<{preset: string, layers: object[]}>} The run as one document. */
  run: (id) => json(of(id)),
  /** @param {string} id */
  cancel: (id) => request(`${of(id)}/cancel`, { method: 'POST' }),
  /** @param {string} id */
  remove: (id) => request(of(id), { method: 'DELETE' }),
  /** @param {string} id */
  analysis: (id) => json(`${of(id)}/analysis`),
  /** @param {string} id @param {'markdown'|'json'|'jsonl'|'chrome-trace'} format @returns {Promise<Blob>} */
  export: async (id, format) => (await request(`${of(id)}/export?format=${format}`)).blob(),
  /**
   * The events of a run behind one of them.
   * @param {string} id @param {number} after @param {AbortSignal} signal
   * @returns {Promise<ReadableStream<Uint8Array>>}
   */
  events: async (id, after, signal) => {
    try {
      const headers = { Accept: 'text/event-stream', ...(after < 0 ? {} : { 'Last-Event-ID': String(after) }) };
      return (await request(`${of(id)}/events`, { signal, headers })).body;
    } catch (error) {
      // What the server refuses now it refuses later; a server that is overloaded or gone may come back.
      if (error instanceof ApiError && error.status < 500 && error.status !== 429 && error.status !== 408) {
        throw new FinalError(error.message, { cause: error });
      }
      throw error;
    }
  },
};

let catalogue = null;

/**
 * Presets and models: asked for once, shared by the views.
 * @param {{isFresh?: boolean}} [options]
 * @returns {Promise<{presets: object[], models: object[], info: object}>}
 */
export function loadCatalogue({ isFresh = false } = {}) {
  if (!catalogue || isFresh) {
    catalogue = Promise.all([api.presets(), api.models(), api.info()])
      .then(([presets, models, info]) => ({ presets, models, info }));
    catalogue.catch(() => {
      catalogue = null;
    });
  }
  return catalogue;
}
