// Who worked when: a chart of the calls of a run, computed without a page and drawn as SVG.

import { badge } from '../agents.js';
import { h, s } from '../dom.js';
import { count, decimal, duration } from '../format.js';
import { t } from '../i18n.js';

/** What a stretch of time was spent on, by the phase that the engine reported. */
const KINDS = { started: 'waiting', queued: 'waiting', waiting: 'waiting', retrying: 'waiting', loading: 'loading', prefill: 'prefill', decode: 'decode' };

/**
 * The stretches of a call's time.
 * @param {import('../run-model.js').Call} call
 * @param {number} nowMs  Where a call that is under way ends for now.
 * @returns {{kind: 'waiting'|'loading'|'prefill'|'decode', fromMs: number, toMs: number}[]}
 */
export function stretchesOf(call, nowMs) {
  const end = call.endedAtMs ?? Math.max(nowMs, call.startedAtMs);
  const stretches = [];
  call.phases.forEach(({ phase, atMs }, place) => {
    const kind = KINDS[phase] ?? 'waiting';
    const toMs = call.phases[place + 1]?.atMs ?? end;
    const previous = stretches.at(-1);
    if (previous?.kind === kind) previous.toMs = toMs;
    else if (toMs > atMs) stretches.push({ kind, fromMs: atMs, toMs });
  });
  return stretches;
}

/**
 * Round times for the marks of an axis.
 * @param {number} totalMs @param {number} most  The most marks.
 * @returns {number[]}
 */
export function ticks(totalMs, most) {
  const rough = totalMs / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 0.001)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough);
  return Array.from({ length: Math.floor(totalMs / step) + 1 }, (_, place) => place * step);
}

/** How long a call spent on what. @returns {Record<string, number>} */
export function timeByKind(stretches) {
  const sums = { waiting: 0, loading: 0, prefill: 0, decode: 0 };
  for (const { kind, fromMs, toMs } of stretches) sums[kind] += toMs - fromMs;
  return sums;
}

/**
 * @param {import('../run-model.js').Run} run @param {import('../agents.js').Identities} identities @param {number} nowMs
 * @returns {HTMLElement}
 */
export function gantt(run, identities, nowMs) {
  const totalMs = Math.max(run.end?.wallMs ?? nowMs, ...run.layers.flatMap((layer) => layer.calls.map((call) => call.endedAtMs ?? 0)), 1);
  const marks = ticks(totalMs, 8);
  const share = (ms) => `${((ms / totalMs) * 100).toFixed(3)}%`;
  const axis = h('div', { class: 'gantt-axis', 'aria-hidden': 'true' }, ...marks.map((ms) => {
    const label = h('span', { class: 'gantt-tick' }, t('unit.seconds', { n: decimal(ms / 1000, totalMs < 1000 ? 3 : totalMs < 5000 ? 1 : 0) }));
    label.style.left = share(ms);
    return label;
  }));
  const rows = run.layers.flatMap((layer) => [
    h('div', { class: 'gantt-layer' }, t('layer.short', { n: layer.index })),
    ...layer.calls.map((call) => row(call, identities.of(call.agent), { nowMs, totalMs, marks, share })),
  ]);
  return h('div', { class: 'gantt', role: 'img', 'aria-label': t('timeline.label', { n: run.layers.reduce((sum, layer) => sum + layer.calls.length, 0), time: duration(totalMs) }) },
    h('div', { class: 'gantt-row' }, h('span', { class: 'gantt-name' }), axis), ...rows);
}

function row(call, identity, { nowMs, marks, share, totalMs }) {
  const stretches = stretchesOf(call, nowMs);
  const lines = marks.map((ms) => s('line', { x1: share(ms), x2: share(ms), y1: '0', y2: '100%', class: 'gantt-grid' }));
  const boxes = stretches.map(({ kind, fromMs, toMs }) => s(
    'rect', { x: share(fromMs), width: share(Math.max(toMs - fromMs, totalMs / 1500)), y: '5', height: '18', rx: '2', class: `stretch ${kind}` },
    s('title', {}, `${t(`timeline.${kind}`)}: ${duration(toMs - fromMs)}`),
  ));
  const retries = call.retries.map((retry) => s('circle', { cx: share(retry.atMs), cy: '14', r: '4', class: 'gantt-retry' }, s('title', {}, retry.failure.message)));
  const svg = s('svg', { class: `gantt-bars agent-${identity.colour}`, width: '100%', height: '28' }, ...lines, ...boxes, ...retries);
  const failed = ['failed', 'dropped'].includes(call.outcome?.status) ? ` ✕` : '';
  const tokens = Math.max(call.tokens, call.outcome?.usage.completion_tokens ?? 0);
  return h('div', { class: 'gantt-row' }, h('span', { class: 'gantt-name' }, badge(identity), h('span', { class: 'name', title: call.agent }, call.agent + failed)), svg,
    h('span', { class: 'gantt-tokens' }, t('unit.tokens', { n: tokens, count: tokens, text: count(tokens) })));
}
