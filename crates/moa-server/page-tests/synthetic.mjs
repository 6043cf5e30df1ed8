// Makes up the events of runs, in the form of moa_core::Event, for what no recording has: failures, retries, script in an answer,
// a hundred thousand tokens.

/** Where a made-up agent's seconds go. */
const PREFILL_STEPS = 4;

/**
 * @param {object} options
 * @param {string} options.id
 * @param {object} options.mixture
 * @param {object[]} options.messages
 * @param {(call: {layer: number, agent: number, role: string, name: string}) => object} options.answer
 *   What an agent does: `{text, reasoning, tokenMs, startMs, tokensPerDelta, retries, failure, status, hedged, reused, shortened, warning, setAside}`.
 * @param {object} [options.failure]  The run's, after the last layer of proposers.
 * @param {object} [options.outcome]  Changes to the run's outcome.
 * @returns {object[]} The events, each with `at_ms`.
 */
export function syntheticRun({ id, mixture, messages, answer, failure = null, outcome = {} }) {
  const timed = [];
  const put = (atMs, event) => timed.push({ at_ms: atMs, event });
  put(0, { type: 'run_started', mixture, conversation: messages, seed: 3617938458, started_at_unix_ms: Date.now() });
  const layers = [...mixture.layers.map(({ agents }) => ({ agents, role: 'proposers' })), { agents: [mixture.aggregator], role: 'aggregator' }];
  let now = 1;
  let last = null;
  const usage = { prompt_tokens: 0, cached_tokens: 0, completion_tokens: 0, reasoning_tokens: 0, estimated: false, cost_usd: null };
  for (const [place, { agents, role }] of layers.entries()) {
    const layer = place + 1;
    if (failure && role === 'aggregator') break;
    put(now, { type: 'layer_started', layer, role });
    const calls = agents.map((agent, index) => {
      const does = answer({ layer, agent: index + 1, role, name: agent.name });
      return { ...call(put, now, { layer, agent: index + 1 }, agent, does), does };
    });
    const end = Math.max(...calls.map(({ endMs }) => endMs)) + 1;
    const aside = calls.filter(({ does }) => does.setAside).map(({ id: callId }) => callId);
    if (aside.length > 0) put(end, { type: 'proposals_set_aside', layer, calls: aside });
    const kept = calls.filter(({ status }) => status === 'ok' || status === 'partial').length;
    put(end, { type: 'layer_finished', layer, kept, lost: calls.length - kept, wall_ms: end - now });
    for (const finished of calls) {
      usage.prompt_tokens += finished.usage.prompt_tokens;
      usage.completion_tokens += finished.usage.completion_tokens;
      if (finished.usage.cost_usd !== null) usage.cost_usd = (usage.cost_usd ?? 0) + finished.usage.cost_usd;
    }
    now = end + 1;
    // A layer without answers ends the run.
    if (failure && kept === 0) break;
    [last] = calls;
  }
  if (failure) put(now, { type: 'run_failed', failure, usage, wall_ms: now });
  else {
    put(now, { type: 'run_finished', outcome: {
      answer: last.text, finish_reason: 'stop', degraded: false, usage, first_token_ms: last.firstTokenMs, wall_ms: now, ...outcome,
    } });
  }
  timed.sort((a, b) => a.at_ms - b.at_ms);
  return timed.map(({ at_ms, event }, sequence) => ({ run: id, sequence, at_ms, ...event }));
}

function call(put, startMs, id, agent, does) {
  const { text = '', reasoning = '', tokenMs = 20, startMs: waitMs = 40, tokensPerDelta = 1, retries = [], failure = null, status = failure ? 'failed' : 'ok' } = does;
  put(startMs, { type: 'call_started', call: id, agent: agent.name, model: agent.model, endpoint: does.endpoint ?? 'local' });
  let now = startMs;
  for (const retry of retries) {
    now += waitMs;
    put(now, { type: 'call_retried', call: id, retry });
    now += retry.wait_ms;
  }
  if (does.reused) put(now, { type: 'call_reused', call: id });
  if (does.shortened) put(now, { type: 'call_shortened', call: id, shortening: does.shortened });
  if (does.warning) put(now, { type: 'call_warning', call: id, message: does.warning });
  if (does.hedged) put(now + waitMs, { type: 'call_hedged', call: id });
  const promptTokens = 60 + id.layer * 140;
  if (!does.reused && !(failure && text === '')) {
    put(now, { type: 'call_progress', call: id, phase: 'queued' });
    for (let step = 0; step <= PREFILL_STEPS; step += 1) {
      now += waitMs;
      put(now, { type: 'call_progress', call: id, phase: 'prefill', done_tokens: Math.round((promptTokens * step) / PREFILL_STEPS), total_tokens: promptTokens, cached_tokens: 0 });
    }
  }
  let firstTokenMs = null;
  let tokens = 0;
  const write = (type, content) => {
    const pieces = content.match(/\s*\S+/g) ?? [];
    for (let at = 0; at < pieces.length; at += tokensPerDelta) {
      const piece = pieces.slice(at, at + tokensPerDelta);
      now += does.reused ? 0 : tokenMs;
      firstTokenMs ??= now;
      tokens += piece.length;
      put(now, { type, call: id, text: piece.join(''), tokens: piece.length });
    }
  };
  write('call_reasoning', reasoning);
  write('call_delta', text);
  now += 1;
  const cost = does.costUsd ?? null;
  const usage = { prompt_tokens: promptTokens, cached_tokens: 0, completion_tokens: tokens, reasoning_tokens: 0, estimated: false, cost_usd: cost };
  put(now, { type: 'call_finished', call: id, outcome: {
    status, text: text.trim(), ...(reasoning ? { reasoning } : {}), finish_reason: status === 'ok' ? 'stop' : null, error: failure, usage,
    first_token_ms: firstTokenMs === null ? null : firstTokenMs - startMs, wall_ms: now - startMs,
  } });
  return { id, endMs: now, text: text.trim(), status, usage, firstTokenMs };
}

/** A mixture in the form of the event `run_started`. @returns {object} */
export function mixture(name, layers, aggregator, changes = {}) {
  const agent = (written, place, all) => {
    const { model, name: wanted, temperature = 0.7, max_tokens = 512, system } = typeof written === 'string' ? { model: written } : written;
    const twins = all.slice(0, place).filter((other) => (other.model ?? other) === model).length;
    return { name: wanted ?? (twins > 0 ? `${model} #${twins + 1}` : model), model, ...(system ? { system } : {}), sampling: { temperature }, max_tokens };
  };
  return {
    name,
    layers: layers.map((agents) => ({ agents: agents.map(agent), min_proposals: 1 })),
    aggregator: agent(aggregator, 0, []),
    on_aggregator_failure: 'proposal', residual: false, partial_answers: 'keep',
    references: { shuffled: false, anonymous: false, without_outliers: false },
    ...changes,
  };
}
