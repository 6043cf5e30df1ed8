// Timeline: who worked when, and at what.

import { Identities, badge } from '../agents.js';
import { h } from '../dom.js';
import { count, duration, rate } from '../format.js';
import { t } from '../i18n.js';
import { gantt, stretchesOf, timeByKind } from '../parts/gantt.js';
import { errorNotice, loadingNotice } from '../parts/notice.js';
import { download } from '../parts/run-actions.js';
import { runHead } from '../parts/run-head.js';
import { callState, tokensPerSecond } from '../run-model.js';
import { watchRun } from '../run-store.js';

/** A chart that moves with every token would only flicker. */
const REDRAW_MS = 400;

const KINDS = ['waiting', 'loading', 'prefill', 'decode'];

/**
 * @param {{id: string}} parameters
 * @returns {import('../main.js').View}
 */
export function timelineView({ id }) {
  const head = runHead(id, 'timeline');
  const body = h('div', { class: 'timeline' }, loadingNotice());
  let isShown = false;
  let drawnAt = -Infinity;
  let later;
  const update = (followed) => {
    const { run, connection, error, heardAt } = followed;
    if (connection === 'lost') return body.replaceChildren(errorNotice(error));
    if (!run.mixture) return undefined;
    if (!isShown) head.show(run);
    isShown = true;
    clearTimeout(later);
    const waitMs = run.end ? 0 : REDRAW_MS - (performance.now() - drawnAt);
    if (waitMs > 0) {
      later = setTimeout(() => update(followed), waitMs);
      return undefined;
    }
    drawnAt = performance.now();
    const nowMs = run.end ? run.atMs : run.atMs + (performance.now() - heardAt);
    return body.replaceChildren(...content(id, run, nowMs));
  };
  const watched = watchRun(id, update);
  update(watched.followed);
  return {
    element: h('section', { class: 'timeline-view' }, head.element, body),
    title: t('tab.timeline'),
    release: () => {
      clearTimeout(later);
      watched.release();
    },
  };
}

function content(id, run, nowMs) {
  const identities = new Identities(run.mixture);
  const legend = h('ul', { class: 'legend' }, ...KINDS.map((kind) => h('li', {}, h('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' }), t(`timeline.${kind}`))));
  return [
    h('section', { class: 'panel' },
      h('header', { class: 'panel-head' }, h('h2', {}, t('timeline.title')),
        h('button', { type: 'button', on: { click: () => download(id, 'chrome-trace') } }, t('timeline.download'))),
      legend, gantt(run, identities, nowMs)),
    h('section', { class: 'panel' }, h('h2', {}, t('timeline.figures')), table(run, identities, nowMs)),
  ];
}

function table(run, identities, nowMs) {
  const column = (key) => h('th', { scope: 'col', class: 'number' }, t(key));
  const rows = run.layers.flatMap((layer) => layer.calls.map((call) => {
    const times = timeByKind(stretchesOf(call, nowMs));
    const usage = call.outcome?.usage;
    const cells = [
      String(layer.index), ...KINDS.map((kind) => (times[kind] > 0 ? duration(times[kind]) : '–')),
      usage ? count(usage.prompt_tokens) : '–', usage ? count(usage.cached_tokens ?? 0) : '–',
      count(Math.max(call.tokens, usage?.completion_tokens ?? 0)), rate(tokensPerSecond(call)) || '–',
    ];
    return h('tr', {}, h('th', { scope: 'row' }, h('span', { class: 'subject' }, badge(identities.of(call.agent)), h('span', {}, call.agent))),
      h('td', {}, t(`state.short.${callState(call, run)}`)), ...cells.map((cell) => h('td', { class: 'number' }, cell)));
  }));
  return h('div', { class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': t('timeline.figures') }, h('table', { class: 'figures-table' },
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('trace.agent')), h('th', { scope: 'col' }, t('timeline.state')), column('trace.layer'),
      ...KINDS.map((kind) => column(`timeline.${kind}`)), column('timeline.read'), column('timeline.cached'), column('timeline.written'), column('timeline.speed'))),
    h('tbody', {}, ...rows)));
}
