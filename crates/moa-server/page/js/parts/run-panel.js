// A run in full: what was asked, the layers at work, and the answer as it comes.

import { api } from '../api.js';
import { announce, h, setText } from '../dom.js';
import { cost, count, duration } from '../format.js';
import { t } from '../i18n.js';
import { answeringCall, answerOf, callsOf, questionOf, settlingDecision, usageOf } from '../run-model.js';
import { watchRun } from '../run-store.js';
import { copyButton } from './copy.js';
import { Layers } from './layers.js';
import { MarkdownView } from './markdown-view.js';
import { errorNotice, failureNotice } from './notice.js';
import { runActions } from './run-actions.js';

/** How often the clocks of a run that is under way are moved. */
const CLOCK_MS = 500;

/** Shows one run and keeps it up to date. */
export class RunPanel {
  #question = h('p', { class: 'question' });
  #state = h('span', { class: 'pill', data: { state: 'running' } }, t('run.connecting'));
  #figures = h('span', { class: 'run-figures' });
  #connection = h('span', { class: 'connection', role: 'status' });
  #stop = h('button', { type: 'button', class: 'danger stop', on: { click: () => this.stop() } }, t('action.stop'));
  #layers = new Layers();
  #answer = new MarkdownView();
  #answerSection = h('section', { class: 'answer', hidden: true });
  #answerNotes = h('div', { class: 'answer-notes' });
  #thoughts = h('p', { class: 'plain' });
  #thoughtsBox = h('details', { class: 'thoughts', hidden: true }, h('summary', {}, t('answer.thoughts')), this.#thoughts);
  #tools = h('div', {});
  #end = h('div', { class: 'run-end' });
  #actions = h('div', { class: 'actions run-links', hidden: true });
  #isStopping = false;
  #hasEnded = false;
  #onEnd;

  /**
   * @param {string} id
   * @param {{showsQuestion?: boolean, onEnd?: (run: object) => void, onStart?: (run: object) => void}} [options]
   */
  constructor(id, { showsQuestion = true, onEnd, onStart } = {}) {
    this.id = id;
    this.#onEnd = onEnd;
    this.onStart = onStart;
    this.#answerSection.append(
      h('header', { class: 'answer-head' }, h('h2', {}, t('answer.title')), copyButton(() => answerOf(this.run))),
      this.#answerNotes, this.#thoughtsBox, this.#answer.element, this.#tools,
    );
    this.element = h(
      'article', { class: 'run' },
      showsQuestion && this.#question,
      h('div', { class: 'run-bar' }, this.#state, this.#figures, this.#connection, this.#stop),
      this.#layers.element, this.#end, this.#answerSection, this.#actions,
    );
    this.#watch();
    this.clock = setInterval(() => {
      if (this.run.mixture && !this.run.end) this.#update(this.watched.followed);
    }, CLOCK_MS);
  }

  #watch() {
    this.watched = watchRun(this.id, (followed) => this.#update(followed));
    this.run = this.watched.followed.run;
    this.#update(this.watched.followed);
  }

  /** Stops the run at once; what was answered stays. */
  async stop() {
    if (this.#isStopping || this.run.end) return;
    this.#isStopping = true;
    this.#stop.disabled = true;
    setText(this.#state, t('run.stopping'));
    try {
      await api.cancel(this.id);
    } catch (error) {
      this.#isStopping = false;
      this.#stop.disabled = false;
      this.#end.replaceChildren(errorNotice(error));
    }
  }

  /** Whether it can be stopped. */
  get isRunning() {
    return !this.run.end && this.watched.followed.connection !== 'lost';
  }

  /** Ends the watching. */
  release() {
    clearInterval(this.clock);
    this.watched.release();
    this.#layers.release();
  }

  #update(followed) {
    const { run } = followed;
    if (run.mixture && this.onStart) {
      this.onStart(run);
      this.onStart = null;
    }
    setText(this.#question, questionOf(run));
    // Between events the clock goes on from the last one's time.
    const nowMs = run.end ? run.atMs : run.atMs + (performance.now() - followed.heardAt);
    this.#updateBar(followed, nowMs);
    this.#layers.update(run, nowMs);
    this.#updateAnswer(run);
    if (run.end && !this.#hasEnded) this.#finish(run);
  }

  #updateBar({ run, connection, error }, nowMs) {
    const state = run.end ? run.end.kind : connection === 'ended' ? 'interrupted' : 'running';
    this.#state.dataset.state = state === 'finished' && run.end.outcome.degraded ? 'degraded' : state;
    if (!this.#isStopping || run.end) setText(this.#state, run.mixture ? t(`run.${this.#state.dataset.state}`) : t('run.connecting'));
    setText(this.#figures, run.mixture ? barFigures(run, nowMs) : '');
    this.#stop.hidden = run.end !== null || connection === 'ended' || connection === 'lost';
    const isLate = connection === 'reconnecting';
    this.#connection.hidden = !isLate;
    setText(this.#connection, isLate ? t('run.reconnecting') : '');
    if (connection === 'lost' && error && this.#end.childElementCount === 0) this.#end.replaceChildren(errorNotice(error));
  }

  #updateAnswer(run) {
    const answer = answerOf(run);
    const call = answeringCall(run);
    const thoughts = call?.outcome?.reasoning || call?.reasoning || '';
    const isShown = answer !== '' || (thoughts !== '' && call?.id.layer === run.mixture.layers.length + 1);
    this.#answerSection.hidden = !isShown;
    if (!isShown) return;
    this.#answerSection.setAttribute('aria-busy', String(!run.end));
    this.#thoughtsBox.hidden = thoughts === '';
    if (this.#thoughts.textContent.length !== thoughts.length) setText(this.#thoughts, thoughts);
    this.#answer.show(answer.trimStart());
  }

  #finish(run) {
    this.#hasEnded = true;
    const { kind, outcome, failure } = run.end;
    if (kind === 'finished') {
      this.#answer.finish(outcome.answer);
      this.#answerNotes.replaceChildren(...answerNotes(run));
      this.#tools.replaceChildren(...(outcome.tool_calls ?? []).map((tool) => h('pre', {}, h('code', {}, `${tool.name}(${tool.arguments})`))));
    }
    if (kind === 'failed') this.#end.replaceChildren(failureNotice(failure, { isQuiet: true }));
    this.#actions.hidden = false;
    this.#actions.replaceChildren(...runActions(this.id, run));
    announce(t(`run.${kind}.announce`));
    this.#onEnd?.(run);
  }
}

function barFigures(run, nowMs) {
  const usage = usageOf(run);
  const all = run.mixture.layers.reduce((sum, layer) => sum + layer.agents.length, 1);
  const calls = callsOf(run);
  return [
    run.mixture.name,
    t('run.calls', { n: calls.filter((call) => call.outcome).length, of: Math.max(all, calls.length) }),
    duration(run.end?.wallMs ?? nowMs),
    usage.completionTokens > 0 ? t('unit.tokens', { n: usage.completionTokens, count: usage.completionTokens, text: count(usage.completionTokens) }) : '',
    cost(usage.costUsd),
  ].filter(Boolean).join(' · ');
}

/** What the reader of an answer should know of it. */
function answerNotes(run) {
  const { outcome } = run.end;
  const notes = [...run.notes];
  if (outcome.fallback) {
    const stand = answeringCall(run);
    notes.push(t(`answer.fallback.${outcome.fallback.by}`, { agent: stand?.agent ?? '?', layer: outcome.fallback.call.layer }));
  } else if (outcome.degraded) {
    notes.push(t('answer.degraded'));
  }
  const settled = settlingDecision(run);
  if (settled) {
    const { agent, id } = answeringCall(run) ?? { agent: '?', id: settled.chosen[0] };
    notes.push(t('answer.chosen', { kind: settled.kind, agent, layer: id.layer, reason: settled.reason }));
  }
  if (outcome.finish_reason === 'length') notes.push(t('answer.length'));
  if (outcome.finish_reason === 'content_filter') notes.push(t('answer.filtered'));
  return notes.map((note) => h('p', { class: 'notice slight' }, note));
}
