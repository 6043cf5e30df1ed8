// Decodes a stream of server-sent events from its bytes, however they are split.

/**
 * One event of the stream.
 * @typedef {object} SseMessage
 * @property {string} id     The last `id` that the stream named, or the empty text.
 * @property {string} event  The kind: `message` where the stream names none.
 * @property {string} data   The lines of data, joined.
 */

/** A decoder that is fed with pieces of the body and gives back the events that they complete. */
export class SseParser {
  // The decoder keeps a character that is cut in two until its other half arrives, and takes a byte-order mark away.
  #decoder = new TextDecoder('utf-8');
  #rest = '';
  // A carriage return at the end of a piece may be the first half of a line end.
  #skipsLineFeed = false;
  #id = '';
  #event = '';
  #data = [];

  /**
   * Takes the next piece of the body.
   * @param {Uint8Array} bytes
   * @returns {SseMessage[]} The events that are complete now.
   */
  push(bytes) {
    let text = this.#decoder.decode(bytes, { stream: true });
    if (text === '') return [];
    const endsWithReturn = text.endsWith('\r');
    if (this.#skipsLineFeed && text.startsWith('\n')) text = text.slice(1);
    this.#skipsLineFeed = endsWithReturn;
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? '';
    const messages = [];
    for (const line of lines) {
      const message = this.#take(line);
      if (message) messages.push(message);
    }
    return messages;
  }

  #take(line) {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    // A line that begins with a colon is a comment, which only keeps the connection alive.
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    return null;
  }

  #dispatch() {
    const message = { id: this.#id, event: this.#event || 'message', data: this.#data.join('\n') };
    const isEmpty = this.#data.length === 0;
    this.#data = [];
    this.#event = '';
    // The specification drops events without data; `event: end` is told apart by its name and may have none.
    return isEmpty && message.event === 'message' ? null : message;
  }
}
