// A run as it stands, built from its events alone: the twin of moa_core::Trace for the page.
// No page, no network, no clock. Texts only grow, so that a view can append what is new.

/**
 * @typedef {{layer: number, agent: number}} CallId
 *
 * @typedef {object} Call
 * @property {CallId} id
 * @property {string} agent
 * @property {'answer'|'rank'|'analyse'|'fold'} task  What it is asked for.
 * @property {string} model
 * @property {string} endpoint
 * @property {object[]} retries          Attempts that failed and were made again.
 * @property {boolean} hedged
 * @property {boolean} reused
 * @property {boolean} setAside
 * @property {object|null} upstream
 * @property {object|null} progress      What it was last seen doing before its first token.
 * @property {string} text               The answer so far.
 * @property {string} reasoning          The thoughts so far.
 * @property {number} tokens
 * @property {number} startedAtMs
 * @property {number|null} firstTokenAtMs
 * @property {number|null} lastTokenAtMs
 * @property {object|null} shortening
 * @property {string[]} warnings
 * @property {object[]} tools
 * @property {object|null} outcome
 * @property {number|null} endedAtMs
 * @property {{phase: string, atMs: number}[]} phases  When it began to do what: for the timeline.
 *
 * @typedef {object} Layer
 * @property {number} index
 * @property {'proposers'|'aggregator'} role
 * @property {number} startedAtMs
 * @property {number|null} wallMs
 * @property {Call[]} calls              In the agents' order.
 * @property {object[]} decisions        What was decided between its answers.
 * @property {object|null} agreement     How far they agree, where the mixture looks at that.
 *
 * @typedef {object} Run
 * @property {string|null} id
 * @property {object|null} mixture
 * @property {object[]} messages         The conversation that was asked.
 * @property {number|null} seed
 * @property {number|null} startedAtUnixMs
 * @property {number|null} maxCostUsd
 * @property {string[]} notes           What its reader should know before anything is asked.
 * @property {Layer[]} layers
 * @property {number} atMs               The time of the last event.
 * @property {{kind: 'finished'|'failed'|'cancelled', outcome?: object, failure?: object, usage: object, wallMs: number}|null} end
 */

/** @returns {Run} A run of which nothing is known yet. */
export function newRun() {
  return {
    id: null, mixture: null, messages: [], seed: null, startedAtUnixMs: null, maxCostUsd: null, notes: [], layers: [], atMs: 0, end: null,
  };
}

/**
 * Takes one event into account. Events of calls that never started are ignored, as are kinds that are not known.
 * @param {Run} run
 * @param {object} event  An event of moa_core, as JSON.
 */
export function applyEvent(run, event) {
  run.atMs = event.at_ms;
  switch (event.type) {
    case 'run_started':
      run.id = event.run;
      run.mixture = event.mixture;
      run.messages = event.conversation;
      run.seed = event.seed;
      run.startedAtUnixMs = event.started_at_unix_ms;
      run.maxCostUsd = event.max_cost_usd ?? null;
      run.notes = event.notes ?? [];
      break;
    case 'layer_started':
      run.layers.push({ index: event.layer, role: event.role, startedAtMs: event.at_ms, wallMs: null, calls: [], decisions: [], agreement: null });
      break;
    case 'call_started':
      layerOf(run, event.call.layer)?.calls.push(newCall(event));
      break;
    case 'proposals_set_aside':
      for (const id of event.calls) {
        const call = callOf(run, id);
        if (call) call.setAside = true;
      }
      break;
    case 'decided':
      layerOf(run, event.layer)?.decisions.push(event.decision);
      break;
    case 'agreement_measured': {
      const layer = layerOf(run, event.layer);
      if (layer) layer.agreement = { agreement: event.agreement, wanted: event.wanted, saved: event.saved ?? null };
      break;
    }
    case 'layer_finished': {
      const layer = layerOf(run, event.layer);
      if (layer) layer.wallMs = event.wall_ms;
      break;
    }
    case 'run_finished':
      run.end = { kind: 'finished', outcome: event.outcome, usage: event.outcome.usage, wallMs: event.outcome.wall_ms };
      break;
    case 'run_failed':
      run.end = { kind: 'failed', failure: event.failure, usage: event.usage, wallMs: event.wall_ms };
      break;
    case 'run_cancelled':
      run.end = { kind: 'cancelled', usage: event.usage, wallMs: event.wall_ms };
      break;
    default: {
      const call = event.call && callOf(run, event.call);
      if (call) applyToCall(call, event);
    }
  }
}

function newCall(event) {
  return {
    id: event.call, agent: event.agent, task: event.task ?? 'answer', model: event.model, endpoint: event.endpoint,
    retries: [], hedged: false, reused: false, setAside: false, upstream: null, progress: null,
    text: '', reasoning: '', tokens: 0, startedAtMs: event.at_ms, firstTokenAtMs: null, lastTokenAtMs: null,
    shortening: null, warnings: [], tools: [], outcome: null, endedAtMs: null,
    phases: [{ phase: 'started', atMs: event.at_ms }],
  };
}

function applyToCall(call, event) {
  switch (event.type) {
    case 'call_progress': {
      const { phase, percent, done_tokens, total_tokens, cached_tokens } = event;
      call.progress = { phase, percent, done_tokens, total_tokens, cached_tokens };
      enterPhase(call, phase, event.at_ms);
      break;
    }
    case 'call_retried':
      call.retries.push({ ...event.retry, atMs: event.at_ms });
      call.progress = null;
      enterPhase(call, 'retrying', event.at_ms);
      break;
    case 'call_hedged':
      call.hedged = true;
      break;
    case 'call_upstream':
      call.upstream = event.upstream;
      break;
    case 'call_reused':
      call.reused = true;
      break;
    case 'call_shortened':
      call.shortening = event.shortening;
      break;
    case 'call_warning':
      call.warnings.push(event.message);
      break;
    case 'call_reasoning':
      call.reasoning += event.text;
      countTokens(call, event);
      break;
    case 'call_delta':
      call.text += event.text;
      countTokens(call, event);
      break;
    case 'call_tool':
      call.tools.push(event.tool);
      break;
    case 'call_finished':
      call.outcome = event.outcome;
      call.endedAtMs = event.at_ms;
      break;
    default:
  }
}

function countTokens(call, event) {
  call.tokens += event.tokens;
  if (call.firstTokenAtMs === null) {
    call.firstTokenAtMs = event.at_ms;
    enterPhase(call, 'decode', event.at_ms);
  }
  call.lastTokenAtMs = event.at_ms;
}

function enterPhase(call, phase, atMs) {
  if (call.phases.at(-1).phase !== phase) call.phases.push({ phase, atMs });
}

/** @param {Run} run @param {number} index @returns {Layer|undefined} */
export function layerOf(run, index) {
  return run.layers.find((layer) => layer.index === index);
}

/** @param {Run} run @param {CallId} id @returns {Call|undefined} */
export function callOf(run, id) {
  return layerOf(run, id.layer)?.calls.find((call) => call.id.agent === id.agent);
}

/** @param {Run} run @returns {Call[]} Every call that started, layer by layer. */
export function callsOf(run) {
  return run.layers.flatMap((layer) => layer.calls);
}

/**
 * Tokens per second between the first and the latest token, once there are two.
 * @param {Call} call
 * @returns {number|null}
 */
export function tokensPerSecond(call) {
  if (call.firstTokenAtMs === null || call.tokens < 2 || call.reused) return null;
  const spanMs = call.lastTokenAtMs - call.firstTokenAtMs;
  return spanMs > 0 ? ((call.tokens - 1) * 1000) / spanMs : null;
}

/**
 * What a call is doing, in one word.
 * @param {Call|undefined} call  Absent where it has not started.
 * @param {Run} run
 * @returns {'pending'|'started'|'loading'|'queued'|'waiting'|'prefill'|'retrying'|'thinking'|'writing'|'done'|'partial'|'failed'|'dropped'|'stopped'|'skipped'}
 */
export function callState(call, run) {
  if (!call) return run.end ? 'skipped' : 'pending';
  if (call.outcome) return call.outcome.status === 'ok' ? 'done' : call.outcome.status;
  if (run.end) return 'stopped';
  if (call.text !== '') return 'writing';
  if (call.reasoning !== '') return 'thinking';
  const phase = call.phases.at(-1).phase;
  return phase === 'decode' ? 'writing' : phase;
}

/**
 * Whether agents of later layers read the answer.
 * @param {Call} call @param {Run} run
 * @returns {boolean}
 */
export function isRead(call, run) {
  const status = call.outcome?.status;
  if (call.setAside || call.task !== 'answer') return false;
  const selected = layerOf(run, call.id.layer)?.decisions.find(({ chosen, settles }) => chosen.length > 0 && !settles);
  if (selected && !selected.chosen.some(({ layer, agent }) => layer === call.id.layer && agent === call.id.agent)) return false;
  return status === 'ok' || (status === 'partial' && run.mixture?.partial_answers !== 'drop');
}

/**
 * Whether the agents of a layer answer alone, and join those of the layer before.
 * @param {Run} run @param {number} index
 * @returns {boolean}
 */
export function isIndependent(run, index) {
  return index > 1 && Boolean(run.mixture?.layers[index - 1]?.independent);
}

/**
 * The proposals that a layer reads: those of the layer before and of those that it joins, or of all earlier ones where the mixture is residual.
 * @param {Run} run @param {number} index
 * @returns {Call[]}
 */
export function referencesOf(run, index) {
  if (isIndependent(run, index)) return [];
  let first = index - 1;
  while (isIndependent(run, first)) first -= 1;
  if (run.mixture?.residual) first = 1;
  const earlier = run.layers.filter((layer) => layer.index >= first && layer.index < index);
  return earlier.flatMap((layer) => layer.calls).filter((call) => isRead(call, run));
}

/**
 * The layers as planned: what can be drawn before anything has started. The last one is the aggregator's.
 * @param {object} mixture
 * @returns {{index: number, role: 'proposers'|'aggregator', agents: {name: string, model: string}[]}[]}
 */
export function plannedLayers(mixture) {
  const layers = mixture.layers.map((layer, place) => ({ index: place + 1, role: 'proposers', agents: layer.agents }));
  return [...layers, { index: layers.length + 1, role: 'aggregator', agents: [mixture.aggregator] }];
}

/**
 * The call whose text is the answer, as far as it is known: the aggregator's, or whoever stands in for it.
 * @param {Run} run
 * @returns {Call|undefined}
 */
export function answeringCall(run) {
  const fallback = run.end?.outcome?.fallback;
  if (fallback) return callOf(run, fallback.call);
  const settled = settlingDecision(run);
  if (settled) return callOf(run, settled.chosen[0]);
  const layer = run.layers.find((candidate) => candidate.role === 'aggregator');
  // Those who stand in start one after the other; the latest one that says something is the one that counts.
  return layer?.calls.findLast((call) => call.text !== '' || call.reasoning !== '') ?? layer?.calls.at(-1);
}

/**
 * The decision that made a proposal the answer, where one did.
 * @param {Run} run
 * @returns {object|undefined}
 */
export function settlingDecision(run) {
  return run.layers.flatMap((layer) => layer.decisions).find(({ settles }) => settles);
}

/** @param {Run} run @returns {string} The answer so far. */
export function answerOf(run) {
  return run.end?.outcome?.answer ?? answeringCall(run)?.text ?? '';
}

/** @param {Run} run @returns {string} What was asked last. */
export function questionOf(run) {
  return run.messages.findLast((message) => message.role === 'user')?.content ?? '';
}

/**
 * What the run consumed: told at its end, until then the sum of the calls.
 * @param {Run} run
 * @returns {{promptTokens: number, cachedTokens: number, completionTokens: number, costUsd: number|null, estimated: boolean}}
 */
export function usageOf(run) {
  const sum = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, costUsd: null, estimated: false };
  const add = (usage) => {
    sum.promptTokens += usage.prompt_tokens ?? 0;
    sum.cachedTokens += usage.cached_tokens ?? 0;
    sum.completionTokens += usage.completion_tokens ?? 0;
    sum.estimated ||= usage.estimated ?? false;
    if (usage.cost_usd !== null && usage.cost_usd !== undefined) sum.costUsd = (sum.costUsd ?? 0) + usage.cost_usd;
  };
  if (run.end) {
    add(run.end.usage);
  } else {
    for (const call of callsOf(run)) {
      if (call.outcome) add(call.outcome.usage);
      else sum.completionTokens += call.tokens;
    }
  }
  return sum;
}
