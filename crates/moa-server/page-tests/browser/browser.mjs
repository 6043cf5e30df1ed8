// Starts Chromium and opens the page in it.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/**
 * @returns {Promise<{open: (url: string, options?: object) => Promise<object>, close: () => Promise<void>}>}
 */
export async function startBrowser() {
  const folder = await mkdtemp(join(tmpdir(), 'moa-page-'));
  const launched = await chromium.launchPersistentContext(join(folder, 'first'), { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS, headless: true });
  const browser = launched.browser();
  return {
    /** Opens an address in a context of its own, and collects what goes wrong in it. */
    open: async (url, { width = 1280, height = 900, language = 'en', colours = 'light', settings = {}, scale = 1 } = {}) => {
      const context = browser
        ? await browser.newContext({ viewport: { width, height }, locale: language, colorScheme: colours, deviceScaleFactor: scale, reducedMotion: 'reduce', acceptDownloads: true })
        : launched;
      const page = await context.newPage();
      const problems = [];
      page.on('console', (message) => ['error', 'warning'].includes(message.type()) && problems.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
      page.on('request', (request) => {
        if (!request.url().startsWith(new URL(url).origin) && !/^(data|blob):/.test(request.url())) problems.push(`foreign request: ${request.url()}`);
      });
      page.setDefaultTimeout(Number(process.env.MOA_PAGE_TIMEOUT_MS ?? 15_000));
      await page.addInitScript((kept) => {
        for (const [name, value] of Object.entries(kept)) {
          if (localStorage.getItem(`moa.${name}`) === null) localStorage.setItem(`moa.${name}`, value);
        }
      }, settings);
      await page.goto(url);
      return { page, problems, close: () => context.close() };
    },
    close: async () => {
      await launched.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
