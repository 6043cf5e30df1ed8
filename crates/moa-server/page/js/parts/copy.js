// Copying a text.

import { announce, h } from '../dom.js';
import { t } from '../i18n.js';

/**
 * @param {() => string} text @param {string} [label]
 * @returns {HTMLButtonElement}
 */
export function copyButton(text, label = t('action.copy')) {
  const button = h('button', { type: 'button', class: 'quiet' }, label);
  button.addEventListener('click', async () => {
    const isDone = await copied(text());
    button.textContent = isDone ? t('action.copied') : t('action.copy.failed');
    announce(button.textContent);
    setTimeout(() => {
      button.textContent = label;
    }, 2_000);
  });
  return button;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without a secure origin there is no clipboard but the old one.
    const area = h('textarea', { class: 'visually-hidden', readonly: true });
    area.value = text;
    (document.querySelector('dialog[open]') ?? document.body).append(area);
    area.select();
    const isDone = document.execCommand('copy');
    area.remove();
    return isDone;
  }
}
