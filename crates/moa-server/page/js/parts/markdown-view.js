// Shows markdown: a whole text at once, or one that grows while it is read.

import { h } from '../dom.js';
import { parseMarkdown, settledLength } from './markdown.js';

/** What is still open is rendered anew with every frame up to this length; beyond it, it is only appended to. */
const LONGEST_OPEN = 4_000;
/** From this length on, the browser leaves out what is not in sight. */
const LONG = 20_000;

/**
 * @param {string} text
 * @returns {Node[]}
 */
export function markdownNodes(text) {
  return parseMarkdown(text).map(toNode);
}

function toNode(node) {
  if (typeof node === 'string') return document.createTextNode(node);
  const attributes = { ...node.attributes };
  if (node.tag === 'a') Object.assign(attributes, { rel: 'noopener noreferrer', target: '_blank' });
  const element = h(node.tag, attributes, ...node.children.map(toNode));
  // Wide content scrolls by itself, and can be scrolled with the keyboard.
  if (node.tag === 'table') return h('div', { class: 'scrolls', tabindex: '0' }, element);
  if (node.tag === 'pre') element.tabIndex = 0;
  return element;
}

/** Shows a text that grows. Blocks that are complete are never touched again, so that a selection in them stays. */
export class MarkdownView {
  #text = '';
  #settled = 0;
  #open = h('div', { class: 'open-block' });
  #plain = null;

  /** The element to place. */
  element = h('div', { class: 'markdown' }, this.#open);

  /**
   * Shows a text, which usually begins with what is shown already.
   * @param {string} text
   */
  show(text) {
    if (text === this.#text) return;
    if (!text.startsWith(this.#text)) this.#reset();
    this.#text = text;
    let open = text.slice(this.#settled);
    const { settled, isInFence } = settledLength(open, open.length > LONGEST_OPEN);
    if (settled > 0) {
      this.#open.before(...markdownNodes(open.slice(0, settled)));
      this.#settled += settled;
      if (this.#settled > LONG) this.element.classList.add('is-long');
      this.#plain = null;
      open = open.slice(settled);
    }
    if (open.length <= LONGEST_OPEN) this.#open.replaceChildren(...markdownNodes(open));
    else this.#append(open, isInFence);
  }

  /**
   * The text is complete: what was only appended is rendered as it should be.
   * @param {string} text
   */
  finish(text) {
    const shown = this.#text.trim();
    if (shown !== text.trim()) this.show(text);
    if (this.#plain) {
      this.#open.replaceChildren(...markdownNodes(this.#text.slice(this.#settled)));
      this.#plain = null;
    }
  }

  #append(open, isInFence) {
    if (!this.#plain) {
      this.#plain = document.createTextNode('');
      const holder = isInFence ? h('pre', {}, h('code', {}, this.#plain)) : h('p', { class: 'plain' }, this.#plain);
      this.#open.replaceChildren(holder);
    }
    this.#plain.appendData(open.slice(this.#plain.length));
  }

  #reset() {
    this.#text = '';
    this.#settled = 0;
    this.#plain = null;
    this.element.classList.remove('is-long');
    this.#open.replaceChildren();
    this.element.replaceChildren(this.#open);
  }
}
