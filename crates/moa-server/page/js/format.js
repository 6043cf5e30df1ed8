// Figures as a person reads them, in the page's language.

import { currentLanguage, t } from './i18n.js';

/** @param {number} value @returns {string} */
export function count(value) {
  return new Intl.NumberFormat(currentLanguage()).format(Math.round(value));
}

/**
 * Three digits that count: 0.83 s, 12.4 s, 3 min 20 s.
 * @param {number|null|undefined} ms
 * @returns {string}
 */
export function duration(ms) {
  if (ms === null || ms === undefined) return '–';
  if (ms < 1) return t('unit.milliseconds', { n: '<1' });
  if (ms < 1000) return t('unit.milliseconds', { n: Math.round(ms) });
  const seconds = ms / 1000;
  if (seconds < 60) return t('unit.seconds', { n: decimal(seconds, seconds < 10 ? 2 : 1) });
  const minutes = Math.floor(seconds / 60);
  return t('unit.minutes', { minutes: count(minutes), seconds: Math.round(seconds - minutes * 60) });
}

/**
 * @param {number} value @param {number} digits  The most digits behind the point.
 * @returns {string}
 */
export function decimal(value, digits = 1) {
  return new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: digits }).format(value);
}

/** @param {number|null} perSecond @returns {string} */
export function rate(perSecond) {
  return perSecond === null ? '' : t('unit.rate', { n: decimal(perSecond, perSecond < 100 ? 1 : 0) });
}

/**
 * Dollars with enough digits to tell small sums apart.
 * @param {number|null|undefined} usd
 * @returns {string} Empty where the price is not known.
 */
export function cost(usd) {
  if (usd === null || usd === undefined) return '';
  if (usd === 0) return '$0';
  const digits = usd >= 1 ? 2 : Math.min(6, 1 - Math.floor(Math.log10(usd)));
  return `$${new Intl.NumberFormat(currentLanguage(), { minimumFractionDigits: 2, maximumFractionDigits: digits }).format(usd)}`;
}

/** @param {number|null|undefined} bytes @returns {string} */
export function bytes(bytes) {
  if (bytes === null || bytes === undefined) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${decimal(bytes / 1000 ** power, power > 2 ? 2 : 0)} ${units[power]}`;
}

/** @param {number} share  From 0 to 1. @returns {string} */
export function percent(share) {
  return new Intl.NumberFormat(currentLanguage(), { style: 'percent', maximumFractionDigits: 0 }).format(share);
}

/**
 * When something happened: the time alone for today, the date too for other days.
 * @param {number} unixMs @param {Date} [today]
 * @returns {string}
 */
export function when(unixMs, today = new Date()) {
  const date = new Date(unixMs);
  const isToday = date.toDateString() === today.toDateString();
  const style = isToday ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' };
  return new Intl.DateTimeFormat(currentLanguage(), style).format(date);
}
