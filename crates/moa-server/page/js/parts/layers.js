// The mixture at work: each layer a row of cards, arrows between the rows.

import { Identities } from '../agents.js';
import { h, setText } from '../dom.js';
import { count, duration } from '../format.js';
import { t } from '../i18n.js';
import { isRead, plannedLayers } from '../run-model.js';
import { Card } from './card.js';
import { Flow } from './flow.js';

/** Draws the layers of one run. */
export class Layers {
  #rows = [];
  #identities = null;
  #last = null;
  #resize = new ResizeObserver(() => this.#redrawFlows());

  element = h('div', { class: 'layers' });

  constructor() {
    this.#resize.observe(this.element);
  }

  /**
   * @param {import('../run-model.js').Run} run
   * @param {number} nowMs  Milliseconds since the run's start.
   */
  update(run, nowMs) {
    if (!run.mixture) return;
    if (!this.#identities) this.#build(run.mixture);
    this.#last = run;
    for (const row of this.#rows) this.#updateRow(row, run, nowMs);
    this.#redrawFlows();
  }

  /** Ends the watching of its size. */
  release() {
    this.#resize.disconnect();
  }

  #build(mixture) {
    this.#identities = new Identities(mixture);
    const planned = plannedLayers(mixture);
    this.#rows = planned.map((layer) => {
      const isLast = layer.role === 'aggregator';
      const summary = h('p', { class: 'layer-summary' });
      const cards = h('div', { class: 'cards' });
      const title = isLast ? t('layer.aggregator') : t('layer.proposers');
      const heading = h('h3', {}, t('layer.title', { n: layer.index, of: planned.length }), h('span', { class: 'layer-role' }, title));
      const row = { layer, cards: new Map(), list: cards, summary, flow: layer.index > 1 ? new Flow() : null };
      layer.agents.forEach((agent, place) => this.#addCard(row, place + 1, agent));
      if (row.flow) this.element.append(row.flow.element);
      this.element.append(h('section', { class: `layer ${layer.role}` }, h('header', { class: 'layer-head' }, heading, summary), cards));
      return row;
    });
  }

  #addCard(row, place, agent) {
    const identity = this.#identities.of(agent.name);
    const card = new Card({ agent, identity, showsText: row.layer.role === 'proposers' });
    row.cards.set(place, card);
    row.list.append(card.element);
    return card;
  }

  #updateRow(row, run, nowMs) {
    const layer = run.layers.find((candidate) => candidate.index === row.layer.index);
    // Who stands in for an aggregator that failed is not planned and appears when it is asked.
    for (const call of layer?.calls ?? []) {
      if (!row.cards.has(call.id.agent)) this.#addCard(row, call.id.agent, { name: call.agent, model: call.model });
    }
    for (const [place, card] of row.cards) card.update(layer?.calls.find((call) => call.id.agent === place), run, nowMs);
    if (layer) setText(row.summary, summaryOf(layer, run));
  }

  #redrawFlows() {
    const run = this.#last;
    if (!run) return;
    this.#rows.forEach((row, place) => {
      const above = this.#rows[place - 1];
      if (!row.flow || !above) return;
      row.flow.update({
        run,
        index: row.layer.index,
        identities: this.#identities,
        sources: new Map([...above.cards].map(([agent, card]) => [agent, card.element])),
        targets: [...row.cards.values()].map((card) => card.element),
      });
    });
  }
}

function summaryOf(layer, run) {
  const ended = layer.calls.filter((call) => call.outcome);
  const tokens = layer.calls.reduce((sum, call) => sum + Math.max(call.tokens, call.outcome?.usage.completion_tokens ?? 0), 0);
  const parts = [];
  if (layer.role === 'proposers' && ended.length > 0) {
    parts.push(t('layer.kept', { n: ended.filter((call) => isRead(call, run)).length, of: layer.calls.filter(({ task }) => task === 'answer').length }));
  }
  if (tokens > 0) parts.push(t('unit.tokens', { n: tokens, count: tokens, text: count(tokens) }));
  if (layer.wallMs !== null) parts.push(duration(layer.wallMs));
  return parts.join(' · ');
}
