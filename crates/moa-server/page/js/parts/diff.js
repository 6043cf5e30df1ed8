// What two texts have in common, word by word.

/** Comparing costs as much as the words of one text times those of the other; beyond this, lines are compared instead. */
const MOST_PAIRS = 4_000_000;

/**
 * @typedef {{kind: 'same'|'added'|'removed', text: string}} DiffPart
 *
 * @param {string} before @param {string} after
 * @returns {DiffPart[]} Whose parts that are not added spell `before`, and those that are not removed `after`.
 */
export function diffTexts(before, after) {
  let a = words(before);
  let b = words(after);
  if (a.length * b.length > MOST_PAIRS) {
    a = before.split(/(?<=\n)/);
    b = after.split(/(?<=\n)/);
  }
  if (a.length * b.length > MOST_PAIRS) return joined([['removed', before], ['added', after]]);
  return joined(compare(a, b));
}

/**
 * The same difference, told more calmly: a word or two that two rewritten sentences share by chance only tears them to pieces.
 * @param {DiffPart[]} parts
 * @returns {DiffPart[]}
 */
export function calmed(parts) {
  const steps = parts.flatMap((part, place) => {
    const isBetween = place > 0 && place < parts.length - 1 && parts[place - 1].kind !== 'same' && parts[place + 1].kind !== 'same';
    const isChance = part.kind === 'same' && isBetween && !part.text.includes('\n') && (part.text.match(/[\p{L}\p{N}]+/gu) ?? []).length <= 2 && part.text.length <= 16;
    return isChance ? [['removed', part.text], ['added', part.text]] : [[part.kind, part.text]];
  });
  return joined(steps);
}

/**
 * The words of a text with the white space and the marks between them; Japanese is cut into words, too.
 * @param {string} text
 * @returns {string[]}
 */
export function words(text) {
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });
  return Array.from(segmenter.segment(text), (segment) => segment.segment);
}

function compare(a, b) {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let tail = 0;
  while (tail < a.length - start && tail < b.length - start && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const middle = longestCommon(a.slice(start, a.length - tail), b.slice(start, b.length - tail));
  const same = (word) => ['same', word];
  return [...a.slice(0, start).map(same), ...middle, ...a.slice(a.length - tail).map(same)];
}

/** The longest common subsequence by dynamic programming, told as steps from `a` to `b`. */
function longestCommon(a, b) {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = a[i] === b[j]
        ? lengths[(i + 1) * width + j + 1] + 1
        : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const steps = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      steps.push(['same', a[i]]);
      i += 1;
      j += 1;
    } else if (j === b.length || (i < a.length && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) {
      steps.push(['removed', a[i]]);
      i += 1;
    } else {
      steps.push(['added', b[j]]);
      j += 1;
    }
  }
  return steps;
}

/** Neighbours of one kind become one part; within a change what was removed stands before what was added. */
function joined(steps) {
  const parts = [];
  let removed = '';
  let added = '';
  const flush = () => {
    if (removed) parts.push({ kind: 'removed', text: removed });
    if (added) parts.push({ kind: 'added', text: added });
    removed = '';
    added = '';
  };
  for (const [kind, text] of steps) {
    if (kind === 'removed') removed += text;
    else if (kind === 'added') added += text;
    else {
      flush();
      if (parts.at(-1)?.kind === 'same') parts.at(-1).text += text;
      else parts.push({ kind, text });
    }
  }
  flush();
  return parts;
}
