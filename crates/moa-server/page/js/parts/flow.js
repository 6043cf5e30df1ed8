// Which answers flow from one layer into the next: arrows in the gap between two rows of cards.

import { badge } from '../agents.js';
import { h, s, setText } from '../dom.js';
import { t } from '../i18n.js';
import { isIndependent, isRead, referencesOf } from '../run-model.js';

const HEIGHT = 52;

/** The gap above a layer. */
export class Flow {
  #svg = s('svg', { class: 'flow-lines', 'aria-hidden': 'true', height: String(HEIGHT) });
  #marks = h('div', { class: 'flow-marks', 'aria-hidden': 'true' });
  #words = h('p', { class: 'visually-hidden' });
  #drawn = '';

  element = h('div', { class: 'flow' }, this.#svg, this.#marks, this.#words);

  /**
   * @param {{run: import('../run-model.js').Run, index: number, identities: import('../agents.js').Identities,
   *   sources: Map<number, HTMLElement>, targets: HTMLElement[]}} state
   *   `index` is the layer below the gap; `sources` the cards above by the agent's place, `targets` those below.
   */
  update({ run, index, identities, sources, targets }) {
    const above = run.layers.find((layer) => layer.index === index - 1);
    const ended = isIndependent(run, index) ? [] : (above?.calls ?? []).filter((call) => call.outcome);
    const isStarted = run.layers.some((layer) => layer.index === index);
    const width = this.element.clientWidth;
    const places = sourcesAndTargets(sources, targets, this.element, width);
    const key = [width, isStarted, run.end?.kind, ended.map((call) => `${call.id.agent}${isRead(call, run)}`), places.key].join('|');
    if (key === this.#drawn) return;
    this.#drawn = key;
    this.#svg.setAttribute('viewBox', `0 0 ${Math.max(1, width)} ${HEIGHT}`);
    this.#svg.setAttribute('width', String(Math.max(1, width)));
    this.#svg.replaceChildren(...ended.flatMap((call) => {
      const from = places.sources.get(call.id.agent);
      if (from === undefined) return [];
      const { colour } = identities.of(call.agent);
      return isRead(call, run) ? places.targets.map((to) => arrow(from, to, colour, isStarted)) : [deadEnd(from, colour)];
    }));
    this.#updateWords(run, index, identities, isStarted, places.isFolded);
  }

  #updateWords(run, index, identities, isStarted, isFolded) {
    const read = isStarted ? referencesOf(run, index) : [];
    const names = read.map((call) => call.agent).join(', ');
    setText(this.#words, read.length > 0 ? t('flow.reads', { layer: index, names, n: read.length }) : '');
    // Where rows wrap, the lines no longer begin under their card, and the letters say whose they are.
    this.#marks.hidden = !isFolded;
    if (isFolded) this.#marks.replaceChildren(...read.map((call) => badge(identities.of(call.agent))));
  }
}

/** Where lines begin and end: at the middle of each card, or evenly spread where the cards of a row wrap. */
function sourcesAndTargets(sources, targets, gap, width) {
  const left = gap.getBoundingClientRect().left;
  const cards = [...sources.values()].map((card) => card.getBoundingClientRect());
  const isFolded = new Set(cards.map((box) => Math.round(box.bottom))).size > 1 && new Set(cards.map((box) => Math.round(box.top))).size > 1;
  const ends = targets.map((card) => card.getBoundingClientRect());
  const isTargetFolded = new Set(ends.map((box) => Math.round(box.top))).size > 1;
  const spread = (place, of) => (width * (place + 1)) / (of + 1);
  const middle = (box) => box.left + box.width / 2 - left;
  const agents = [...sources.keys()];
  const from = new Map(agents.map((agent, place) => [agent, isFolded ? spread(place, agents.length) : middle(cards[place])]));
  const to = isTargetFolded ? [width / 2] : ends.map(middle);
  return { sources: from, targets: to, isFolded, key: `${[...from.values()].map(Math.round)}>${to.map(Math.round)}` };
}

function arrow(from, to, colour, isStarted) {
  const end = HEIGHT - 7;
  const line = s('path', { d: `M ${from} 0 C ${from} ${HEIGHT * 0.4}, ${to} ${HEIGHT * 0.45}, ${to} ${end}`, class: 'flow-line' });
  const head = s('path', { d: `M ${to - 4} ${end - 1} L ${to} ${HEIGHT - 1} L ${to + 4} ${end - 1} Z`, class: 'flow-head' });
  return s('g', { class: `agent-${colour} ${isStarted ? 'is-flowing' : 'is-waiting'}` }, line, head);
}

/** An answer that nobody reads ends in a cross. */
function deadEnd(from, colour) {
  const end = HEIGHT * 0.4;
  return s(
    'g', { class: `agent-${colour} is-dead` },
    s('path', { d: `M ${from} 0 V ${end}`, class: 'flow-line' }),
    s('path', { d: `M ${from - 4} ${end} l 8 8 m 0 -8 l -8 8`, class: 'flow-cross' }),
  );
}
