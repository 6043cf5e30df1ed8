// Gives each agent of a mixture a letter and a colour, the same in every layer and every view. The letter tells apart what the colour
// cannot, for whoever does not see it.

import { h } from './dom.js';
import { plannedLayers } from './run-model.js';

/** Colours that colour-blind people can tell apart (Okabe and Ito), and a grey; see style/tokens.css. */
const COLOURS = 8;

/**
 * @typedef {{letter: string, colour: number, name: string}} Identity
 */

/** Knows the letter and colour of each agent of one mixture. */
export class Identities {
  /** @type {Map<string, Identity>} */
  #known = new Map();

  /** @param {object|null} mixture */
  constructor(mixture) {
    if (mixture) plannedLayers(mixture).forEach((layer) => layer.agents.forEach((agent) => this.of(agent.name)));
  }

  /** @param {string} name @returns {Identity} */
  of(name) {
    let identity = this.#known.get(name);
    if (!identity) {
      const place = this.#known.size;
      const round = Math.floor(place / 26);
      const letter = String.fromCharCode(65 + (place % 26)) + (round > 0 ? round + 1 : '');
      identity = { letter, colour: place % COLOURS, name };
      this.#known.set(name, identity);
    }
    return identity;
  }
}

/**
 * The mark of an agent: its letter on its colour. Whoever hears the page gets the name from the text beside it.
 * @param {Identity} identity
 * @returns {HTMLElement}
 */
export function badge(identity) {
  return h('span', { class: `badge agent-${identity.colour}`, 'aria-hidden': 'true' }, identity.letter);
}
