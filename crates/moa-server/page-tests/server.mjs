// A development server for the page, made of Node's own modules: it speaks the contract of `moa serve` and plays made-up or recorded
// runs with their timing, and with faults on demand. A test tool; never shipped.
//
//   node server.mjs [--port 8090] [--recordings FOLDER] [--speed 1]
//
// Faults are set with POST /test/faults {"dropAfter": N, "key": "SECRET", "refuse": STATUS, "scenario": NAME}.

import { randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applyEvent, answerOf, newRun, questionOf } from '../page/js/run-model.js';
import { presetToml } from '../page/js/toml.js';
import { draftOf } from '../page/js/editor-model.js';
import { analysisOf } from './analysis.mjs';
import { MODELS, PRESETS, eventsFor } from './scenarios.mjs';
import { mixture } from './synthetic.mjs';

const PAGE = fileURLToPath(new URL('../page/', import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const ENDED = { run_finished: 'finished', run_failed: 'failed', run_cancelled: 'cancelled' };

/** A run that is played: its events appear one by one. */
class PlayedRun {
  events = [];
  listeners = new Set();
  model = newRun();
  #timer = null;

  constructor(id, script, speed) {
    this.id = id;
    this.script = script;
    this.speed = speed;
    this.startedAt = Date.now();
    this.#play();
  }

  get status() {
    return ENDED[this.events.at(-1)?.type] ?? 'running';
  }

  #play() {
    const now = (Date.now() - this.startedAt) * this.speed;
    while (this.events.length < this.script.length && this.script[this.events.length].at_ms <= now) this.#add(this.script[this.events.length]);
    const next = this.script[this.events.length];
    if (next) this.#timer = setTimeout(() => this.#play(), Math.max(1, (next.at_ms - now) / this.speed));
  }

  #add(event) {
    this.events.push(event);
    applyEvent(this.model, event);
    for (const listener of this.listeners) listener();
  }

  cancel() {
    if (this.status !== 'running') return;
    clearTimeout(this.#timer);
    const atMs = this.events.at(-1)?.at_ms ?? 0;
    const usage = { prompt_tokens: 10, cached_tokens: 0, completion_tokens: 10, reasoning_tokens: 0, estimated: true, cost_usd: null };
    this.#add({ run: this.id, sequence: this.events.length, at_ms: atMs, type: 'run_cancelled', usage, wall_ms: atMs });
  }

  /** The whole run at once, as one that was stored. */
  finishNow() {
    clearTimeout(this.#timer);
    while (this.events.length < this.script.length) this.#add(this.script[this.events.length]);
    return this;
  }
}

/**
 * @param {{port?: number, recordings?: string|null, speed?: number}} [options]
 * @returns {Promise<{url: string, close: () => Promise<void>}>}
 */
export async function startServer({ port = 0, recordings = null, speed = 1 } = {}) {
  const runs = new Map();
  const faults = { dropAfter: null, key: null, refuse: null, scenario: null };
  if (recordings) await loadRecordings(recordings, runs);
  const scripts = new Map([...runs.values()].map((run) => [`${run.model.mixture.name}|${questionOf(run.model)}`, run.script]));
  const server = createServer((request, response) => {
    handle({ request, response, runs, scripts, faults, speed }).catch((error) => {
      console.error(error);
      if (!response.headersSent) fail(response, 500, error.message);
      else response.destroy();
    });
  });
  await new Promise((ready) => server.listen(port, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((done) => {
      server.closeAllConnections();
      server.close(done);
    }),
  };
}

async function loadRecordings(folder, runs) {
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort()) {
    const script = (await readFile(join(folder, file), 'utf8')).trim().split('\n').map((line) => JSON.parse(line));
    const run = new PlayedRun(script[0].run, script, Infinity).finishNow();
    run.startedAt = script[0].started_at_unix_ms;
    runs.set(run.id, run);
  }
}

async function handle(context) {
  const { request, response, faults } = context;
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname === '/test/faults') {
    Object.assign(faults, await body(request));
    return json(response, 200, faults);
  }
  if (!url.pathname.startsWith('/api/')) return file(url.pathname, response);
  if (faults.refuse) return fail(response, faults.refuse, 'refused by the test');
  if (faults.key && url.pathname !== '/api/info' && request.headers.authorization !== `Bearer ${faults.key}`) return fail(response, 401, 'the key is missing or wrong');
  return route({ ...context, url, path: url.pathname.slice('/api/'.length).split('/').map(decodeURIComponent) });
}

async function file(path, response) {
  const name = normalize(path === '/' ? 'index.html' : path.replace(/^\/page\//, ''));
  try {
    const content = await readFile(join(PAGE, name));
    response.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream', 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
}

async function route(context) {
  const { request, response, runs, faults, path, url } = context;
  const [first, id, action] = path;
  const { method } = request;
  if (first === 'info') return json(response, 200, { version: '0.0.0-test', needs_key: Boolean(faults.key), default_preset: 'local', stores_runs: true });
  if (first === 'presets') return json(response, 200, { presets: PRESETS.map((preset) => ({ ...preset, calls: preset.mixture.layers.reduce((sum, { agents }) => sum + agents.length, 1), toml: presetToml(draftOf(preset.mixture)) })) });
  if (first === 'models') return json(response, 200, { models: MODELS });
  if (first === 'estimate') return json(response, 200, estimate(mixtureOf(await body(request))));
  if (first !== 'runs') return fail(response, 404, 'there is no such address');
  if (!id && method === 'POST') return start(context, await body(request));
  if (!id) return list(response, runs, url.searchParams);
  const run = runs.get(id);
  if (!run) return fail(response, 404, `there is no run ${id}`);
  if (method === 'DELETE') {
    runs.delete(id);
    return response.writeHead(204).end();
  }
  if (action === 'again') return start(context, await body(request), run);
  if (action === 'events') return stream(context, run);
  if (action === 'analysis') return json(response, 200, analysisOf(run.model));
  if (action === 'cancel') {
    run.cancel();
    return response.writeHead(202).end();
  }
  if (action === 'export') return exported(response, run, url.searchParams.get('format'));
  return json(response, 200, documentOf(run));
}

/** What the page reads of a run's document. */
function documentOf({ id, model }) {
  const { mixture: asked } = model;
  const layers = [...asked.layers.map(({ agents }) => ['proposers', agents]), ['aggregator', [asked.aggregator]]];
  return {
    id, preset: asked.name, answer: answerOf(model),
    layers: layers.map(([role, agents], place) => ({ index: place + 1, role, responses: agents.map((agent) => ({ agent: agent.name, model: agent.model })) })),
  };
}

function mixtureOf({ preset, model, moa, aggregator }, base = null) {
  if (aggregator && base) return { ...base, aggregator: mixture('', [], aggregator).aggregator };
  if (moa) return mixture('custom', moa.layers.map(({ agents }) => agents), moa.aggregator);
  if (model) return mixture(model, [], model);
  return PRESETS.find(({ name }) => name === preset)?.mixture ?? base;
}

function start({ response, runs, scripts, faults, speed }, wanted, base = null) {
  const chosen = mixtureOf(wanted, base?.model.mixture);
  if (!chosen) return fail(response, 400, `there is no preset '${wanted.preset}'`, 'preset');
  const id = randomUUID();
  const messages = wanted.messages ?? base.model.messages;
  // A question that was recorded is answered by its recording.
  const recorded = scripts.get(`${chosen.name}|${questionOf({ messages })}`)?.map((event) => ({ ...event, run: id }));
  runs.set(id, new PlayedRun(id, recorded ?? eventsFor({ id, mixture: chosen, messages, scenario: faults.scenario }), speed));
  return json(response, 201, { run: id });
}

function estimate({ layers, aggregator }) {
  const agents = [...layers.flatMap((layer) => layer.agents), aggregator];
  const models = [...new Set(agents.map(({ model }) => model))].map((id) => MODELS.find((model) => model.id === id));
  const isLocal = models.every((model) => model?.kind === 'local');
  return {
    calls: agents.length, prompt_tokens: 60 + layers.length * 480 * agents.length, completion_tokens: agents.reduce((sum, agent) => sum + agent.max_tokens, 0),
    cost_usd: isLocal ? 0 : null, memory_bytes: models.reduce((sum, model) => sum + (model?.size_bytes ?? 0) * 1.25, 0), seconds: isLocal ? agents.length * 6.4 : null,
  };
}

function list(response, runs, parameters) {
  const query = (parameters.get('query') ?? '').toLowerCase();
  const before = Number(parameters.get('before') ?? Infinity);
  const limit = Number(parameters.get('limit') ?? 30);
  const found = [...runs.values()].map(summary).filter((entry) => entry.started_at_unix_ms < before)
    .filter((entry) => `${entry.question} ${entry.answer_preview}`.toLowerCase().includes(query)).sort((a, b) => b.started_at_unix_ms - a.started_at_unix_ms);
  return json(response, 200, { runs: found.slice(0, limit), next: found.length > limit ? String(found[limit - 1].started_at_unix_ms) : null });
}

function summary(run) {
  const { model } = run;
  return {
    run: run.id, started_at_unix_ms: run.startedAt, status: run.status, mixture: model.mixture?.name ?? '', question: questionOf(model),
    answer_preview: answerOf(model).slice(0, 160).replace(/\s+/g, ' '), wall_ms: model.end?.wallMs ?? null, cost_usd: model.end?.usage.cost_usd ?? null,
    models: model.mixture ? [...new Set([...model.mixture.layers.flatMap((layer) => layer.agents), model.mixture.aggregator].map((agent) => agent.model))] : [],
  };
}

function stream({ request, response, faults, url }, run) {
  const after = Number(request.headers['last-event-id'] ?? url.searchParams.get('after') ?? -1);
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  let next = run.events.findIndex((event) => event.sequence > after);
  if (next < 0) next = run.events.length;
  let sent = 0;
  const send = () => {
    let text = '';
    while (next < run.events.length) {
      const event = run.events[next];
      if (faults.dropAfter !== null && sent >= faults.dropAfter) {
        // Half an event, then silence on the line: what a broken connection looks like.
        response.write(`${text}id: ${event.sequence}\ndata: ${JSON.stringify(event).slice(0, 20)}`, () => response.destroy());
        run.listeners.delete(send);
        return;
      }
      text += `id: ${event.sequence}\ndata: ${JSON.stringify(event)}\n\n`;
      sent += 1;
      next += 1;
    }
    if (text) response.write(text);
    if (run.status !== 'running') {
      response.end('event: end\ndata:\n\n');
      run.listeners.delete(send);
    }
  };
  run.listeners.add(send);
  const beat = setInterval(() => response.write(': still there\n\n'), 10_000);
  response.on('close', () => {
    clearInterval(beat);
    run.listeners.delete(send);
  });
  send();
}

function exported(response, run, format) {
  const content = format === 'jsonl' ? run.events.map((event) => JSON.stringify(event)).join('\n')
    : format === 'markdown' ? `# ${questionOf(run.model)}\n\n${answerOf(run.model)}\n` : JSON.stringify({ id: run.id, traceEvents: [] });
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Disposition': `attachment; filename="${run.id}.${format}"` });
  response.end(content);
}

async function body(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString() || '{}');
}

function json(response, status, content) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(content));
}

function fail(response, status, message, param = null) {
  json(response, status, { error: { message, type: 'invalid_request_error', param, code: null } });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const option = (name, fallback) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? fallback : process.argv[at + 1];
  };
  const { url } = await startServer({ port: Number(option('port', 8090)), recordings: option('recordings', null), speed: Number(option('speed', 1)) });
  console.log(url);
}
