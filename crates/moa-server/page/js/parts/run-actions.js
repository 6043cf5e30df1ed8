// What can be done with a run: look closer, ask again, take it along, remove it.

import { api, loadCatalogue } from '../api.js';
import { h, newId } from '../dom.js';
import { t } from '../i18n.js';
import { go, link } from '../router.js';
import { forgetRun } from '../run-store.js';
import { confirmed, openDialog } from './dialog.js';
import { errorNotice } from './notice.js';

/**
 * The places and actions of a run that has ended.
 * @param {string} id @param {import('../run-model.js').Run} run
 * @returns {Node[]}
 */
export function runActions(id, run) {
  return [
    run.end?.kind === 'finished' && h('a', { class: 'button', href: link('runs', id, 'trace') }, t('tab.trace')),
    h('a', { class: 'button', href: link('runs', id, 'timeline') }, t('tab.timeline')),
    h('button', { type: 'button', on: { click: () => openAgain(id) } }, t('again.action')),
    exportMenu(id),
  ].filter(Boolean);
}

/**
 * Saves what the server makes of a run. Read with the key and given on as a file, because a link cannot send a key.
 * @param {string} id @param {'markdown'|'json'|'jsonl'|'chrome-trace'} format
 */
export async function download(id, format) {
  try {
    const blob = await api.export(id, format);
    const endings = { markdown: 'md', json: 'json', jsonl: 'jsonl', 'chrome-trace': 'trace.json' };
    const address = URL.createObjectURL(blob);
    const anchor = h('a', { href: address, download: `moa-${id}.${endings[format]}` });
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  } catch (error) {
    openDialog({ title: t('export.failed'), body: [errorNotice(error)] });
  }
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function exportMenu(id) {
  const formats = ['markdown', 'json', 'jsonl', 'chrome-trace'];
  const menu = h('details', { class: 'menu' },
    h('summary', { class: 'button' }, t('export.action')),
    h('ul', { class: 'menu-list' }, ...formats.map((format) => h('li', {}, h('button', {
      type: 'button', class: 'quiet', on: { click: () => {
        menu.open = false;
        download(id, format);
      } },
    }, t(`export.${format}`))))));
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    menu.open = false;
    menu.firstElementChild.focus();
    event.stopPropagation();
  });
  menu.addEventListener('focusout', (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  return menu;
}

/**
 * Asks the question of a run again: with another preset from the start, or with another aggregator over the same proposals.
 * @param {string} id
 */
export async function openAgain(id) {
  const preset = { id: newId('again'), how: 'preset' };
  const aggregator = { id: newId('again'), how: 'aggregator' };
  const group = newId('how');
  const presets = h('select', { id: preset.id, 'aria-label': t('composer.preset') });
  const models = h('select', { id: aggregator.id, 'aria-label': t('layer.aggregator') });
  const problem = h('div', {});
  // There is nothing to send until it is known who could be asked.
  const send = h('button', { class: 'primary', disabled: true }, t('again.now'));
  const choice = ({ how }, select, isChosen) => {
    const radio = h('input', { type: 'radio', name: group, value: how, checked: isChosen, id: newId('choice') });
    select.addEventListener('change', () => {
      radio.checked = true;
    });
    return h('div', { class: 'choice' }, radio, h('label', { for: radio.id }, h('strong', {}, t(`again.${how}`)), h('span', { class: 'muted' }, t(`again.${how}.text`))), select);
  };
  const form = h('form', { class: 'stack', on: { submit: async (event) => {
    event.preventDefault();
    const how = new FormData(form).get(group);
    try {
      const run = await api.again(id, { [how]: how === 'preset' ? presets.value : models.value });
      dialog.close('');
      go(link('ask', run));
    } catch (error) {
      problem.replaceChildren(errorNotice(error));
    }
  } } }, choice(aggregator, models, true), choice(preset, presets, false), problem,
  h('div', { class: 'dialog-actions' }, send));
  const dialog = openDialog({ title: t('again.title'), body: [form] });
  try {
    const [catalogue, run] = await Promise.all([loadCatalogue(), api.run(id)]);
    const aggregators = run.layers.find(({ role }) => role === 'aggregator')?.responses ?? [];
    presets.append(...catalogue.presets.map(({ name }) => h('option', { value: name }, name)));
    choose(presets, run.preset);
    models.append(...catalogue.models.map((model) => {
      const isMissing = model.is_ready === false;
      return h('option', { value: model.id, disabled: isMissing }, isMissing ? `${model.id} (${t(`model.not-ready.${model.kind}`)})` : model.id);
    }));
    choose(models, aggregators.at(-1)?.model);
    send.disabled = false;
  } catch (error) {
    problem.replaceChildren(errorNotice(error));
  }
}

/** Chooses an option by its value; the first that can be chosen where there is none. */
function choose(select, value) {
  const options = [...select.options].filter((option) => !option.disabled);
  select.value = (options.find((option) => option.value === value) ?? options[0])?.value ?? '';
}

/**
 * Removes a run, once that was confirmed.
 * @param {string} id @param {string} question
 * @returns {Promise<boolean>} Whether it was removed.
 */
export async function removeRun(id, question) {
  const shortened = question.length > 80 ? `${question.slice(0, 80)}…` : question;
  if (!(await confirmed({ title: t('remove.title'), text: t('remove.text', { question: shortened }), action: t('remove.action') }))) return false;
  try {
    await api.remove(id);
    forgetRun(id);
    return true;
  } catch (error) {
    openDialog({ title: t('remove.failed'), body: [errorNotice(error)] });
    return false;
  }
}
