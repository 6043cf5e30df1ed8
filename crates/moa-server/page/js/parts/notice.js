// What a person is told when something is empty, loads or fails.

import { ApiError } from '../api.js';
import { h } from '../dom.js';
import { currentLanguage, hasText, t } from '../i18n.js';

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
    ...explained(failure, adviceFor(failure)),
    actions.length > 0 && h('div', { class: 'actions' }, ...actions),
  );
}

/**
 * The kind of a failure in words.
 * @param {string|undefined} kind
 * @returns {string}
 */
function failureTitle(kind) {
  const key = `failure.${kind}`;
  return kind && hasText(key) ? t(key) : t('failure.unknown');
}

/**
 * A failure in one line: for cards.
 * @param {{kind?: string, message: string, hint?: string|null}} failure
 * @param {{isPast?: boolean}} [options]  Whether nothing need be done about it any more.
 * @returns {string}
 */
export function failureLine(failure, { isPast = false } = {}) {
  const advice = isPast ? null : adviceFor(failure);
  const helps = advice ? ` ${t('failure.hint')} ${advice}` : '';
  if (speaksTheServersLanguage()) return `${failureTitle(failure.kind)}: ${failure.message}${helps}`;
  return `${failureTitle(failure.kind)}${t('sentence.end')}${helps.trim()} ${t('server.words')} ${failure.message}`;
}

/** What helps: the server's own advice where it is in the page's language or there is no other, and what is known of the kind. */
function adviceFor({ kind, hint }) {
  const key = `advice.${kind}`;
  if (hint && speaksTheServersLanguage()) return hint;
  return kind && hasText(key) ? t(key) : null;
}

/** What the server said, and what helps. In a language that the server does not speak its words come last and are named as its own. */
function explained({ message, hint }, advice) {
  const helps = advice && h('p', { class: 'hint' }, h('span', { class: 'hint-label' }, t('failure.hint')), ' ', advice);
  if (speaksTheServersLanguage()) return [h('p', { class: 'failure-message' }, message), helps].filter(Boolean);
  const words = h('span', { lang: 'en' }, hint ? `${message} (${hint})` : message);
  return [helps, h('p', { class: 'failure-message muted' }, h('span', { class: 'hint-label' }, t('server.words')), ' ', words)].filter(Boolean);
}

/** The server's messages are English, whoever reads the page. */
function speaksTheServersLanguage() {
  return currentLanguage() === 'en';
}

/**
 * An error of the page or the server in words.
 * @param {Error} error
 * @param {() => void} [retry]
 * @returns {HTMLElement}
 */
export function errorNotice(error, retry) {
  const cause = error.cause instanceof ApiError ? error.cause : error;
  const told = cause instanceof ApiError ? explained(cause, speaksTheServersLanguage() ? cause.hint : null) : [h('p', { class: 'failure-message' }, t('error.unreachable.text'))];
  return h(
    'div', { class: 'notice failure', role: 'alert' },
    h('strong', {}, errorTitle(cause)),
    ...told,
    retry && h('div', { class: 'actions' }, h('button', { type: 'button', on: { click: retry } }, t('action.retry'))),
  );
}

/**
 * The same in one line.
 * @param {Error} error
 * @returns {string}
 */
export function errorLine(error) {
  return error instanceof ApiError && speaksTheServersLanguage() ? error.message : errorTitle(error);
}

/** What a refusal means: by its code, else by its status. */
function errorTitle(cause) {
  if (!(cause instanceof ApiError)) return t('error.unreachable');
  const known = [`refusal.${cause.code}`, `error.${cause.status}`].find((key) => hasText(key));
  return t(known ?? 'error.refused');
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
