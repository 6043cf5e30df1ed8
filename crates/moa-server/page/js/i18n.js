// The page's words: every text that a person reads comes from here, in the language that was chosen.

import en from '../strings/en.js';
import ja from '../strings/ja.js';

const LANGUAGES = { en, ja };
let language = 'en';
let plurals = new Intl.PluralRules('en');

/** The languages that there are, each under the name that its speakers use. */
export const LANGUAGE_NAMES = { en: 'English', ja: '日本語' };

/** @param {string} wanted  A language tag; English where it is not known. */
export function setLanguage(wanted) {
  language = wanted in LANGUAGES ? wanted : 'en';
  plurals = new Intl.PluralRules(language);
}

/** @returns {string} The language that is in use. */
export function currentLanguage() {
  return language;
}

/**
 * The text for a key. `{name}` takes a value; a text with `one` and `other` is chosen by the value `n`.
 * @param {string} key
 * @param {Record<string, string|number>} [values]
 * @returns {string} The key itself where there is no text, so that a lack is seen.
 */
export function t(key, values = {}) {
  let text = LANGUAGES[language][key] ?? en[key] ?? key;
  if (typeof text === 'object') text = text[plurals.select(Number(values.count ?? values.n))] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * Whether there is a text for a key: words of the server, such as kinds of failures, may be newer than the page.
 * @param {string} key
 */
export function hasText(key) {
  return key in en;
}
