// How a mixture combines and chooses answers, in the words of the configuration: from the events of a run, for a request, and as TOML.

/**
 * @typedef {object} Combining  What a draft holds beside its agents; what is null is left to the defaults.
 * @property {{kind: string}|null} [aggregation]
 * @property {{agreement: number}|null} [early_stop]
 * @property {import('./toml.js').AgentDraft|null} [judge]
 * @property {boolean} [set_aside_outliers]
 */

/** The ways to come to one answer, in the order in which the documentation tells them. */
export const AGGREGATIONS = ['synthesise', 'analyse-then-write', 'rank', 'vote', 'universal-self-consistency', 'mux', 'certainty', 'self-moa-seq', 'run-candidates'];

/**
 * @param {object} aggregation  As in the event `run_started`.
 * @returns {object|null}
 */
export function aggregationOf(aggregation) {
  if (!aggregation || aggregation.kind === 'synthesise') return null;
  if (aggregation.kind !== 'choose') return { ...aggregation, kind: words(aggregation.kind) };
  const { keep, ...chosen } = selectionOf(aggregation);
  return chosen;
}

/** @param {object} choosing  As in the event. @returns {object} */
export function selectionOf({ by, keep, prefer }) {
  const said = Object.entries(by).map(([key, value]) => [key, words(value)]);
  return { ...Object.fromEntries(said), keep, ...(prefer?.length > 0 ? { prefer } : {}) };
}

/** @param {object} stop  As in the event. @returns {object|null} */
export function earlyStopOf(stop) {
  if (!stop) return null;
  const { agreement, measure = {}, then } = stop;
  const measured = measure.by === 'answer' ? { answer: words(measure.form) } : measure.by && measure.by !== 'words' ? { by: words(measure.by) } : {};
  return { agreement, ...measured, ...(then === 'answer' ? { then } : {}) };
}

/**
 * Preferences of those only who take part.
 * @template {{prefer?: string[]}|null|undefined} Chosen
 * @param {Chosen} chosen @param {import('./toml.js').MixtureDraft} draft
 * @returns {Chosen}
 */
export function amongThose(chosen, draft) {
  if (!chosen?.prefer) return chosen;
  const agents = draft.layers.flatMap((layer) => layer.agents);
  const prefer = chosen.prefer.filter((name) => agents.some((agent) => agent.name === name || agent.model === name));
  const { prefer: _, ...rest } = chosen;
  return prefer.length > 0 ? { ...rest, prefer } : rest;
}

/** @param {object} table  Words, numbers and lists of words. @returns {string} An inline table. */
export function inlineToml(table) {
  const value = (written) => (Array.isArray(written) ? `[${written.map(value).join(', ')}]` : JSON.stringify(written));
  const float = (key, written) => (key === 'agreement' && Number.isInteger(written) ? written.toFixed(1) : value(written));
  return `{ ${Object.entries(table).map(([key, written]) => `${key} = ${float(key, written)}`).join(', ')} }`;
}

/** The events write with underscores what the configuration writes with hyphens. */
function words(name) {
  return name.replaceAll('_', '-');
}
