// Dialogs. The browser's own element keeps the focus inside and gives it back.

import { h, newId } from '../dom.js';
import { t } from '../i18n.js';

/**
 * Shows a dialog.
 * @param {{title: string, body: Node[], actions?: Node[], kind?: string, onClose?: (returned: string) => void}} options
 * @returns {HTMLDialogElement}
 */
export function openDialog({ title, body, actions = [], kind = '', onClose }) {
  const id = newId('dialog');
  const close = h('button', { type: 'button', class: 'quiet icon', 'aria-label': t('action.close'), on: { click: () => dialog.close('') } }, '✕');
  const dialog = h(
    'dialog', { class: `dialog ${kind}`, 'aria-labelledby': id },
    h('header', { class: 'dialog-head' }, h('h2', { id }, title), close),
    h('div', { class: 'dialog-body' }, ...body),
    actions.length > 0 && h('footer', { class: 'dialog-actions' }, ...actions),
  );
  dialog.addEventListener('close', () => {
    dialog.remove();
    onClose?.(dialog.returnValue);
  });
  // A press beside the dialog closes it: there the event's target is the dialog itself.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close('');
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Asks whether something shall be done.
 * @param {{title: string, text: string, action: string}} question
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, text, action }) {
  return new Promise((answer) => {
    const dialog = openDialog({
      title,
      body: [h('p', {}, text)],
      actions: [
        h('button', { type: 'button', on: { click: () => dialog.close('') } }, t('action.cancel')),
        h('button', { type: 'button', class: 'danger', on: { click: () => dialog.close('yes') } }, action),
      ],
      onClose: (returned) => answer(returned === 'yes'),
    });
  });
}

/**
 * Asks for the key of the server.
 * @returns {Promise<string|null>}
 */
export function askForKey() {
  return new Promise((answer) => {
    const id = newId('key');
    const input = h('input', { id, type: 'password', autocomplete: 'off', spellcheck: 'false', required: true });
    const form = h(
      'form', { class: 'stack', on: { submit: (event) => {
        event.preventDefault();
        dialog.close(input.value.trim());
      } } },
      h('p', {}, t('key.text')),
      h('label', { for: id }, t('key.label')),
      input,
      h('button', { class: 'primary' }, t('key.action')),
    );
    const dialog = openDialog({ title: t('key.title'), body: [form], onClose: (key) => answer(key || null) });
    input.focus();
  });
}
