// One agent in the mixture editor: its handle, its name, and the fields that say how it is asked.

import { h, newId } from '../dom.js';
import { t } from '../i18n.js';

const FIELDS = [
  ['name', { type: 'text', maxlength: '80' }],
  ['temperature', { type: 'number', min: '0', max: '2', step: '0.1' }],
  ['max_tokens', { type: 'number', min: '1', step: '1' }],
];

/**
 * @param {object} options
 * @param {import('../toml.js').AgentDraft} options.agent
 * @param {string} options.label  What the agent is called in the labels of its buttons.
 * @param {object[]} options.models
 * @param {HTMLElement} options.mark
 * @param {boolean} options.isOpen
 * @param {(isOpen: boolean) => void} options.onToggle
 * @param {(changes: object, isStructural: boolean) => void} options.onChange
 * @param {(() => void)|null} options.onRemove
 * @param {HTMLElement|null} options.handle
 * @returns {HTMLElement}
 */
export function agentEditor({ agent, label, models, mark, isOpen, onToggle, onChange, onRemove, handle }) {
  const fieldsId = newId('fields');
  const fields = h('div', { class: 'agent-fields', id: fieldsId, hidden: !isOpen }, modelField(agent, models, onChange),
    ...FIELDS.map(([name, attributes]) => settingField(agent, name, attributes, onChange)), systemField(agent, onChange));
  const toggle = h('button', { type: 'button', class: 'quiet small', 'aria-expanded': String(isOpen), 'aria-controls': fieldsId, 'aria-label': t('editor.edit.label', { agent: label }),
    on: { click: () => {
      fields.hidden = !fields.hidden;
      toggle.setAttribute('aria-expanded', String(!fields.hidden));
      onToggle(!fields.hidden);
    } } }, t('editor.edit'));
  return h('li', { class: 'agent-edit' },
    h('div', { class: 'agent-edit-head' }, handle, mark, h('span', { class: 'agent-edit-name', title: agent.model }, agent.name || agent.model), toggle,
      onRemove && h('button', { type: 'button', class: 'quiet small icon', 'aria-label': t('editor.remove-agent', { agent: label }), on: { click: onRemove } }, '✕')),
    fields);
}

function modelField(agent, models, onChange) {
  const id = newId('model');
  // A model can be named that is in no list: a file, an endpoint's id.
  const input = h('input', { id, type: 'text', value: agent.model, list: 'known-models', spellcheck: 'false', required: true,
    on: { change: () => input.value.trim() && onChange({ model: input.value.trim() }, true) } });
  const known = models.find((model) => model.id === agent.model);
  return h('div', { class: 'field wide' }, h('label', { for: id }, t('editor.model')), input,
    known && h('p', { class: 'muted' }, t(`model.${known.kind}`), known.endpoint && known.kind === 'remote' ? ` · ${known.endpoint}` : ''));
}

function settingField(agent, name, attributes, onChange) {
  const id = newId(name);
  const input = h('input', { id, value: agent[name] ?? '', placeholder: t('option.default'), ...attributes, on: { input: () => {
    if (!input.checkValidity()) return;
    const isNumber = attributes.type === 'number';
    onChange({ [name]: input.value === '' ? null : isNumber ? Number(input.value) : input.value }, false);
  } } });
  return h('div', { class: 'field' }, h('label', { for: id }, t(`option.${name}`)), input);
}

function systemField(agent, onChange) {
  const id = newId('system');
  const area = h('textarea', { id, rows: '3', placeholder: t('editor.system.placeholder'), on: { input: () => onChange({ system: area.value || null }, false) } });
  area.value = agent.system ?? '';
  return h('div', { class: 'field wide' }, h('label', { for: id }, t('option.system')), area);
}
