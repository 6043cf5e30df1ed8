import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked } from '../../page/js/asked.js';

test('a message without images is its text, and calls of tools keep their names', () => {
  assert.deepEqual(asked({ role: 'user', content: 'Why?' }), { role: 'user', content: 'Why?' });
  const called = asked({ role: 'assistant', content: '', tool_calls: [{ id: '1', name: 'look', arguments: '{}' }] });
  assert.deepEqual(called.tool_calls, [{ id: '1', type: 'function', function: { name: 'look', arguments: '{}' } }]);
  assert.equal(asked({ role: 'tool', content: 'A cat.', tool_call_id: '1' }).tool_call_id, '1');
});

test('images are asked again at their places, which are counted in bytes', () => {
  const image = (url, place) => ({ url, position_bytes: place });
  const content = '空と海\nとは';
  const first = new TextEncoder().encode('空と海').length;
  const { content: parts } = asked({ role: 'user', content, images: [{ ...image('data:a', 0), detail: 'low' }, image('data:b', first)] });
  assert.deepEqual(parts, [
    { type: 'image_url', image_url: { url: 'data:a', detail: 'low' } },
    { type: 'text', text: '空と海' },
    { type: 'image_url', image_url: { url: 'data:b' } },
    { type: 'text', text: 'とは' },
  ]);
});

test('an image alone has no text beside it', () => {
  const { content } = asked({ role: 'user', content: '', images: [{ url: 'data:a', position_bytes: 0 }] });
  assert.deepEqual(content, [{ type: 'image_url', image_url: { url: 'data:a' } }]);
});
