// Runs: what was asked before.

import { api } from '../api.js';
import { debounced, h, newId } from '../dom.js';
import { cost, duration, when } from '../format.js';
import { hasText, t } from '../i18n.js';
import { emptyNotice, errorNotice, loadingNotice } from '../parts/notice.js';
import { exportMenu, openAgain, removeRun } from '../parts/run-actions.js';
import { go, link } from '../router.js';

const PAGE = 30;

/**
 * @param {{query?: string}} parameters
 * @returns {import('../main.js').View}
 */
export function runsView({ query = '' }) {
  const view = new Runs(query);
  return { element: view.element, title: t('nav.runs'), release: () => view.release() };
}

class Runs {
  #chosen = new Set();
  #next = null;
  #controller = null;
  #list = h('ol', { class: 'run-list' });
  #notice = h('div', {}, loadingNotice());
  #more = h('button', { type: 'button', hidden: true, on: { click: () => this.#load({ isMore: true }) } }, t('runs.more'));
  #compare = h('button', { type: 'button', disabled: true, on: { click: () => this.#goCompare() } }, t('runs.compare'));
  #search;

  constructor(query) {
    const id = newId('search');
    const search = debounced(() => this.#load(), 250);
    this.#search = h('input', { id, type: 'search', value: query, placeholder: t('runs.search'), data: { role: 'search' }, on: { input: search } });
    this.element = h('section', { class: 'runs' },
      h('h1', { tabindex: '-1' }, t('runs.title')),
      h('div', { class: 'toolbar' }, h('label', { for: id, class: 'visually-hidden' }, t('runs.search')), this.#search,
        h('span', { class: 'muted compare-hint' }, t('runs.compare.hint')), this.#compare),
      this.#list, this.#notice, this.#more);
    this.#load();
  }

  release() {
    this.#controller?.abort();
  }

  async #load({ isMore = false } = {}) {
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    const query = this.#search.value.trim();
    try {
      const page = await api.runs({ query, before: isMore ? this.#next : undefined, limit: PAGE }, controller.signal);
      const entries = page.runs.map((summary) => this.#entry(summary));
      if (isMore) this.#list.append(...entries);
      else this.#list.replaceChildren(...entries);
      this.#next = page.next ?? null;
      this.#more.hidden = this.#next === null;
      this.#showEmpty(query);
    } catch (error) {
      if (error.name !== 'AbortError') this.#notice.replaceChildren(errorNotice(error, () => this.#load({ isMore })));
    }
  }

  #showEmpty(query) {
    if (this.#list.childElementCount > 0) return this.#notice.replaceChildren();
    const content = query
      ? { title: t('runs.none-found'), text: t('runs.none-found.text', { query }) }
      : { title: t('runs.empty'), text: t('runs.empty.text'), actions: [h('a', { class: 'button primary', href: link('ask') }, t('action.ask'))] };
    return this.#notice.replaceChildren(emptyNotice(content));
  }

  #entry(summary) {
    const id = summary.run;
    const question = summary.question || t('runs.no-question');
    const check = h('input', { type: 'checkbox', 'aria-label': t('runs.choose', { question }), on: { change: () => this.#choose(id, check) } });
    check.checked = this.#chosen.has(id);
    const figures = [
      summary.mixture, when(summary.started_at_unix_ms), summary.wall_ms === null ? '' : duration(summary.wall_ms), cost(summary.cost_usd),
    ].filter(Boolean).join(' · ');
    const state = summary.status === 'finished' && summary.degraded ? 'degraded' : summary.status;
    const status = hasText(`run.${state}`) ? t(`run.${state}`) : state;
    const entry = h('li', { class: 'run-entry', data: { run: id } },
      check,
      h('div', { class: 'run-entry-text' },
        h('a', { class: 'run-entry-question', href: summary.status === 'running' ? link('ask', id) : link('runs', id) }, question),
        summary.answer_preview && h('p', { class: 'preview' }, summary.answer_preview),
        h('p', { class: 'muted run-entry-figures' }, h('span', { class: 'pill', data: { state } }, status), figures),
        summary.models?.length > 0 && h('p', { class: 'muted models' }, summary.models.join(', '))),
      h('div', { class: 'run-entry-actions' },
        h('button', { type: 'button', class: 'quiet', on: { click: () => openAgain(id) } }, t('again.short')),
        exportMenu(id),
        h('button', { type: 'button', class: 'quiet', 'aria-label': t('remove.label', { question }), on: { click: () => this.#remove(id, question, entry) } }, t('remove.action'))));
    return entry;
  }

  #choose(id, check) {
    if (check.checked) this.#chosen.add(id);
    else this.#chosen.delete(id);
    // Two are compared; the one chosen first makes room for a third.
    if (this.#chosen.size > 2) {
      const [oldest] = this.#chosen;
      this.#chosen.delete(oldest);
      const box = this.#list.querySelector(`[data-run="${CSS.escape(oldest)}"] input`);
      if (box) box.checked = false;
    }
    this.#compare.disabled = this.#chosen.size !== 2;
  }

  #goCompare() {
    const [one, other] = this.#chosen;
    go(link('runs', one, 'compare', other));
  }

  async #remove(id, question, entry) {
    if (!(await removeRun(id, question))) return;
    const neighbour = entry.nextElementSibling ?? entry.previousElementSibling;
    entry.remove();
    this.#chosen.delete(id);
    this.#compare.disabled = this.#chosen.size !== 2;
    (neighbour?.querySelector('a') ?? this.#search).focus();
    this.#showEmpty(this.#search.value.trim());
  }
}
