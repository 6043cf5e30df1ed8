// Shows the differences of two texts; the elements say added and removed to those who hear them.

import { h } from '../dom.js';
import { calmed } from './diff.js';

const TAGS = { same: 'span', added: 'ins', removed: 'del' };

/**
 * @param {import('./diff.js').DiffPart[]} parts
 * @returns {Node[]}
 */
export function diffText(parts) {
  return calmed(parts).map(({ kind, text }) => h(TAGS[kind] ?? 'span', {}, text));
}
