// What a run would take, asked of the server and shown in a line.

import { api } from '../api.js';
import { debounced, h } from '../dom.js';
import { bytes, cost, count, duration } from '../format.js';
import { t } from '../i18n.js';
import { errorLine } from './notice.js';

const QUIET_MS = 350;

/** Shows the estimate of what was last asked for. */
export class Estimate {
  element = h('dl', { class: 'estimate', 'aria-label': t('estimate.title') });
  #controller = null;

  /**
   * Asks once the person pauses.
   * @param {object} body  Of `POST /api/estimate`.
   */
  ask = debounced((body) => this.#askNow(body), QUIET_MS);

  /** Nothing is estimated while nothing can be asked. */
  clear() {
    this.#controller?.abort();
    this.element.replaceChildren();
  }

  async #askNow(body) {
    this.#controller?.abort();
    this.#controller = new AbortController();
    try {
      this.#show(await api.estimate(body, this.#controller.signal));
    } catch (error) {
      if (error.name === 'AbortError') return;
      this.element.replaceChildren(h('div', { class: 'estimate-problem' }, h('dt', {}, t('estimate.problem')), h('dd', {}, errorLine(error))));
    }
  }

  #show(estimate) {
    const unknown = t('estimate.unknown');
    const about = (value, write) => (value === null || value === undefined ? unknown : write(value));
    const figures = [
      ['calls', about(estimate.calls, count)],
      ['tokens', about(estimate.prompt_tokens, (read) => t('estimate.tokens.value', { read: count(read), written: count(estimate.completion_tokens ?? 0) }))],
      ['cost', about(estimate.cost_usd, cost)],
      ['memory', about(estimate.memory_bytes, bytes)],
      ['time', about(estimate.seconds, (seconds) => duration(seconds * 1000))],
    ];
    this.element.replaceChildren(...figures.map(([name, value]) => h('div', {}, h('dt', {}, t(`estimate.${name}`)), h('dd', {}, value))));
  }
}
