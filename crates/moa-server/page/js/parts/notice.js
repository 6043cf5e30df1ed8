// What a person is told when something is empty, loads or fails.

import { ApiError } from '../api.js';
import { h } from '../dom.js';
import { hasText, t } from '../i18n.js';

/**
 * A failure: what kind, what was said, what to do.
 * @param {{kind?: string, message: string, hint?: string|null}} failure
 * @param {{actions?: Node[], isQuiet?: boolean}} [options]
 * @returns {HTMLElement}
 */
export function failureNotice(failure, { actions = [], isQuiet = false } = {}) {
  return h(
    'div', { class: 'notice failure', role: isQuiet ? null : 'alert' },
    h('strong', {}, failureTitle(failure.kind)),
    h('p', { class: 'failure-message' }, failure.message),
    failure.hint && h('p', { class: 'hint' }, h('span', { class: 'hint-label' }, t('failure.hint')), ' ', failure.hint),
    actions.length > 0 && h('div', { class: 'actions' }, ...actions),
  );
}

/**
 * The kind of a failure in words.
 * @param {string|undefined} kind
 * @returns {string}
 */
export function failureTitle(kind) {
  const key = `failure.${kind}`;
  return kind && hasText(key) ? t(key) : t('failure.unknown');
}

/**
 * An error of the page or the server in words.
 * @param {Error} error
 * @param {() => void} [retry]
 * @returns {HTMLElement}
 */
export function errorNotice(error, retry) {
  const cause = error.cause instanceof ApiError ? error.cause : error;
  const title = cause instanceof ApiError
    ? t(hasText(`error.${cause.status}`) ? `error.${cause.status}` : 'error.refused')
    : t('error.unreachable');
  const message = cause instanceof ApiError ? cause.message : t('error.unreachable.text');
  return h(
    'div', { class: 'notice failure', role: 'alert' },
    h('strong', {}, title),
    h('p', { class: 'failure-message' }, message),
    cause.hint && h('p', { class: 'hint' }, cause.hint),
    retry && h('div', { class: 'actions' }, h('button', { type: 'button', on: { click: retry } }, t('action.retry'))),
  );
}

/**
 * @param {{title: string, text: string, actions?: Node[]}} content
 * @returns {HTMLElement}
 */
export function emptyNotice({ title, text, actions = [] }) {
  return h('div', { class: 'notice empty' }, h('h2', {}, title), h('p', {}, text), actions.length > 0 && h('div', { class: 'actions' }, ...actions));
}

/** @returns {HTMLElement} */
export function loadingNotice() {
  return h('p', { class: 'notice loading', role: 'status' }, t('state.loading.page'));
}
