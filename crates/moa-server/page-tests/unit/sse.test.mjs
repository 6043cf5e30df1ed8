import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SseParser } from '../../page/js/sse.js';

const encode = (text) => new TextEncoder().encode(text);
const ALL = [
  { id: '0', event: 'message', data: '{"a":"青い空 🌇"}' },
  { id: '1', event: 'message', data: 'two\nlines' },
  { id: '1', event: 'end', data: '' },
];

function text(lineEnd) {
  return ['\ufeff: a comment', 'id: 0', 'data: {"a":"青い空 🌇"}', '', ':', 'id:1', 'data:two', 'data: lines', 'retry: 10', 'unknown', '', '', 'event: end', 'data', '', ''].join(lineEnd);
}

function parse(bytes, cuts) {
  const parser = new SseParser();
  const ends = [...cuts, bytes.length];
  let start = 0;
  const messages = [];
  for (const end of ends) {
    messages.push(...parser.push(bytes.subarray(start, end)));
    start = end;
  }
  return messages;
}

for (const [name, lineEnd] of [['LF', '\n'], ['CRLF', '\r\n'], ['CR', '\r']]) {
  test(`a stream with ${name} gives the same events wherever its bytes are cut`, () => {
    const bytes = encode(text(lineEnd));
    assert.deepEqual(parse(bytes, []), ALL);
    for (let cut = 0; cut <= bytes.length; cut += 1) assert.deepEqual(parse(bytes, [cut]), ALL, `cut at ${cut}`);
    for (let one = 0; one < bytes.length; one += 7) {
      for (let two = one; two < bytes.length; two += 5) assert.deepEqual(parse(bytes, [one, two]), ALL, `cut at ${one} and ${two}`);
    }
    assert.deepEqual(parse(bytes, Array.from(bytes.keys())), ALL, 'byte by byte');
  });
}

test('an event that is cut off by the end of the stream is not given', () => {
  assert.deepEqual(parse(encode('data: whole\n\ndata: half'), []), [{ id: '', event: 'message', data: 'whole' }]);
});
