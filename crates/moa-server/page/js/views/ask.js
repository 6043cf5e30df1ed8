// Ask: a question, the layers at work on it, the answer, and the next question.

import { api } from '../api.js';
import { asked } from '../asked.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { Composer } from '../parts/composer.js';
import { markdownNodes } from '../parts/markdown-view.js';
import { RunPanel } from '../parts/run-panel.js';
import { answerOf, questionOf } from '../run-model.js';
import { go, link } from '../router.js';

const EXAMPLES = ['example.sky', 'example.compare', 'example.plan'];

/** Runs of a conversation: by each run the one before it, so that earlier turns lead to their layers. */
const earlierRuns = new Map();

/**
 * @param {{id?: string, preset?: string}} parameters
 * @returns {import('../main.js').View}
 */
export function askView({ id, preset }) {
  return id ? runningView(id) : newView(preset);
}

function newView(preset) {
  const composer = new Composer({ isFollowUp: false, messages: () => [], submit: async (body) => go(link('ask', await api.start(body))) });
  if (preset) composer.choose(`preset:${preset}`);
  const element = h(
    'section', { class: 'ask is-new' },
    h('h1', { tabindex: '-1' }, t('ask.title')),
    h('p', { class: 'lead' }, t('ask.lead')),
    composer.element,
    h('div', { class: 'examples' }, h('h2', {}, t('ask.examples')), h('ul', {}, ...EXAMPLES.map((key) => h('li', {}, h(
      'button', { type: 'button', class: 'quiet example', on: { click: () => composer.fill(t(key)) } }, t(key),
    ))))),
  );
  return { element, title: t('nav.ask'), entered: () => composer.focus() };
}

function runningView(id) {
  const earlier = h('div', { class: 'thread' });
  const heading = h('h1', { tabindex: '-1', class: 'question-title' }, '…');
  const followUp = h('div', {});
  const panel = new RunPanel(id, {
    showsQuestion: false,
    onStart: (run) => {
      heading.textContent = questionOf(run);
      earlier.replaceChildren(...earlierTurns(run, id));
    },
    onEnd: (run) => followUp.replaceChildren(...nextTurn(run, id)),
  });
  const element = h(
    'section', { class: 'ask' }, earlier, heading, panel.element, followUp,
    h('p', {}, h('a', { href: link('ask') }, t('ask.new'))),
  );
  return { element, title: t('nav.ask'), release: () => panel.release(), stop: () => panel.isRunning && panel.stop() };
}

/** What was said before the question of this run. */
function earlierTurns(run, id) {
  const last = run.messages.findLastIndex((message) => message.role === 'user');
  const before = run.messages.slice(0, last).filter((message) => message.role === 'user' || message.role === 'assistant');
  const runs = [];
  for (let at = earlierRuns.get(id); at; at = earlierRuns.get(at)) runs.unshift(at);
  let turn = 0;
  return before.map((message) => {
    if (message.role === 'user') return h('div', { class: 'turn user' }, h('p', { class: 'question' }, message.content));
    const its = runs[turn];
    turn += 1;
    return h('div', { class: 'turn assistant' },
      h('div', { class: 'markdown' }, ...markdownNodes(message.content)),
      its && h('a', { class: 'small', href: link('runs', its) }, t('ask.layers-of-turn')));
  });
}

function nextTurn(run, id) {
  const answer = answerOf(run);
  const messages = run.messages.map(asked);
  // Without an answer there is nothing to follow up: the same question can be asked in another way.
  const soFar = run.end.kind === 'finished' ? [...messages, { role: 'assistant', content: answer }] : messages.slice(0, -1);
  const composer = new Composer({
    isFollowUp: true,
    messages: () => soFar,
    submit: async (body) => {
      const next = await api.start(body);
      earlierRuns.set(next, id);
      go(link('ask', next));
    },
  });
  const name = run.mixture.name;
  composer.offer(run.mixture);
  composer.choose(run.mixture.layers.length === 0 ? `model:${run.mixture.aggregator.model}` : `preset:${name}`);
  if (run.end.kind !== 'finished') composer.element.querySelector('textarea').value = questionOf(run);
  return [composer.element];
}
