import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMarkdown, settledLength } from '../../page/js/parts/markdown.js';

const TAGS = new Set(['p', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'pre', 'code', 'blockquote', 'hr', 'table', 'thead', 'tbody', 'tr', 'td', 'th', 'a', 'strong', 'em', 'del', 'br']);
const ATTRIBUTES = { a: ['href'], ol: ['start'], pre: ['data-language'] };

/** Everything in the tree is one of the known tags with its known attributes, and links lead to the web or to a mailbox. */
function assertInert(nodes) {
  for (const node of nodes) {
    if (typeof node === 'string') continue;
    assert.ok(TAGS.has(node.tag), node.tag);
    for (const [name, value] of Object.entries(node.attributes ?? {})) {
      assert.ok(ATTRIBUTES[node.tag]?.includes(name), `${node.tag} ${name}`);
      if (name === 'href') assert.match(value, /^(https?:\/\/|mailto:)/);
    }
    assertInert(node.children);
  }
}

const text = (nodes) => nodes.map((node) => (typeof node === 'string' ? node : text(node.children))).join('');
const outline = (nodes) => nodes.map((node) => (typeof node === 'string' ? node : [node.tag, ...outline(node.children)]));

const HOSTILE = [
  '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '[x](javascript:alert(1))', '[x](JaVaScRiPt:alert(1))', '[x]( javascript:alert(1))',
  '[x](data:text/html;base64,AAAA)', '[x](vbscript:x)', '![x](javascript:alert(1))', '[x](java\tscript:alert(1))', '<javascript:alert(1)>', '[x](//evil.example)',
  '[x](&#106;avascript:alert(1))', '<a href="javascript:alert(1)">x</a>', '`<script>`', '```html\n<script>alert(1)</script>\n```', '| <script> | b |\n|---|---|\n| <img onerror=x> | c |',
  '# <svg onload=alert(1)>', '> <iframe srcdoc=x>', '- <style>*{}</style>', '[x](https://a.example" onclick="alert(1))', '<https://a.example/"onmouseover=x>', '[a](https://a.example/<script>)',
  '```"><script>alert(1)</script>\ncode\n```', '__proto__ constructor toString',
];

for (const source of HOSTILE) {
  test(`stays inert: ${source.slice(0, 40).replaceAll('\n', ' ')}`, () => assertInert(parseMarkdown(source)));
}

test('HTML is shown as it was written', () => {
  assert.equal(text(parseMarkdown('<script>alert(1)</script> and <b>bold</b>')), '<script>alert(1)</script> and <b>bold</b>');
});

test('hostile pieces in any order stay inert', () => {
  let seed = 7;
  const random = (below) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  const pieces = [...HOSTILE, '\n', '\n\n', '*', '**', '_', '`', '```', '[', '](', ')', '\\', '> ', '- ', '1. ', '|', '# ', 'javascript:', 'https://a.example', '<', '>'];
  for (let round = 0; round < 400; round += 1) {
    const source = Array.from({ length: 1 + random(14) }, () => pieces[random(pieces.length)]).join('');
    assertInert(parseMarkdown(source));
  }
});

test('what models write is read', () => {
  assert.deepEqual(outline(parseMarkdown('# Title\n\nSome **bold** and *thin* `code`.\nNext line')), [
    ['h3', 'Title'], ['p', 'Some ', ['strong', 'bold'], ' and ', ['em', 'thin'], ' ', ['code', 'code'], '.\nNext line'],
  ]);
  assert.deepEqual(outline(parseMarkdown('1. one\n2. two\n   - inner\n\ntext')), [['ol', ['li', 'one'], ['li', 'two', ['ul', ['li', 'inner']]]], ['p', 'text']]);
  assert.deepEqual(outline(parseMarkdown('- a\n\n- b')), [['ul', ['li', 'a'], ['li', 'b']]]);
  assert.deepEqual(outline(parseMarkdown('```js\nlet a = "<b>";\n\nb()\n```\nafter')), [['pre', ['code', 'let a = "<b>";\n\nb()']], ['p', 'after']]);
  assert.deepEqual(outline(parseMarkdown('| a | b |\n|---|:-:|\n| 1 | **2** |')), [['table', ['thead', ['tr', ['th', 'a'], ['th', 'b']]], ['tbody', ['tr', ['td', '1'], ['td', ['strong', '2']]]]]]);
  assert.deepEqual(outline(parseMarkdown('> quoted\n> more')), [['blockquote', ['p', 'quoted\nmore']]]);
  assert.deepEqual(outline(parseMarkdown('**日本語**です')), [['p', ['strong', '日本語'], 'です']]);
  assert.deepEqual(outline(parseMarkdown('snake_case_name and 2 * 3 * 4')), [['p', 'snake_case_name and 2 * 3 * 4']]);
});

test('links lead to the web; images become links', () => {
  const [{ children }] = parseMarkdown('[moa](https://a.example/x_(y)) ![picture](https://a.example/p.png) https://b.example/z.');
  const links = children.filter((node) => node.tag === 'a').map((node) => node.attributes.href);
  assert.deepEqual(links, ['https://a.example/x_(y)', 'https://a.example/p.png', 'https://b.example/z']);
});

test('no text is lost that is no mark', () => {
  for (const source of ['a * b', '**open', '`open', '[open', '[a](b', '***', '~~', 'x ~ y', '1.', '-', '#', '|', '> ', '\\']) {
    const letters = source.replace(/[^a-z0-9]/g, '');
    assert.equal(text(parseMarkdown(source)).replace(/[^a-z0-9]/g, '').slice(0, letters.length), letters.replace(/^1$/, ''), source);
  }
});

test('a growing text that is cut where it says reads the same as the whole', () => {
  const source = '# One\n\nPara **bold**\n\n- a\n\n- b\n  more\n\ntext\n\n```\ncode\n\nmore\n```\n\n1. x\n2. y\n\nend\n\n> q\n\nlast';
  const whole = outline(parseMarkdown(source));
  for (let end = 1; end <= source.length; end += 1) {
    const { settled } = settledLength(source.slice(0, end));
    const parts = [...outline(parseMarkdown(source.slice(0, settled))), ...outline(parseMarkdown(source.slice(settled)))];
    assert.deepEqual(parts, whole, `cut at ${settled} of ${end}`);
  }
});

test('odd texts are read in little time', () => {
  const start = performance.now();
  for (const piece of ['*', '_', '`', '[', '[a](', '> ', '- ', '|', '**a ', '<', '![']) parseMarkdown(piece.repeat(15_000));
  // No threshold: a quadratic reader would not come back within the test's own time-out.
  assert.ok(performance.now() >= start);
});
