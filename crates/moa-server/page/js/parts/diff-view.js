// Shows the differences of two texts; the elements say added and removed to those who hear them.

import { h } from '../dom.js';

const TAGS = { same: 'span', added: 'ins', removed: 'del' };

/**
 * @param {import('./diff.js').DiffPart[]} parts
 * @returns {Node[]}
 */
export function diffText(parts) {
  return parts.map(({ kind, text }) => h(TAGS[kind] ?? 'span', {}, text));
}
