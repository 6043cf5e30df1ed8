// Takes pictures of every view: light and dark, wide and narrow, English and Japanese.
//
//   node browser/screenshots.mjs [FOLDER] [NAME ...]

import { mkdir } from 'node:fs/promises';
import { startServer } from '../server.mjs';
import { startBrowser } from './browser.mjs';

const [folder = 'screenshots', ...only] = process.argv.slice(2);
const QUESTION = 'Why is the sky blue during the day but red at sunset? Answer in one short paragraph.';
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 360, height: 740, scale: 2 };

const server = await startServer({ speed: 1, recordings: process.env.RECORDINGS ?? new URL('../recordings', import.meta.url).pathname });
const browser = await startBrowser();
await mkdir(folder, { recursive: true });

const start = async (question, preset, scenario = null) => {
  await fetch(`${server.url}/test/faults`, { method: 'POST', body: JSON.stringify({ scenario }) });
  const response = await fetch(`${server.url}/api/runs`, { method: 'POST', body: JSON.stringify({ preset, messages: [{ role: 'user', content: question }] }) });
  return (await response.json()).run;
};
const ended = async (id) => {
  const events = await fetch(`${server.url}/api/runs/${id}/events`);
  await events.text();
};

// One after the other: what happens is set on the server.
const finished = {
  plain: await start(QUESTION, 'local'), other: await start(QUESTION, 'tiny'), states: await start('Which data structure fits a write-heavy workload?', 'moa', 'states'),
  failed: await start('Why is the sky blue?', 'local', 'fail'), japanese: await start('昼の空が青く、夕焼けが赤いのはなぜですか。短い一段落で答えてください。', 'local'), self: await start(QUESTION, 'self-moa'),
};
await Promise.all(Object.values(finished).map(ended));

const VIEWS = {
  ask: { place: '#/ask', wait: '.composer option' },
  layers: { place: `#/ask/${finished.plain}`, wait: '.composer option' },
  states: { place: `#/runs/${finished.states}`, wait: '.run-links' },
  failed: { place: `#/runs/${finished.failed}`, wait: '.run-links' },
  self: { place: `#/runs/${finished.self}`, wait: '.run-links' },
  trace: { place: `#/runs/${finished.plain}/trace`, wait: '.spans' },
  timeline: { place: `#/runs/${finished.states}/timeline`, wait: '.gantt' },
  runs: { place: '#/runs', wait: '.run-entry' },
  compare: { place: `#/runs/${finished.plain}/compare/${finished.other}`, wait: '.compare-table' },
  mixture: { place: '#/mixture/local', wait: '.estimate dd' },
  help: { place: '#/runs', wait: '.run-entry', act: (page) => page.keyboard.press('?') },
  again: { place: '#/runs', wait: '.run-entry', act: (page) => page.locator('.run-entry-actions button').first().click() },
  live: { before: () => start(QUESTION, 'local', 'slow'), place: (id) => `#/ask/${id}`, wait: '.layer:nth-of-type(1) .card[data-state="writing"]', pause: 1500 },
};
const LOOKS = {
  'light-wide': { ...WIDE, colours: 'light' },
  'dark-wide': { ...WIDE, colours: 'dark' },
  'light-narrow': { ...NARROW, colours: 'light' },
  'ja-dark-narrow': { ...NARROW, colours: 'dark', language: 'ja' },
  'ja-light-wide': { ...WIDE, colours: 'light', language: 'ja' },
};

for (const [view, { before, place, wait, act, pause = 300 }] of Object.entries(VIEWS)) {
  for (const [look, options] of Object.entries(LOOKS)) {
    const name = `${view}-${look}`;
    if (only.length > 0 && !only.some((wanted) => name.startsWith(wanted))) continue;
    const id = before ? await before() : null;
    const { page, problems, close } = await browser.open(`${server.url}/${typeof place === 'function' ? place(id) : place}`, options);
    await page.locator(wait).first().waitFor({ state: 'attached' });
    await act?.(page);
    await page.waitForTimeout(pause);
    await page.screenshot({ path: `${folder}/${name}.png`, fullPage: !act });
    if (problems.length > 0) console.log(name, problems);
    await close();
  }
}
await browser.close();
await server.close();
