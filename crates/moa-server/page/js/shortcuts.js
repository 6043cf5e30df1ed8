// Keys that act anywhere in the page. Those without Ctrl can be switched off, because speech input can type them by chance.

import { h, newId } from './dom.js';
import { t } from './i18n.js';
import { openDialog } from './parts/dialog.js';
import { go, link } from './router.js';
import { keepSetting, setting } from './settings.js';

const KEYS = [['/', 'focus'], ['a', 'ask'], ['r', 'runs'], ['m', 'mixture'], ['s', 'stop'], ['?', 'help']];

/**
 * @param {{stop: () => void}} actions
 */
export function listenForShortcuts({ stop }) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || setting('shortcuts', 'on') !== 'on') return;
    if (event.target.closest('input, textarea, select, [contenteditable]') || document.querySelector('dialog[open]')) return;
    const action = KEYS.find(([key]) => key === event.key)?.[1];
    if (!action) return;
    event.preventDefault();
    if (action === 'focus') document.querySelector('[data-role="search"], [data-role="prompt"]')?.focus();
    else if (action === 'stop') stop();
    else if (action === 'help') openHelp();
    else go(link(action));
  });
}

/** Shows the keys, and the switch for them. */
export function openHelp() {
  const id = newId('shortcuts');
  const check = h('input', { type: 'checkbox', id, on: { change: () => keepSetting('shortcuts', check.checked ? 'on' : 'off') } });
  check.checked = setting('shortcuts', 'on') === 'on';
  const row = (key, text) => h('div', {}, h('dt', {}, h('kbd', {}, key)), h('dd', {}, text));
  openDialog({
    title: t('help.title'),
    body: [
      h('dl', { class: 'keys' }, ...KEYS.map(([key, action]) => row(key, t(`help.${action}`))), row('Enter', t('help.send')), row('Shift Enter', t('help.line')), row('Esc', t('help.close'))),
      h('p', { class: 'field check' }, check, h('label', { for: id }, t('help.switch'))),
      h('h3', {}, t('help.editor')), h('p', {}, t('help.editor.text')),
    ],
  });
}
