// The mixture editor: who stands in which layer, what that would take, and how to keep it.

import { api, loadCatalogue } from '../api.js';
import { h, newId } from '../dom.js';
import { AGGREGATIONS } from '../combining.js';
import { draftOf, inlineMixture, keptOf, missingModels, problemOf } from '../editor-model.js';
import { bytes } from '../format.js';
import { currentLanguage, t } from '../i18n.js';
import { Board } from '../parts/board.js';
import { copyButton } from '../parts/copy.js';
import { Estimate } from '../parts/estimate.js';
import { errorNotice, loadingNotice } from '../parts/notice.js';
import { go, link } from '../router.js';
import { keepSetting, setting } from '../settings.js';
import { presetToml } from '../toml.js';

/**
 * @param {{preset?: string}} parameters
 * @returns {import('../main.js').View}
 */
export function mixtureView({ preset }) {
  const body = h('div', { class: 'editor' }, loadingNotice());
  const load = () => loadCatalogue()
    .then((catalogue) => body.replaceChildren(...new Editor(catalogue, preset).content()))
    .catch((error) => body.replaceChildren(errorNotice(error, load)));
  load();
  return {
    element: h('section', { class: 'mixture-view' }, h('h1', { tabindex: '-1' }, t('editor.title')), h('p', { class: 'lead' }, t('editor.lead')), body),
    title: t('nav.mixture'),
  };
}

/** The draft of an earlier visit, if it can still be read. */
function keptDraft() {
  try {
    const draft = JSON.parse(setting('draft', 'null'));
    return Array.isArray(draft?.layers) && draft.aggregator ? draft : null;
  } catch {
    return null;
  }
}

class Editor {
  #estimate = new Estimate();
  #toml = h('code', {});
  #problem = h('p', { class: 'notice slight', hidden: true });
  #missing = h('p', { class: 'notice slight', hidden: true });
  #leftOut = h('p', { class: 'notice slight', hidden: true });
  #kept = h('p', { class: 'notice slight', hidden: true });
  #catalogue;
  #draft;
  #board;
  #where;
  #try;

  constructor(catalogue, preset) {
    this.#catalogue = catalogue;
    const { presets, info } = catalogue;
    const start = presets.find(({ name }) => name === preset);
    const fallback = presets.find(({ name }) => name === info.default_preset) ?? presets[0];
    const ofPreset = (chosen) => ({ ...draftOf(chosen.mixture, chosen.description ?? ''), name: `my-${chosen.name}` });
    this.#draft = start ? ofPreset(start) : keptDraft() ?? (fallback ? ofPreset(fallback) : { name: 'mine', layers: [], aggregator: { model: '' } });
    this.#board = new Board({ draft: this.#draft, models: catalogue.models, onChange: (draft) => this.#changed({ ...draft, ...this.#head() }) });
  }

  content() {
    const { models } = this.#catalogue;
    const content = [
      h('datalist', { id: 'known-models' }, ...models.map(({ id }) => h('option', { value: id }))),
      h('div', { class: 'editor-main' }, this.#settings(), this.#leftOut, this.#kept, this.#board.element),
      h('aside', { class: 'editor-side' }, this.#palette()),
      h('div', { class: 'editor-foot' },
        h('section', { class: 'panel' }, h('h2', {}, t('estimate.title')), this.#problem, this.#estimate.element),
        this.#trial(),
        h('section', { class: 'panel toml' }, h('header', { class: 'panel-head' }, h('h2', {}, t('editor.toml')), copyButton(() => this.#toml.textContent, t('editor.copy-toml'))),
          h('p', { class: 'muted' }, t('editor.toml.text')), h('pre', { tabindex: '0' }, this.#toml))),
    ];
    this.#changed(this.#draft);
    return content;
  }

  #head() {
    const { layers, aggregator, ...head } = this.#draft;
    return head;
  }

  #settings() {
    const presetId = newId('start');
    const nameId = newId('name');
    const quorumId = newId('quorum');
    const residualId = newId('residual');
    const start = h('select', { id: presetId, on: { change: () => start.value && go(link('mixture', start.value)) } },
      h('option', { value: '' }, t('editor.choose')), ...this.#catalogue.presets.map(({ name }) => h('option', { value: name }, name)));
    const name = h('input', { id: nameId, type: 'text', value: this.#draft.name, maxlength: '60', spellcheck: 'false', on: { input: () => this.#changed({ ...this.#draft, name: name.value.trim() }) } });
    const quorum = h('input', { id: quorumId, type: 'number', min: '1', max: '99', value: String(this.#draft.min_proposals ?? 1), on: { input: () => this.#changed({ ...this.#draft, min_proposals: Math.max(1, Number(quorum.value) || 1) }) } });
    const wayId = newId('aggregation');
    const written = this.#draft.aggregation;
    const way = h('select', { id: wayId, on: { change: () => {
      // What else is said of a kind belongs to it.
      const aggregation = way.value === written?.kind ? written : way.value === 'synthesise' ? null : { kind: way.value };
      this.#changed({ ...this.#draft, aggregation });
    } } }, ...AGGREGATIONS.map((kind) => h('option', { value: kind, selected: kind === (written?.kind ?? 'synthesise') }, t(`editor.aggregation.${kind}`))));
    const residual = h('input', { id: residualId, type: 'checkbox', on: { change: () => this.#changed({ ...this.#draft, residual: residual.checked }) } });
    residual.checked = Boolean(this.#draft.residual);
    return h('div', { class: 'fields editor-settings' },
      h('div', { class: 'field' }, h('label', { for: presetId }, t('editor.start')), start),
      h('div', { class: 'field' }, h('label', { for: nameId }, t('editor.name')), name),
      h('div', { class: 'field double' }, h('label', { for: wayId }, t('editor.aggregation')), way),
      h('div', { class: 'field' }, h('label', { for: quorumId }, t('editor.quorum')), quorum),
      h('div', { class: 'field check' }, residual, h('label', { for: residualId }, t('editor.residual'))));
  }

  #palette() {
    const searchId = newId('models');
    const whereId = newId('where');
    this.#where = h('select', { id: whereId });
    // What can be asked now comes first.
    const models = this.#catalogue.models.toSorted((a, b) => Number(a.is_ready === false) - Number(b.is_ready === false));
    const items = models.map((model) => this.#paletteItem(model));
    const search = h('input', { id: searchId, type: 'search', placeholder: t('editor.search'), on: { input: () => {
      const wanted = search.value.trim().toLowerCase();
      for (const { element, id } of items) element.hidden = !id.toLowerCase().includes(wanted);
    } } });
    return h('section', { class: 'panel palette' }, h('h2', {}, t('editor.models')), h('p', { class: 'muted' }, t('editor.models.text')),
      h('label', { for: searchId, class: 'visually-hidden' }, t('editor.search')), search,
      h('p', { class: 'inline-field' }, h('label', { for: whereId }, t('editor.add-to')), this.#where),
      h('ul', { class: 'palette-list' }, ...items.map(({ element }) => element)));
  }

  #paletteItem(model) {
    const about = [t(`model.${model.kind}`), model.kind === 'remote' ? model.endpoint : '', model.size_bytes ? bytes(model.size_bytes) : '', model.is_ready === false ? t(`model.not-ready.${model.kind}`) : '']
      .filter(Boolean).join(' · ');
    const grip = h('span', { class: 'palette-grip', title: t('editor.drag') }, h('span', { 'aria-hidden': 'true' }, '⠿ '), model.id);
    this.#board.takeFrom(grip, model.id);
    const add = h('button', { type: 'button', class: 'quiet small', 'aria-label': t('editor.add.label', { agent: model.id }), on: { click: () => this.#board.add(model.id, this.#where.value) } }, t('editor.add'));
    return { id: model.id, element: h('li', { class: 'palette-item', data: { ready: String(model.is_ready !== false) } }, h('div', {}, grip, h('p', { class: 'muted' }, about)), add) };
  }

  #trial() {
    const id = newId('trial');
    const question = h('textarea', { id, rows: '2' });
    question.value = t('example.sky');
    const failure = h('div', {});
    this.#try = h('button', { class: 'primary' }, t('editor.try'));
    const form = h('form', { class: 'panel trial', on: { submit: async (event) => {
      event.preventDefault();
      try {
        go(link('ask', await api.start({ moa: inlineMixture(this.#draft), messages: messagesOf(question.value) })));
      } catch (error) {
        failure.replaceChildren(errorNotice(error));
      }
    } } }, h('h2', {}, t('editor.trial')), h('label', { for: id, class: 'visually-hidden' }, t('composer.label')), question, this.#missing, this.#try, failure);
    return form;
  }

  #changed(draft) {
    const layerCount = draft.layers.length;
    this.#draft = draft;
    keepSetting('draft', JSON.stringify(draft));
    if (this.#where && this.#where.options.length !== layerCount + 1) this.#fillWhere(layerCount);
    tellParts(this.#leftOut, 'editor.left-out', draft.left_out ?? []);
    tellParts(this.#kept, 'editor.kept', keptOf(draft));
    const problem = problemOf(draft);
    this.#problem.hidden = problem === null;
    this.#problem.textContent = problem ? t(problem.key, problem.values) : '';
    if (this.#try) this.#try.disabled = problem !== null;
    // Told, not forbidden: it may have been fetched since the page was loaded.
    const missing = missingModels(draft, this.#catalogue.models);
    this.#missing.hidden = missing.length === 0;
    this.#missing.textContent = missing.length > 0 ? missing.map(({ id, kind }) => t(`editor.missing.${kind}`, { model: id })).join(' ') : '';
    this.#toml.textContent = problem ? '' : presetToml(draft);
    if (problem) this.#estimate.clear();
    else this.#estimate.ask({ moa: inlineMixture(draft), messages: messagesOf(t('example.sky')) });
  }

  #fillWhere(layerCount) {
    const chosen = this.#where.value;
    this.#where.replaceChildren(
      ...Array.from({ length: layerCount }, (_, index) => h('option', { value: String(index) }, t('layer.short', { n: index + 1 }))),
      h('option', { value: 'aggregator' }, t('layer.aggregator')),
    );
    if ([...this.#where.options].some(({ value }) => value === chosen)) this.#where.value = chosen;
  }
}

/** Names parts of a mixture, or nothing where there are none. */
function tellParts(notice, text, parts) {
  notice.hidden = parts.length === 0;
  notice.textContent = parts.length > 0 ? t(text, { what: listed(parts.map((part) => t(`editor.part.${part}`))) }) : '';
}

/** Words as a list in the page's language. */
function listed(words) {
  return new Intl.ListFormat(currentLanguage(), { type: 'conjunction' }).format(words);
}

function messagesOf(question) {
  return [{ role: 'user', content: question.trim() }];
}
