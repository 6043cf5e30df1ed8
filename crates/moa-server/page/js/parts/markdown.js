// Reads the markdown that models write into a tree of plain objects. The tree can hold nothing but the tags that are written down
// here, so that whatever a model says stays text: HTML in it is shown, never parsed.

/**
 * @typedef {string | {tag: string, attributes?: Record<string, string>, children: MarkdownNode[]}} MarkdownNode
 */

/** Inline text longer than this is shown as it is: no person reads emphasis there, and the page must stay quick. */
const LONGEST_INLINE = 20_000;
/** Quotes and lists within each other deeper than this are shown as text. */
const DEEPEST = 8;

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const QUOTE = /^ {0,3}>\s?/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])(?:\s+|$)/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

/**
 * @param {string} text
 * @returns {MarkdownNode[]} The blocks, first to last.
 */
export function parseMarkdown(text) {
  return blocks(text.replace(/\r\n?/g, '\n').split('\n'), 0);
}

function blocks(lines, depth) {
  const nodes = [];
  let at = 0;
  while (at < lines.length) {
    if (lines[at].trim() === '') {
      at += 1;
      continue;
    }
    const read = fence(lines, at) ?? heading(lines, at) ?? rule(lines, at) ?? quote(lines, at, depth) ?? list(lines, at, depth)
      ?? table(lines, at) ?? paragraph(lines, at, depth);
    nodes.push(read.node);
    at = read.next;
  }
  return nodes;
}

function fence(lines, at) {
  const open = FENCE.exec(lines[at]);
  if (!open) return null;
  const [, mark, language] = open;
  const isClose = (line) => line.trim().startsWith(mark) && line.trim().replaceAll(mark[0], '') === '';
  let end = at + 1;
  while (end < lines.length && !isClose(lines[end])) end += 1;
  const indent = /^ */.exec(lines[at])[0].length;
  const code = lines.slice(at + 1, end).map((line) => line.replace(new RegExp(`^ {0,${indent}}`), '')).join('\n');
  const attributes = language ? { 'data-language': language.slice(0, 30) } : {};
  return { node: { tag: 'pre', attributes, children: [{ tag: 'code', children: [code] }] }, next: end + 1 };
}

function heading(lines, at) {
  const found = HEADING.exec(lines[at]);
  if (!found) return null;
  // The page's own headings stand above those of an answer.
  const tag = `h${Math.min(6, found[1].length + 2)}`;
  return { node: { tag, children: inline(found[2]) }, next: at + 1 };
}

function rule(lines, at) {
  return RULE.test(lines[at]) ? { node: { tag: 'hr', children: [] }, next: at + 1 } : null;
}

function quote(lines, at, depth) {
  if (depth >= DEEPEST || !QUOTE.test(lines[at])) return null;
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end])) end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ''));
  return { node: { tag: 'blockquote', children: blocks(inner, depth + 1) }, next: end };
}

function list(lines, at, depth) {
  const first = ITEM.exec(lines[at]);
  if (depth >= DEEPEST || !first || first[1].length > 3) return null;
  const isOrdered = /\d/.test(first[2]);
  const belongs = (line) => {
    const item = ITEM.exec(line);
    return item && item[1].length <= 3 && /\d/.test(item[2]) === isOrdered ? item : null;
  };
  const items = [];
  let next = at;
  while (next < lines.length) {
    const item = belongs(lines[next]);
    if (!item || RULE.test(lines[next])) break;
    const indent = Math.max(item[1].length + 2, Math.min(item[0].length, item[1].length + 4));
    const inner = [lines[next].slice(item[0].length)];
    next += 1;
    while (next < lines.length && continues(lines, next, item[1].length + 2)) {
      inner.push(lines[next].replace(new RegExp(`^ {0,${indent}}`), ''));
      next += 1;
    }
    while (inner.length > 1 && inner.at(-1).trim() === '') inner.pop();
    items.push({ tag: 'li', children: tight(blocks(inner, depth + 1)) });
    // One blank line between items does not end the list.
    if (next < lines.length && lines[next].trim() === '' && next + 1 < lines.length && belongs(lines[next + 1])) next += 1;
  }
  if (items.length === 0) return null;
  const number = parseInt(first[2], 10);
  const attributes = isOrdered && number !== 1 ? { start: String(number) } : {};
  return { node: { tag: isOrdered ? 'ol' : 'ul', attributes, children: items }, next };
}

/** Whether a line belongs to the item above it: indented, or the same paragraph carried on, or a blank line before such a line. */
function continues(lines, at, indent) {
  const line = lines[at];
  if (line.trim() === '') {
    const after = lines.slice(at + 1).find((later) => later.trim() !== '');
    return after !== undefined && /^ */.exec(after)[0].length >= indent;
  }
  if (/^ */.exec(line)[0].length >= indent) return true;
  const isNew = ITEM.test(line) || HEADING.test(line) || FENCE.test(line) || QUOTE.test(line) || RULE.test(line);
  return !isNew && lines[at - 1].trim() !== '';
}

/** An item of one paragraph needs no paragraph around it. */
function tight(nodes) {
  if (nodes.length > 0 && nodes[0].tag === 'p') return [...nodes[0].children, ...nodes.slice(1)];
  return nodes;
}

function table(lines, at) {
  if (!lines[at].includes('|') || !TABLE_RULE.test(lines[at + 1] ?? '') || !lines[at + 1].includes('-')) return null;
  const head = cells(lines[at]);
  const columns = cells(lines[at + 1]).length;
  if (head.length !== columns) return null;
  let end = at + 2;
  while (end < lines.length && lines[end].includes('|')) end += 1;
  const row = (line, tag) => ({
    tag: 'tr',
    children: Array.from({ length: columns }, (_, column) => ({ tag, children: inline(cells(line)[column] ?? '') })),
  });
  const body = lines.slice(at + 2, end).map((line) => row(line, 'td'));
  const children = [{ tag: 'thead', children: [row(lines[at], 'th')] }, { tag: 'tbody', children: body }];
  return { node: { tag: 'table', children }, next: end };
}

function cells(line) {
  return line.trim().replace(/^\||\|$/g, '').split('|').map((cell) => cell.trim());
}

function paragraph(lines, at, depth) {
  let end = at + 1;
  const ends = (index) => lines[index].trim() === '' || HEADING.test(lines[index]) || FENCE.test(lines[index])
    || QUOTE.test(lines[index]) || RULE.test(lines[index]) || (depth < DEEPEST && /^ {0,3}([-*+]|1[.)])\s+\S/.test(lines[index]));
  while (end < lines.length && !ends(end)) end += 1;
  return { node: { tag: 'p', children: inline(lines.slice(at, end).join('\n').trim()) }, next: end };
}

const MARKS = [['***', 'strong', 'em'], ['**', 'strong'], ['__', 'strong'], ['~~', 'del'], ['*', 'em'], ['_', 'em']];

/**
 * Emphasis, code and links within a line of text.
 * @param {string} text
 * @returns {MarkdownNode[]}
 */
export function inline(text, depth = 0) {
  if (text.length > LONGEST_INLINE || depth > DEEPEST) return [text];
  const nodes = [];
  let plain = '';
  let at = 0;
  const flush = () => {
    if (plain !== '') nodes.push(plain);
    plain = '';
  };
  while (at < text.length) {
    const read = escape(text, at) ?? code(text, at) ?? link(text, at, depth) ?? address(text, at) ?? emphasis(text, at, depth) ?? lineBreak(text, at);
    if (read === null) {
      // Runs of ordinary characters are taken at once.
      const run = /[^\\`*_~[!<h \n]+|./ys;
      run.lastIndex = at;
      const [piece] = run.exec(text);
      plain += piece;
      at += piece.length;
    } else if (typeof read.node === 'string') {
      plain += read.node;
      at = read.next;
    } else {
      flush();
      nodes.push(read.node);
      at = read.next;
    }
  }
  flush();
  return nodes;
}

function escape(text, at) {
  if (text[at] !== '\\' || !/[!-/:-@[-`{-~]/.test(text[at + 1] ?? '')) return null;
  return { node: text[at + 1], next: at + 2 };
}

function code(text, at) {
  if (text[at] !== '`') return null;
  const mark = /`+/y;
  mark.lastIndex = at;
  const [ticks] = mark.exec(text);
  const end = text.indexOf(ticks, at + ticks.length);
  if (end < 0) return { node: ticks, next: at + ticks.length };
  const inner = text.slice(at + ticks.length, end);
  const content = /^ .*\S.* $/s.test(inner) ? inner.slice(1, -1) : inner;
  return { node: { tag: 'code', children: [content] }, next: end + ticks.length };
}

const LINK = /(!?)\[([^\]\n]{0,500})\]\(\s*<?([^\s<>()]{1,2000}(?:\([^\s<>()]*\)[^\s<>()]*)?)>?(?:\s+"[^"\n]*")?\s*\)/y;

/** A link; an image becomes a link to it, because nothing is loaded from elsewhere. */
function link(text, at, depth) {
  if (text[at] !== '[' && text[at] !== '!') return null;
  LINK.lastIndex = at;
  const found = LINK.exec(text);
  if (!found) return null;
  const [whole, , label, target] = found;
  const href = safeAddress(target);
  if (href === null) return { node: whole, next: at + whole.length };
  const children = label === '' ? [href] : inline(label, depth + 1);
  return { node: { tag: 'a', attributes: { href }, children }, next: at + whole.length };
}

const ADDRESS = /<?(https?:\/\/[^\s<>"'`]{1,2000}[^\s<>"'`.,;:!?)\]}、。）」])>?/y;

function address(text, at) {
  if (text[at] !== 'h' && text[at] !== '<') return null;
  if (text[at] === 'h' && /\w/.test(text[at - 1] ?? '')) return null;
  ADDRESS.lastIndex = at;
  const found = ADDRESS.exec(text);
  const href = found && safeAddress(found[1]);
  return href ? { node: { tag: 'a', attributes: { href }, children: [found[1]] }, next: at + found[0].length } : null;
}

/** The address if it leads to the web or to a mailbox, else null: never a script, a file or data. */
function safeAddress(target) {
  if (!/^(https?:\/\/|mailto:)/i.test(target)) return null;
  try {
    const url = new URL(target);
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function emphasis(text, at, depth) {
  if (!'*_~'.includes(text[at])) return null;
  for (const [mark, ...tags] of MARKS) {
    if (!text.startsWith(mark, at)) continue;
    const start = at + mark.length;
    if (start >= text.length || /\s/.test(text[start])) continue;
    // Underscores within a word belong to the word.
    if (mark[0] === '_' && /\w/.test(text[at - 1] ?? '')) continue;
    const end = closing(text, start, mark);
    if (end < 0) continue;
    let children = inline(text.slice(start, end), depth + 1);
    for (const tag of tags) children = [{ tag, children }];
    return { node: children[0], next: end + mark.length };
  }
  const run = /([*_~])\1*/y;
  run.lastIndex = at;
  const [marks] = run.exec(text);
  return { node: marks, next: at + marks.length };
}

function closing(text, start, mark) {
  for (let end = text.indexOf(mark, start + 1); end >= 0; end = text.indexOf(mark, end + 1)) {
    if (/\s/.test(text[end - 1]) || text[end - 1] === '\\') continue;
    if (mark.length === 1 && (text[end + 1] === mark || text[end - 1] === mark)) continue;
    if (mark[0] === '_' && /\w/.test(text[end + mark.length] ?? '')) continue;
    return end;
  }
  return -1;
}

function lineBreak(text, at) {
  const found = /( {2,}|\\)?\n/y;
  found.lastIndex = at;
  const match = found.exec(text);
  if (!match) return null;
  return { node: match[1] ? { tag: 'br', children: [] } : '\n', next: at + match[0].length };
}

/**
 * Where a text that still grows can be cut so that what stands before it will be read the same whatever comes: behind the last
 * blank line that is in no code block and no list.
 * @param {string} text
 * @param {boolean} [isLong]  Cut lists too, between their items.
 * @returns {{settled: number, isInFence: boolean}}
 */
export function settledLength(text, isLong = false) {
  let settled = 0;
  let mark = null;
  let isAfterBlank = false;
  let isInList = false;
  for (let at = 0; at < text.length;) {
    const lineEnd = text.indexOf('\n', at);
    // The last line may still grow into anything.
    if (lineEnd < 0) break;
    const line = text.slice(at, lineEnd);
    if (mark !== null) {
      if (line.trim().startsWith(mark)) mark = null;
    } else if (line.trim() === '') {
      isAfterBlank = true;
    } else {
      const item = ITEM.exec(line);
      const isTopItem = item !== null && item[1].length < 2;
      const isIndented = /^\s/.test(line);
      if ((isAfterBlank && !isIndented && !(isInList && isTopItem)) || (isLong && isTopItem && at > 0)) {
        settled = at;
        isInList = false;
      }
      isInList ||= isTopItem;
      isAfterBlank = false;
      mark = FENCE.exec(line)?.[1] ?? null;
    }
    at = lineEnd + 1;
  }
  return { settled, isInFence: mark !== null };
}
