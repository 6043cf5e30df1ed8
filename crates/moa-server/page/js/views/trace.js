// Trace: where the answer came from, and how each agent's answer changed from layer to layer.

import { api } from '../api.js';
import { Identities, badge } from '../agents.js';
import { h, newId } from '../dom.js';
import { percent } from '../format.js';
import { t } from '../i18n.js';
import { emptyNotice, errorNotice, loadingNotice } from '../parts/notice.js';
import { runHead } from '../parts/run-head.js';
import { diffText } from '../parts/diff-view.js';
import { answerOf } from '../run-model.js';
import { watchRun } from '../run-store.js';

const MEASURES = ['bleu', 'tf_idf', 'levenshtein'];

/**
 * @param {{id: string, agent?: string}} parameters
 * @returns {import('../main.js').View}
 */
export function traceView({ id, agent }) {
  const head = runHead(id, 'trace');
  const body = h('div', { class: 'trace' }, loadingNotice());
  let isAsked = false;
  let isShown = false;
  const update = ({ run, connection, error }) => {
    if (run.mixture && !isShown) {
      isShown = true;
      head.show(run);
    }
    if (connection === 'lost') body.replaceChildren(errorNotice(error));
    if (!run.end || isAsked) return;
    isAsked = true;
    load(id, run, body, agent);
  };
  const watched = watchRun(id, update);
  update(watched.followed);
  return { element: h('section', { class: 'trace-view' }, head.element, body), title: t('tab.trace'), release: watched.release };
}

async function load(id, run, body, agent) {
  try {
    const analysis = await api.analysis(id);
    const identities = new Identities(run.mixture);
    body.replaceChildren(
      run.end.kind === 'finished' ? sources(run, analysis, identities) : emptyNotice({ title: t('trace.no-answer'), text: t('trace.no-answer.text') }),
      similarity(analysis, identities),
      changes(analysis, identities, agent),
    );
  } catch (error) {
    body.replaceChildren(errorNotice(error, () => load(id, run, body, agent)));
  }
}

/** The final answer, each part marked with the proposal that it came from. */
function sources(run, analysis, identities) {
  const answer = answerOf(run);
  const lengths = new Map();
  let fresh = 0;
  const identityOf = (source) => identities.of(source.agent);
  const key = (source) => `${source.layer}.${source.agent}`;
  const parts = analysis.spans.map(({ start, end, source }) => {
    const text = answer.slice(start, end);
    // White space between two parts is nobody's.
    if (text.trim() === '') return text;
    if (!source) {
      fresh += text.length;
      return h('span', { class: 'span new', title: t('trace.new') }, text);
    }
    const identity = identityOf(source);
    const entry = lengths.get(key(source)) ?? { source, identity, length: 0 };
    entry.length += text.length;
    lengths.set(key(source), entry);
    const label = t('trace.span', { agent: identity.name, layer: source.layer });
    return h('span', { class: `span agent-${identity.colour}`, title: label, data: { source: key(source) } },
      h('sup', { class: 'span-mark' }, `${identity.letter}${source.layer}`), text);
  });
  const text = h('div', { class: 'spans' }, ...parts);
  const total = Math.max(1, answer.length);
  const entries = [...lengths.values()].sort((a, b) => b.length - a.length);
  const legend = h('ul', { class: 'legend' },
    ...entries.map(({ source, identity, length }) => h('li', {}, highlighter(text, key(source), [
      badge(identity), h('span', {}, t('trace.source', { agent: identity.name, layer: source.layer })), h('strong', {}, percent(length / total)),
    ]))),
    h('li', { class: 'legend-new' }, h('span', { class: 'span new' }, t('trace.new')), ' ', h('strong', {}, percent(fresh / total))));
  return h('section', { class: 'panel' }, h('h2', {}, t('trace.sources')), h('p', { class: 'muted' }, t('trace.sources.text')), legend, text);
}

/** A press leaves only the parts from one proposal marked. */
function highlighter(text, source, content) {
  const button = h('button', { type: 'button', class: 'quiet legend-entry', 'aria-pressed': 'false' }, ...content);
  button.addEventListener('click', () => {
    const isPressed = button.getAttribute('aria-pressed') === 'true';
    for (const other of button.closest('ul').querySelectorAll('[aria-pressed]')) other.setAttribute('aria-pressed', 'false');
    button.setAttribute('aria-pressed', String(!isPressed));
    for (const span of text.children) span.classList.toggle('is-faded', !isPressed && span.dataset.source !== source);
  });
  return button;
}

/** How near the answer is to each proposal, by the measures of the paper. */
function similarity(analysis, identities) {
  const rows = analysis.proposals.map((proposal) => {
    const identity = identities.of(proposal.agent);
    return h('tr', { class: `agent-${identity.colour}`, role: 'row' },
      h('th', { scope: 'row', role: 'rowheader' }, h('span', { class: 'subject' }, badge(identity), h('span', {}, proposal.agent))),
      h('td', { class: 'number', role: 'cell', data: { label: t('trace.layer') } }, String(proposal.layer)),
      ...MEASURES.map((measure) => bar(proposal.similarity?.[measure] ?? null, t(`trace.${measure}`))));
  });
  return h('section', { class: 'panel' }, h('h2', {}, t('trace.similarity')), h('p', { class: 'muted' }, t('trace.similarity.text')),
    h('div', { class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': t('trace.similarity') }, // The roles are told because the narrow layout takes them away.
    h('table', { class: 'bars', role: 'table' },
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, h('th', { scope: 'col' }, t('trace.agent')), h('th', { scope: 'col', class: 'number' }, t('trace.layer')),
        ...MEASURES.map((measure) => h('th', { scope: 'col' }, t(`trace.${measure}`))))),
      h('tbody', { role: 'rowgroup' }, ...rows))));
}

function bar(value, label) {
  const cell = (...content) => h('td', { role: 'cell', data: { label } }, ...content);
  if (value === null) return cell('–');
  const fill = h('span', { class: 'bar-fill' });
  fill.style.width = `${Math.round(Math.max(0, Math.min(1, value)) * 100)}%`;
  return cell(h('span', { class: 'bar-cell' }, h('span', { class: 'bar', 'aria-hidden': 'true' }, fill), h('span', { class: 'bar-value' }, value.toFixed(2))));
}

/** One agent's answers side by side, layer by layer. */
function changes(analysis, identities, wanted) {
  const followed = analysis.agents.filter(({ answers }) => answers.length > 0);
  const columns = h('div', { class: 'columns' });
  const id = newId('agent');
  const select = h('select', { id, on: { change: () => show() } }, ...followed.map(({ agent }, place) => h('option', { value: String(place) }, `${identities.of(agent).letter} · ${agent}`)));
  // Where nobody is named, the agent whose answer went on the longest way: usually the aggregator's model.
  const most = Math.max(...followed.map(({ answers }) => answers.length));
  const start = followed.findIndex((entry) => (wanted ? entry.agent === wanted : entry.answers.length === most));
  select.value = String(Math.max(0, start));
  const show = () => {
    const entry = followed[Number(select.value)];
    if (!entry) return;
    const identity = identities.of(entry.agent);
    columns.replaceChildren(...entry.answers.map((answer) => h('article', { class: `column agent-${identity.colour}` },
      h('h3', {}, badge(identity), t('trace.in-layer', { layer: answer.layer }), keptShare(answer)),
      h('div', { class: 'plain' }, ...(answer.diff?.length ? diffText(answer.diff) : [answer.text])))));
  };
  show();
  return h('section', { class: 'panel' }, h('h2', {}, t('trace.changes')), h('p', { class: 'muted' }, t('trace.changes.text')),
    followed.length > 1 && h('p', { class: 'inline-field' }, h('label', { for: id }, t('trace.agent')), select),
    h('p', { class: 'diff-legend' }, h('ins', {}, t('trace.added')), ' ', h('del', {}, t('trace.removed'))), columns);
}

/** How much of an answer stood in the one before. */
function keptShare({ text, diff }) {
  if (!diff?.length || text.length === 0) return null;
  const same = diff.filter(({ kind }) => kind === 'same').reduce((sum, part) => sum + part.text.length, 0);
  return h('span', { class: 'muted kept' }, t('trace.kept', { share: percent(Math.min(1, same / text.length)) }));
}
