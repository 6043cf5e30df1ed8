// The head of every view of one run: its question, and tabs to the other views.

import { h } from '../dom.js';
import { when } from '../format.js';
import { t } from '../i18n.js';
import { link } from '../router.js';
import { questionOf } from '../run-model.js';

/**
 * @param {string} id @param {'run'|'trace'|'timeline'} current
 * @returns {{element: HTMLElement, show: (run: import('../run-model.js').Run) => void}}
 */
export function runHead(id, current) {
  const title = h('h1', { tabindex: '-1', class: 'question-title' }, '…');
  const about = h('p', { class: 'muted about' });
  const tabs = [['run', 'layers', link('runs', id)], ['trace', 'trace', link('runs', id, 'trace')], ['timeline', 'timeline', link('runs', id, 'timeline')]];
  const nav = h('nav', { class: 'tabs', 'aria-label': t('tab.title') }, ...tabs.map(([name, key, href]) => h(
    'a', { href, 'aria-current': name === current ? 'page' : null }, t(`tab.${key}`),
  )), h('a', { class: 'tab-end', href: link('ask', id) }, t('tab.continue')));
  return {
    element: h('header', { class: 'run-head' }, title, about, nav),
    show: (run) => {
      title.textContent = questionOf(run);
      about.textContent = [run.mixture.name, run.startedAtUnixMs ? when(run.startedAtUnixMs) : '', t('run.seed', { seed: run.seed })].filter(Boolean).join(' · ');
    },
  };
}
