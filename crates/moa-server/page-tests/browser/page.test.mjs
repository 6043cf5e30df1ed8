// Runs the scenarios in headless Chromium: against the development server, or the server that MOA_PAGE_URL names.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startServer } from '../server.mjs';
import { startBrowser } from './browser.mjs';
import { SCENARIOS } from './scenarios.mjs';

const given = process.env.MOA_PAGE_URL?.replace(/\/$/, '');
// Whether the models behind that server do what a word in brackets asks for, as the development server's do.
const obeys = !given || process.env.MOA_PAGE_OBEYS === '1';
const preset = process.env.MOA_PAGE_PRESET ?? (given ? 'tiny' : 'local');

describe('the page', () => {
  let browser;
  let server;
  before(async () => {
    server = given ? { url: given, close: async () => {} } : await startServer();
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const wanted = new RegExp(process.env.MOA_PAGE_ONLY ?? '');
  for (const scenario of SCENARIOS.filter(({ name }) => wanted.test(name))) {
    const skip = (scenario.needsFaults && given && 'wants faults on demand') || (scenario.needsWords && !obeys && 'wants models that obey words in brackets');
    test(scenario.name, { skip }, async (context) => {
      const { url } = server;
      const allowed = [];
      const fault = (faults) => fetch(`${url}/test/faults`, { method: 'POST', body: JSON.stringify(faults) });
      const { page, problems, close } = await browser.open(`${url}/`, { language: 'en', ...scenario.window });
      try {
        await scenario.run({ page, url, preset, fault, allow: (pattern) => allowed.push(pattern), report: (measured) => context.diagnostic(JSON.stringify(measured)) });
        assert.deepEqual(problems.filter((problem) => !allowed.some((pattern) => pattern.test(problem))), [], 'nothing in the console');
      } finally {
        await close();
        if (!given) await fault({ dropAfter: null, key: null, refuse: null });
      }
    });
  }
});
