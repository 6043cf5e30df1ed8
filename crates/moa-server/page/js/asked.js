// Messages of a run in the form in which they are asked: that of the OpenAI protocol.

/**
 * @param {object} message  As the event `run_started` has it: a text, with the places of its images in bytes.
 * @returns {object}
 */
export function asked({ role, content, images, tool_calls: calls, tool_call_id: callId }) {
  const tools = calls?.map(({ id, name, arguments: text }) => ({ id, type: 'function', function: { name, arguments: text } }));
  return { role, content: parts(content, images ?? []), ...(tools ? { tool_calls: tools } : {}), ...(callId ? { tool_call_id: callId } : {}) };
}

/** The text alone, or texts and images in their order. */
function parts(content, images) {
  if (images.length === 0) return content;
  const bytes = new TextEncoder().encode(content);
  const found = [];
  const addText = (from, to) => {
    // Texts that follow each other become lines of one text when they are asked; that line break is not part of either.
    const text = new TextDecoder().decode(bytes.subarray(from, to));
    const own = from > 0 && text.startsWith('\n') ? text.slice(1) : text;
    if (own !== '') found.push({ type: 'text', text: own });
  };
  let from = 0;
  for (const { url, detail, position_bytes: place } of images) {
    addText(from, place);
    found.push({ type: 'image_url', image_url: { url, ...(detail ? { detail } : {}) } });
    from = place;
  }
  addText(from, bytes.length);
  return found;
}
