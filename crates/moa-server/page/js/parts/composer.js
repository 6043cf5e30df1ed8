// Where a question is written, and who shall answer it.

import { loadCatalogue } from '../api.js';
import { h, newId } from '../dom.js';
import { draftOf, inlineMixture } from '../editor-model.js';
import { t } from '../i18n.js';
import { keepSetting, setting } from '../settings.js';
import { Estimate } from './estimate.js';
import { errorNotice } from './notice.js';

/** Asks for a question. */
export class Composer {
  #text;
  #preset;
  #description = h('p', { class: 'preset-description muted' });
  #estimate = new Estimate();
  #options = {};
  #problem = h('div', {});
  #send = h('button', { class: 'primary' }, t('action.ask'));
  #catalogue = null;
  #messages = () => [];

  /**
   * @param {{isFollowUp: boolean, messages: () => object[], submit: (body: object) => Promise<void>}} options
   *   `messages` gives what was said so far.
   */
  constructor({ isFollowUp, messages, submit }) {
    this.#messages = messages;
    const textId = newId('prompt');
    const presetId = newId('preset');
    this.#text = h('textarea', {
      id: textId, rows: isFollowUp ? '2' : '4', required: true, placeholder: t(isFollowUp ? 'composer.placeholder.follow' : 'composer.placeholder'),
      on: { keydown: (event) => this.#onKey(event), input: () => this.#refresh() }, data: { role: 'prompt' },
    });
    this.#preset = h('select', { id: presetId, on: { change: () => this.#refresh() } });
    this.element = h(
      'form', { class: 'composer', on: { submit: (event) => {
        event.preventDefault();
        this.#submit(submit);
      } } },
      h('label', { for: textId, class: isFollowUp ? '' : 'visually-hidden' }, t(isFollowUp ? 'composer.follow' : 'composer.label')),
      this.#text,
      h('div', { class: 'composer-row' },
        h('label', { for: presetId }, t('composer.preset')), this.#preset, h('span', { class: 'spacer' }),
        h('span', { class: 'muted key-hint' }, t('composer.keys')), this.#send),
      this.#description,
      this.#optionsBox(),
      this.#estimate.element,
      this.#problem,
    );
    this.#load();
  }

  /** Writes a question in, to be changed or sent. @param {string} text */
  fill(text) {
    this.#text.value = text;
    this.#refresh();
    this.#text.focus();
  }

  /** Chooses a preset or model, as `preset:NAME` or `model:ID`. @param {string} value */
  choose(value) {
    this.wanted = value;
    this.#preset.value = value;
  }

  /** Offers a mixture that may be no preset, because it was given inline. @param {object} mixture  As in the event `run_started`. */
  offer(mixture) {
    this.offered = mixture;
  }

  focus() {
    this.#text.focus();
  }

  #optionsBox() {
    const field = (name, attributes) => {
      const id = newId(name);
      const input = h('input', { id, type: 'number', on: { input: () => this.#refresh() }, ...attributes });
      this.#options[name] = input;
      return h('div', { class: 'field' }, h('label', { for: id }, t(`option.${name}`)), input);
    };
    const reuseId = newId('reuse');
    this.#options.reuse = h('input', { id: reuseId, type: 'checkbox' });
    return h('details', { class: 'options' }, h('summary', {}, t('composer.options')), h(
      'div', { class: 'fields' },
      field('temperature', { min: '0', max: '2', step: '0.1', placeholder: t('option.default') }),
      field('max_tokens', { min: '1', step: '1', placeholder: t('option.default') }),
      field('seed', { min: '0', step: '1', placeholder: t('option.random') }),
      field('max_cost_usd', { min: '0', step: 'any', placeholder: t('option.none') }),
      h('div', { class: 'field check' }, this.#options.reuse, h('label', { for: reuseId }, t('option.reuse'))),
    ));
  }

  async #load() {
    try {
      this.#catalogue = await loadCatalogue();
    } catch (error) {
      this.#problem.replaceChildren(errorNotice(error, () => {
        this.#problem.replaceChildren();
        this.#load();
      }));
      return;
    }
    const { presets, models, info } = this.#catalogue;
    const option = (kind, name, label = name) => h('option', { value: `${kind}:${name}` }, label);
    this.#preset.replaceChildren(
      h('optgroup', { label: t('composer.presets') }, ...presets.map(({ name }) => option('preset', name))),
      h('optgroup', { label: t('composer.models') }, ...models.map((model) => option('model', model.id))),
    );
    const isPreset = presets.some(({ name }) => name === this.offered?.name);
    if (this.offered && !isPreset && this.offered.layers.length > 0) {
      this.#preset.prepend(h('option', { value: 'moa:' }, t('composer.same')));
      this.wanted = 'moa:';
    }
    const wanted = this.wanted ?? setting('preset', `preset:${info.default_preset}`);
    const isKnown = [...this.#preset.options].some(({ value }) => value === wanted);
    this.#preset.value = isKnown ? wanted : `preset:${info.default_preset}`;
    if (this.#preset.selectedIndex < 0) this.#preset.selectedIndex = 0;
    this.#refresh();
  }

  /** Enter sends and Shift+Enter makes a line, but not while an input method composes: there Enter takes a word. */
  #onKey(event) {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.element.requestSubmit();
  }

  #refresh() {
    const [kind, name] = this.#chosen();
    const preset = kind === 'preset' ? this.#catalogue?.presets.find((candidate) => candidate.name === name) : null;
    this.#description.textContent = preset ? presetLine(preset) : '';
    if ((!name && kind !== 'moa') || this.#text.value.trim() === '') return this.#estimate.clear();
    return this.#estimate.ask(this.#body());
  }

  #chosen() {
    const [kind, ...rest] = this.#preset.value.split(':');
    return [kind, rest.join(':')];
  }

  #body() {
    const [kind, name] = this.#chosen();
    const body = { [kind]: kind === 'moa' ? inlineMixture(draftOf(this.offered)) : name, messages: [...this.#messages(), { role: 'user', content: this.#text.value.trim() }] };
    for (const [option, input] of Object.entries(this.#options)) {
      if (input.type === 'checkbox') {
        if (input.checked) body[option] = true;
      } else if (input.value !== '') {
        body[option] = Number(input.value);
      }
    }
    return body;
  }

  async #submit(submit) {
    if (this.#send.disabled || this.#text.value.trim() === '' || this.#preset.value === '') return;
    if (this.#preset.value !== 'moa:') keepSetting('preset', this.#preset.value);
    this.#send.disabled = true;
    this.#problem.replaceChildren();
    try {
      await submit(this.#body());
    } catch (error) {
      this.#problem.replaceChildren(errorNotice(error));
    } finally {
      this.#send.disabled = false;
    }
  }
}

function presetLine({ description, mixture, calls }) {
  return t(mixture.early_stop ? 'composer.description.at-most' : 'composer.description', { description: description ?? '', layers: mixture.layers.length + 1, calls });
}
