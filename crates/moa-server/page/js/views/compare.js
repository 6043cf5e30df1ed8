// Two runs beside each other: what they were, what they took, and how their answers differ.

import { h } from '../dom.js';
import { cost, count, duration, when } from '../format.js';
import { t } from '../i18n.js';
import { calmed, diffTexts } from '../parts/diff.js';
import { diffText } from '../parts/diff-view.js';
import { errorNotice, loadingNotice } from '../parts/notice.js';
import { answerOf, callsOf, questionOf, usageOf } from '../run-model.js';
import { link } from '../router.js';
import { watchRun } from '../run-store.js';

/**
 * @param {{id: string, other: string}} parameters
 * @returns {import('../main.js').View}
 */
export function compareView({ id, other }) {
  const body = h('div', {}, loadingNotice());
  let isDrawn = false;
  const update = () => {
    const lost = both.find(({ followed }) => followed.connection === 'lost');
    if (lost) return body.replaceChildren(errorNotice(lost.followed.error));
    const runs = both.map(({ followed }) => followed.run);
    if (isDrawn || both.length < 2 || runs.some((run) => !run.end)) return undefined;
    isDrawn = true;
    return body.replaceChildren(figures(runs), answers(runs));
  };
  const both = [];
  for (const run of [id, other]) both.push(watchRun(run, update));
  update();
  return {
    element: h('section', { class: 'compare' }, h('h1', { tabindex: '-1' }, t('compare.title')), body, h('p', {}, h('a', { href: link('runs') }, t('compare.back')))),
    title: t('compare.title'),
    release: () => both.forEach(({ release }) => release()),
  };
}

function figures(runs) {
  const rows = [
    ['question', questionOf],
    ['mixture', (run) => run.mixture.name],
    ['layers', (run) => String(run.mixture.layers.length + 1)],
    ['aggregator', (run) => run.mixture.aggregator.model],
    ['started', (run) => when(run.startedAtUnixMs)],
    ['state', (run) => t(`run.${run.end.kind}`)],
    ['calls', (run) => count(callsOf(run).length)],
    ['reused', (run) => count(callsOf(run).filter((call) => call.reused).length)],
    ['read', (run) => count(usageOf(run).promptTokens)],
    ['written', (run) => count(usageOf(run).completionTokens)],
    ['first-token', (run) => duration(run.end.outcome?.first_token_ms)],
    ['time', (run) => duration(run.end.wallMs)],
    ['cost', (run) => cost(usageOf(run).costUsd) || '–'],
  ];
  return h('section', { class: 'panel' }, h('h2', {}, t('compare.figures')), h('table', { class: 'compare-table' },
    h('thead', {}, h('tr', {}, h('td', {}), ...runs.map((run, place) => h('th', { scope: 'col' }, h('a', { href: link('runs', run.id) }, t(place === 0 ? 'compare.one' : 'compare.other')))))),
    h('tbody', {}, ...rows.map(([key, write]) => {
      const cells = runs.map(write);
      return h('tr', { class: cells[0] === cells[1] ? 'is-same' : '' }, h('th', { scope: 'row' }, t(`compare.${key}`)), ...cells.map((cell) => h('td', {}, cell)));
    }))));
}

function answers(runs) {
  const [one, other] = runs.map(answerOf);
  // Calmed before the sides are told apart: a word that both have by chance stays with its sentence.
  const parts = calmed(diffTexts(one, other));
  const column = (key, hidden) => h('article', { class: 'column' }, h('h3', {}, t(key)),
    h('div', { class: 'plain' }, ...diffText(parts.filter(({ kind }) => kind !== hidden))));
  return h('section', { class: 'panel' }, h('h2', {}, t('compare.answers')),
    h('p', { class: 'diff-legend' }, h('del', {}, t('compare.only-one')), ' ', h('ins', {}, t('compare.only-other'))),
    h('div', { class: 'columns' }, column('compare.one', 'added'), column('compare.other', 'removed')));
}
