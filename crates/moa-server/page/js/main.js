// The page's start: its frame, and which view stands in it.

import { api, onKeyNeeded } from './api.js';
import { announce, h } from './dom.js';
import { LANGUAGE_NAMES, currentLanguage, setLanguage, t } from './i18n.js';
import { askForKey } from './parts/dialog.js';
import { link, parseRoute } from './router.js';
import { keepSetting, setting } from './settings.js';
import { listenForShortcuts, openHelp } from './shortcuts.js';
import { askView } from './views/ask.js';
import { compareView } from './views/compare.js';
import { mixtureView } from './views/mixture.js';
import { runView } from './views/run.js';
import { runsView } from './views/runs.js';
import { timelineView } from './views/timeline.js';
import { traceView } from './views/trace.js';

/**
 * @typedef {object} View
 * @property {HTMLElement} element
 * @property {string} title
 * @property {() => void} [release]  Called when the view is left.
 * @property {() => void} [entered]  Called when it is in the page, to place the focus elsewhere than on the heading.
 * @property {() => void} [stop]     Stops the run that it shows.
 */

/** @type {Record<string, (parameters: any) => View>} */
const VIEWS = { ask: askView, runs: runsView, run: runView, trace: traceView, timeline: timelineView, compare: compareView, mixture: mixtureView };
const SECTIONS = { ask: 'ask', runs: 'runs', run: 'runs', trace: 'runs', timeline: 'runs', compare: 'runs', mixture: 'mixture' };
const THEMES = ['auto', 'light', 'dark'];

const main = document.getElementById('main');
/** @type {View|null} */
let current = null;
let version = '';

function showRoute({ isFirst = false } = {}) {
  const route = parseRoute(location.hash);
  current?.release?.();
  current = VIEWS[route.name](route.parameters);
  main.replaceChildren(current.element);
  document.title = `${current.title} · moa`;
  for (const anchor of document.querySelectorAll('.site-nav a')) {
    if (anchor.dataset.section === SECTIONS[route.name]) anchor.setAttribute('aria-current', 'page');
    else anchor.removeAttribute('aria-current');
  }
  if (current.entered) {
    current.entered();
  } else if (!isFirst) {
    scrollTo(0, 0);
    main.querySelector('h1')?.focus({ preventScroll: true });
  }
}

function drawFrame() {
  document.documentElement.lang = currentLanguage();
  const nav = ['ask', 'runs', 'mixture'].map((name) => h('a', { href: link(name), data: { section: name } }, t(`nav.${name}`)));
  const language = h('select', { 'aria-label': t('setting.language'), data: { setting: 'language' }, on: { change: () => {
    keepSetting('language', language.value);
    setLanguage(language.value);
    drawFrame();
    showRoute();
    document.querySelector('[data-setting="language"]').focus();
  } } }, ...Object.entries(LANGUAGE_NAMES).map(([tag, name]) => h('option', { value: tag, lang: tag }, name)));
  language.value = currentLanguage();
  const theme = h('select', { 'aria-label': t('setting.theme'), data: { setting: 'theme' }, on: { change: () => {
    keepSetting('theme', theme.value);
    applyTheme(theme.value);
  } } }, ...THEMES.map((name) => h('option', { value: name }, t(`theme.${name}`))));
  theme.value = setting('theme', 'auto');
  document.getElementById('site-head').replaceChildren(
    h('a', { class: 'skip', href: '#main', on: { click: (event) => {
      event.preventDefault();
      main.focus();
    } } }, t('nav.skip')),
    h('a', { class: 'brand', href: link('ask'), 'aria-label': t('nav.home') }, 'moa'),
    h('nav', { class: 'site-nav', 'aria-label': t('nav.label') }, ...nav),
    h('div', { class: 'site-settings' }, language, theme,
      h('button', { type: 'button', class: 'quiet icon', 'aria-label': t('help.title'), on: { click: openHelp } }, '?')),
  );
  document.getElementById('site-foot').replaceChildren(h('p', { class: 'muted' }, t('foot.text', { version })));
}

function applyTheme(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function preferredLanguage() {
  const kept = setting('language', '');
  if (kept) return kept;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in LANGUAGE_NAMES) ?? 'en';
}

async function start() {
  setLanguage(preferredLanguage());
  onKeyNeeded(askForKey);
  drawFrame();
  addEventListener('hashchange', () => showRoute());
  addEventListener('offline', () => announce(t('state.offline')));
  listenForShortcuts({ stop: () => current?.stop?.() });
  showRoute({ isFirst: true });
  try {
    ({ version } = await api.info());
    drawFrame();
    const route = parseRoute(location.hash);
    document.querySelector(`.site-nav [data-section="${SECTIONS[route.name]}"]`)?.setAttribute('aria-current', 'page');
  } catch {
    // The view says that the server cannot be reached; the version is only an ornament.
  }
}

start();
