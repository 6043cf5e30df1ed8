// A mixture while it is edited. No page here: each step takes a draft and gives a new one, so that every step can be taken back.

import { aggregationOf, amongThose, earlyStopOf, selectionOf } from './combining.js';

/**
 * @typedef {import('./toml.js').AgentDraft} AgentDraft
 * @typedef {import('./toml.js').MixtureDraft} MixtureDraft
 * @typedef {{layer: number, place: number}} Spot  Where an agent stands; both count from 0.
 */

/** The most layers that the configuration takes, the aggregator's included. */
const MOST_LAYERS = 64;

/**
 * A draft of a mixture that exists.
 * @param {object} mixture  As in the event `run_started`.
 * @param {string} [description]
 * @returns {MixtureDraft}
 */
export function draftOf(mixture, description = '') {
  const agent = ({ name, model, system, sampling, max_tokens: maxTokens }) => ({
    model,
    // A name that was only given to tell samples of a model apart is given again.
    name: name === model || new RegExp(`^${model.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')} ?#\\d+$`).test(name) ? null : name,
    temperature: typeof sampling?.temperature === 'number' ? asWritten(sampling.temperature) : null,
    max_tokens: maxTokens ?? null,
    system: system ?? null,
  });
  return {
    name: mixture.name,
    description,
    layers: mixture.layers.map(({ agents, select, independent }) => ({
      agents: agents.map(agent),
      ...(select ? { select: selectionOf(select) } : {}),
      ...(independent ? { independent } : {}),
    })),
    aggregator: agent(mixture.aggregator),
    aggregation: aggregationOf(mixture.aggregation),
    judge: mixture.judge ? agent(mixture.judge) : null,
    early_stop: earlyStopOf(mixture.early_stop),
    set_aside_outliers: mixture.references?.without_outliers ?? false,
    residual: mixture.residual ?? false,
    min_proposals: Math.max(1, ...mixture.layers.map((layer) => layer.min_proposals ?? 1)),
    left_out: leftOutOf(mixture),
  };
}

/**
 * What of a mixture a draft does not hold, so that nobody takes the draft for the same.
 * @param {object} mixture
 * @returns {string[]} The ends of keys of the page's texts.
 */
function leftOutOf(mixture) {
  const { shuffled, anonymous } = mixture.references ?? {};
  return shuffled || anonymous ? ['references'] : [];
}

/**
 * What of its mixture a draft holds that the editor does not show, so that nobody is surprised by it.
 * @param {MixtureDraft} draft
 * @returns {string[]} The ends of keys of the page's texts.
 */
export function keptOf(draft) {
  const { kind, ...settings } = draft.aggregation ?? {};
  const parts = {
    aggregation: Object.keys(settings).length > 0,
    'early-stop': draft.early_stop,
    select: draft.layers.some(({ select }) => select),
    independent: draft.layers.some(({ independent }) => independent),
    judge: draft.judge,
    outliers: draft.set_aside_outliers,
  };
  return Object.keys(parts).filter((part) => parts[part]);
}

/** A number of 32 bits as it was written: the server's 0.699999988079071 is 0.7. */
function asWritten(value) {
  return Number(value.toPrecision(7));
}

/**
 * The draft as the server takes it inline.
 * @param {MixtureDraft} draft
 * @returns {object}
 */
export function inlineMixture(draft) {
  const agent = (written) => Object.fromEntries(Object.entries(written).filter(([, value]) => value !== null && value !== undefined && value !== ''));
  return {
    layers: draft.layers.map(({ agents, select, independent }) => ({
      agents: agents.map(agent),
      ...(select ? { select: amongThose(select, draft) } : {}),
      ...(independent ? { independent } : {}),
    })),
    aggregator: agent(draft.aggregator),
    ...(draft.aggregation ? { aggregation: amongThose(draft.aggregation, draft) } : {}),
    ...(draft.judge ? { judge: agent(draft.judge) } : {}),
    ...(draft.early_stop ? { early_stop: draft.early_stop } : {}),
    ...(draft.set_aside_outliers ? { set_aside_outliers: true } : {}),
    ...(draft.residual ? { residual: true } : {}),
    ...(draft.min_proposals > 1 ? { min_proposals: draft.min_proposals } : {}),
  };
}

/**
 * Why a draft cannot be asked.
 * @param {MixtureDraft} draft
 * @returns {{key: string, values: object}|null}  A text of the page.
 */
export function problemOf(draft) {
  const empty = draft.layers.findIndex((layer) => layer.agents.length === 0);
  if (empty >= 0) return { key: 'editor.problem.empty', values: { layer: empty + 1 } };
  if (!draft.aggregator.model) return { key: 'editor.problem.aggregator', values: {} };
  const small = draft.layers.findIndex((layer) => layer.agents.length < draft.min_proposals);
  if (small >= 0) return { key: 'editor.problem.quorum', values: { layer: small + 1, n: draft.min_proposals } };
  return null;
}

/**
 * The models of a draft that are known and cannot be asked yet.
 * @template {{id: string, is_ready?: boolean}} Model
 * @param {MixtureDraft} draft @param {Model[]} models
 * @returns {Model[]} Each once, in the order of the draft.
 */
export function missingModels(draft, models) {
  const missing = new Map(models.filter(({ is_ready: isReady }) => isReady === false).map((model) => [model.id, model]));
  const wanted = [...draft.layers.flatMap(({ agents }) => agents), draft.aggregator].map(({ model }) => model);
  return [...new Set(wanted)].filter((id) => missing.has(id)).map((id) => missing.get(id));
}

/**
 * An agent moves, within its layer or to another one.
 * @param {MixtureDraft} draft @param {Spot} from @param {Spot} to  Where it stands afterwards.
 * @returns {MixtureDraft}
 */
export function withMoved(draft, from, to) {
  const agent = draft.layers[from.layer]?.agents[from.place];
  if (!agent || !draft.layers[to.layer]) return draft;
  return withAdded(withoutAgent(draft, from), to, agent);
}

/**
 * @param {MixtureDraft} draft @param {Spot} at @param {AgentDraft} agent
 * @returns {MixtureDraft}
 */
export function withAdded(draft, at, agent) {
  return changed(draft, at.layer, (agents) => agents.toSpliced(Math.min(at.place, agents.length), 0, agent));
}

/** @param {MixtureDraft} draft @param {Spot} at @returns {MixtureDraft} */
export function withoutAgent(draft, at) {
  return changed(draft, at.layer, (agents) => agents.toSpliced(at.place, 1));
}

/** @param {MixtureDraft} draft @returns {MixtureDraft} With one more layer in front of the aggregator, alike the last one. */
export function withLayer(draft) {
  if (draft.layers.length + 2 > MOST_LAYERS) return draft;
  const agents = (draft.layers.at(-1)?.agents ?? []).map((agent) => ({ ...agent }));
  return { ...draft, layers: [...draft.layers, { agents }] };
}

/** @param {MixtureDraft} draft @param {number} layer @returns {MixtureDraft} */
export function withoutLayer(draft, layer) {
  return { ...draft, layers: draft.layers.toSpliced(layer, 1) };
}

/**
 * Where a step with an arrow key leads.
 * @param {MixtureDraft} draft @param {Spot} spot @param {string} key
 * @returns {Spot|null} Null where there is no way.
 */
export function neighbour(draft, spot, key) {
  const { layer, place } = spot;
  if (key === 'ArrowLeft' && place > 0) return { layer, place: place - 1 };
  if (key === 'ArrowRight' && place < draft.layers[layer].agents.length - 1) return { layer, place: place + 1 };
  const next = key === 'ArrowUp' ? layer - 1 : key === 'ArrowDown' ? layer + 1 : -1;
  if (next < 0 || next >= draft.layers.length) return null;
  return { layer: next, place: Math.min(place, draft.layers[next].agents.length) };
}

function changed(draft, layer, change) {
  return { ...draft, layers: draft.layers.map((known, index) => (index === layer ? { ...known, agents: change(known.agents) } : known)) };
}
