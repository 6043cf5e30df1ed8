// Writes a mixture as the `[presets.NAME]` table that moa's configuration understands.

import { amongThose, inlineToml } from './combining.js';

/**
 * An agent as the editor keeps it; what is null is left to the preset's and the program's defaults.
 * @typedef {object} AgentDraft
 * @property {string} model
 * @property {string|null} [name]
 * @property {number|null} [temperature]
 * @property {number|null} [max_tokens]
 * @property {string|null} [system]
 *
 * @typedef {import('./combining.js').Combining & object} MixtureDraft
 * @property {string} name
 * @property {string} [description]
 * @property {{agents: AgentDraft[], select?: object, independent?: boolean}[]} layers  The proposer layers.
 * @property {AgentDraft} aggregator
 * @property {boolean} [residual]
 * @property {number} [min_proposals]
 * @property {string[]} [left_out]  What the mixture had that it comes from, and it has not.
 */

/**
 * @param {MixtureDraft} draft
 * @returns {string}
 */
export function presetToml(draft) {
  const table = `presets.${key(draft.name || 'mine')}`;
  const { shared, of } = sharedSettings(draft);
  const lines = [`[${table}]`];
  if (draft.description) lines.push(`description = ${text(draft.description)}`);
  const written = draft.layers.map((layer) => layer.agents.map((agent) => agentToml(of(agent))));
  const choosesOrJoins = draft.layers.some(({ select, independent }) => select || independent);
  const areAlike = !choosesOrJoins && written.every((agents) => agents.join() === written[0].join());
  if (areAlike) {
    lines.push(`layers = ${draft.layers.length + 1}`);
    if (written.length > 0) lines.push(`proposers = ${list(written[0])}`);
  }
  lines.push(`aggregator = ${agentToml(of(draft.aggregator))}`);
  if (draft.aggregation) lines.push(`aggregation = ${inlineToml(amongThose(draft.aggregation, draft))}`);
  if (draft.judge) lines.push(`judge = ${agentToml(of(draft.judge))}`);
  if (draft.early_stop) lines.push(`early-stop = ${inlineToml(draft.early_stop)}`);
  if (draft.set_aside_outliers) lines.push('set-aside-outliers = true');
  if (shared.temperature !== null) lines.push(`temperature = ${float(shared.temperature)}`);
  if (shared.max_tokens !== null) lines.push(`max-tokens = ${shared.max_tokens}`);
  if (draft.residual) lines.push('residual = true');
  if (draft.min_proposals > 1) lines.push(`min-proposals = ${draft.min_proposals}`);
  if (!areAlike) {
    for (const [place, agents] of written.entries()) {
      const { select, independent } = draft.layers[place];
      lines.push('', `[[${table}.layer]]`, `agents = ${list(agents)}`);
      if (select) lines.push(`select = ${inlineToml(amongThose(select, draft))}`);
      if (independent) lines.push('independent = true');
    }
  }
  return `${lines.join('\n')}\n`;
}

/** A setting that every agent has alike is written once, for the preset. */
function sharedSettings(draft) {
  const agents = [...draft.layers.flatMap((layer) => layer.agents), draft.aggregator, ...(draft.judge ? [draft.judge] : [])];
  const sharedOf = (setting) => {
    const first = agents[0][setting] ?? null;
    return agents.every((agent) => (agent[setting] ?? null) === first) ? first : null;
  };
  const shared = { temperature: sharedOf('temperature'), max_tokens: sharedOf('max_tokens') };
  const of = (agent) => ({
    ...agent,
    temperature: shared.temperature === null ? agent.temperature : null,
    max_tokens: shared.max_tokens === null ? agent.max_tokens : null,
  });
  return { shared, of };
}

function agentToml(agent) {
  const entries = [`model = ${text(agent.model)}`];
  if (agent.name) entries.push(`name = ${text(agent.name)}`);
  if (isSet(agent.temperature)) entries.push(`temperature = ${float(agent.temperature)}`);
  if (isSet(agent.max_tokens)) entries.push(`max-tokens = ${agent.max_tokens}`);
  if (agent.system) entries.push(`system = ${text(agent.system)}`);
  return entries.length === 1 ? text(agent.model) : `{ ${entries.join(', ')} }`;
}

function list(items) {
  const line = `[${items.join(', ')}]`;
  return line.length <= 100 ? line : `[\n${items.map((item) => `    ${item},\n`).join('')}]`;
}

function isSet(value) {
  return value !== null && value !== undefined;
}

/** A key as it may stand bare, else quoted. */
function key(name) {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : text(name);
}

/** A basic string of TOML: what JSON escapes is escaped alike there, but for the delete character. */
function text(value) {
  return JSON.stringify(value).replace(/\u007f/g, '\\u007F');
}

/** TOML tells floats from integers by their point. */
function float(value) {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
