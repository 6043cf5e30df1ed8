// One agent at work: its model, state, figures and text, kept up to date without being built anew.

import { badge } from '../agents.js';
import { h, newId, setText } from '../dom.js';
import { cost, count, duration, rate } from '../format.js';
import { t } from '../i18n.js';
import { callState, tokensPerSecond } from '../run-model.js';
import { failureLine } from './notice.js';
import { openProposal } from './proposal.js';

/** The most characters of a text that a card shows while it is written; the whole text is one press away. */
const SHOWN_CHARACTERS = 3_000;

/** States in which nothing more will come. */
const ENDED = new Set(['done', 'partial', 'failed', 'dropped', 'stopped', 'skipped']);

const MARKS = { done: '✓', partial: '◐', failed: '✕', dropped: '⊘', stopped: '■', skipped: '–', retrying: '↻', pending: '·' };

/** Shows one call of a run. */
export class Card {
  #name = h('h4', { class: 'card-name' });
  #model = h('p', { class: 'card-model' });
  #mark = h('span', { class: 'state-mark', 'aria-hidden': 'true' });
  #state = h('span', {});
  #progress = h('progress', { class: 'card-progress', hidden: true, max: '100' });
  #reason = h('p', { class: 'card-reason', hidden: true });
  #notes = h('ul', { class: 'notes', hidden: true });
  #text = h('div', { class: 'card-text', hidden: true });
  #figures = h('p', { class: 'figures' });
  #open = h('button', { type: 'button', class: 'quiet small', hidden: true, on: { click: () => this.#show() } }, t('card.open'));
  #shown = { length: 0, source: '', notes: '' };
  #call;
  #identity;

  /**
   * @param {{agent: {name: string, model: string}, identity: import('../agents.js').Identity, showsText: boolean}} options
   */
  constructor({ agent, identity, showsText }) {
    this.#identity = identity;
    this.showsText = showsText;
    const id = newId('agent');
    this.#name.id = id;
    this.#name.textContent = agent.name;
    this.#name.title = agent.name;
    // A name that only numbers the samples of a model says the model already.
    this.#model.hidden = agent.name.startsWith(agent.model);
    this.#model.textContent = agent.model;
    this.#open.setAttribute('aria-label', t('card.open.label', { agent: agent.name }));
    this.element = h(
      'article', { class: `card agent-${identity.colour}`, 'aria-labelledby': id, data: { agent: agent.name } },
      h('header', { class: 'card-head' }, badge(identity), h('div', { class: 'card-title' }, this.#name, this.#model)),
      h('p', { class: 'state' }, this.#mark, this.#state),
      this.#progress, this.#reason, this.#notes, this.#text,
      h('footer', { class: 'card-foot' }, this.#figures, this.#open),
    );
  }

  /**
   * @param {import('../run-model.js').Call|undefined} call @param {import('../run-model.js').Run} run
   * @param {number} nowMs  Milliseconds since the run's start.
   */
  update(call, run, nowMs) {
    this.#call = call;
    const state = callState(call, run);
    if (this.element.dataset.state !== state) {
      this.element.dataset.state = state;
      setText(this.#mark, MARKS[state] ?? '');
    }
    setText(this.#state, stateText(state, call));
    this.#updateProgress(call, state);
    if (!call) return;
    this.#updateReason(call, state);
    this.#updateNotes(call);
    if (this.showsText) this.#updateText(call);
    setFigures(this.#figures, figuresOf(call, state, nowMs));
    const hasText = this.showsText && (call.text !== '' || call.reasoning !== '' || Boolean(call.outcome?.text));
    this.#open.hidden = !hasText;
  }

  #updateProgress(call, state) {
    const value = progressPercent(call, state);
    this.#progress.hidden = value === null;
    if (value !== null) {
      this.#progress.value = value;
      this.#progress.setAttribute('aria-label', this.#state.textContent);
    }
  }

  #updateReason(call, state) {
    const failure = call.outcome?.error ?? (state === 'retrying' ? call.retries.at(-1).failure : null);
    this.#reason.hidden = !failure;
    if (failure) setText(this.#reason, failureLine(failure));
  }

  #updateNotes(call) {
    const notes = notesOf(call);
    const spelled = notes.map((note) => note.join()).join();
    if (spelled === this.#shown.notes) return;
    this.#shown.notes = spelled;
    this.#notes.hidden = notes.length === 0;
    this.#notes.replaceChildren(...notes.map(([label, detail]) => h(
      'li', { class: 'note', title: detail || null }, label, detail && h('span', { class: 'note-detail' }, detail),
    )));
  }

  /** Only what is new is written; what has scrolled away is dropped now and then. */
  #updateText(call) {
    const source = call.text !== '' || call.outcome?.text ? 'text' : 'reasoning';
    // An answer out of the store has no pieces, and an answer that ended is stripped: then the end's text counts.
    const text = source === 'text' ? (call.text === '' ? call.outcome.text : call.text) : call.reasoning;
    if (source !== this.#shown.source) {
      this.#shown.source = source;
      this.#shown.length = 0;
      this.#text.replaceChildren();
      this.#text.classList.toggle('is-reasoning', source === 'reasoning');
    }
    this.#text.hidden = text === '';
    if (text.length === this.#shown.length) return;
    const isPinned = this.#text.scrollTop + this.#text.clientHeight >= this.#text.scrollHeight - 24;
    const from = Math.max(this.#shown.length, text.length - SHOWN_CHARACTERS);
    if (from > this.#shown.length) this.#text.replaceChildren(h('span', { class: 'cut' }, t('card.cut')));
    this.#text.append(document.createTextNode(text.slice(from)));
    this.#shown.length = text.length;
    this.#dropScrolledAway();
    if (isPinned && !call.outcome) this.#text.scrollTop = this.#text.scrollHeight;
  }

  #dropScrolledAway() {
    let excess = this.#text.textContent.length - 2 * SHOWN_CHARACTERS;
    if (excess <= 0 && this.#text.childNodes.length < 400) return;
    const kept = this.#text.textContent.slice(-SHOWN_CHARACTERS);
    this.#text.replaceChildren(...(excess > 0 ? [h('span', { class: 'cut' }, t('card.cut'))] : []), document.createTextNode(excess > 0 ? kept : this.#text.textContent));
    excess = 0;
  }

  #show() {
    if (this.#call) openProposal(this.#call, this.#identity);
  }
}

/** The state in words, with what is known of its progress. */
function stateText(state, call) {
  if (state === 'prefill') {
    const { done_tokens: done, total_tokens: total } = call.progress;
    return t('state.prefill', { done: count(done), total: count(total) });
  }
  if (state === 'loading') return t('state.loading', { percent: call.progress.percent });
  if (state === 'retrying') {
    const { attempt, wait_ms: wait } = call.retries.at(-1);
    return t('state.retrying', { attempt: attempt + 1, wait: duration(wait) });
  }
  if (state === 'done' && call.reused) return t('state.reused');
  if (state === 'done' && call.setAside) return t('state.set-aside');
  return t(`state.${state}`);
}

function progressPercent(call, state) {
  if (state === 'loading') return call.progress.percent;
  if (state === 'prefill' && call.progress.total_tokens > 0) return (call.progress.done_tokens / call.progress.total_tokens) * 100;
  return null;
}

/** What happened on the way, each as a label and its reason. */
function notesOf(call) {
  const notes = [];
  if (call.setAside) notes.push([t('note.set-aside'), t('note.set-aside.why')]);
  if (call.reused) notes.push([t('note.reused'), t('note.reused.why')]);
  if (call.retries.length > 0) {
    const { failure } = call.retries.at(-1);
    notes.push([t('note.retried', { n: call.retries.length }), failureLine(failure, { isPast: true })]);
  }
  if (call.hedged) notes.push([t('note.hedged'), t('note.hedged.why')]);
  if (call.shortening) {
    const { references, original_tokens: original, limit_tokens: limit } = call.shortening;
    notes.push([t('note.shortened'), t('note.shortened.why', { n: references.length, original: count(original), limit: count(limit) })]);
  }
  for (const tool of call.tools) notes.push([t('note.tool', { name: tool.name }), tool.arguments]);
  for (const warning of call.warnings) notes.push([t('note.warning'), warning]);
  if (call.upstream?.model) notes.push([t('note.upstream'), call.upstream.model]);
  return notes;
}

function figuresOf(call, state, nowMs) {
  const usage = call.outcome?.usage;
  const tokens = call.reused ? usage?.completion_tokens : Math.max(call.tokens, usage?.completion_tokens ?? 0);
  const wallMs = call.outcome?.wall_ms ?? (ENDED.has(state) ? null : Math.max(0, nowMs - call.startedAtMs));
  return [
    tokens > 0 ? t('unit.tokens', { n: tokens, count: tokens, text: count(tokens) }) : '',
    rate(tokensPerSecond(call)),
    wallMs === null ? '' : duration(wallMs),
    cost(usage?.cost_usd),
  ].filter(Boolean);
}

/** Figures in a row, none of which is broken over two lines. */
function setFigures(element, figures) {
  while (element.childElementCount > figures.length) element.lastElementChild.remove();
  while (element.childElementCount < figures.length) element.append(h('span', { class: 'figure' }));
  figures.forEach((figure, place) => setText(element.children[place], figure));
}
