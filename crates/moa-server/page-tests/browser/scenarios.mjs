// What a person does with the page, and what must be seen then. Scenarios with `needsFaults` want the development server, those with
// `needsWords` models that do what a word in brackets asks for; the others run against any server.

import assert from 'node:assert/strict';

/** @typedef {{open: Function, url: string, preset: string, fault: (faults: object) => Promise<void>}} Stage */

async function ask(page, question, preset) {
  await page.locator('.composer select').first().selectOption(`preset:${preset}`);
  const prompt = page.locator('[data-role="prompt"]');
  await prompt.fill(question);
  await prompt.press('Enter');
  await page.waitForURL(/#\/ask\/.+/);
}

const isFinished = (page) => page.locator('.run-bar .pill:is([data-state="finished"], [data-state="degraded"])').waitFor();
const runOf = (page) => /#\/ask\/([^/]+)/.exec(page.url())[1];

/** Nothing may reach beyond the window's width. */
async function assertFits(page, what) {
  const excess = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const isClipped = (element) => {
      for (let parent = element.parentElement; parent; parent = parent.parentElement) {
        if (/auto|scroll|hidden|clip/.test(getComputedStyle(parent).overflowX)) return true;
      }
      return false;
    };
    const wide = [...document.querySelectorAll('main *, header *, footer *')].filter((element) => element.getBoundingClientRect().right > width + 1 && !isClipped(element)
      && !element.closest('svg, .visually-hidden'));
    return { scrolls: document.documentElement.scrollWidth - width, wide: wide.slice(0, 3).map((element) => `${element.tagName}.${element.className}`) };
  });
  assert.ok(excess.scrolls <= 0 && excess.wide.length === 0, `${what}: ${JSON.stringify(excess)}`);
}

/** Texts whose contrast with what lies behind them is below that of WCAG AA. */
function faintTexts() {
  const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  const painted = (colours) => {
    context.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
    }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest('.visually-hidden, :disabled, option, .skip');
  const faint = [];
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join('');
    if (text === '' || !isShown(element)) continue;
    const grounds = [];
    for (let behind = element; behind; behind = behind.parentElement) grounds.unshift(getComputedStyle(behind).backgroundColor);
    const style = getComputedStyle(element);
    const [one, two] = [luminance(painted(grounds)), luminance(painted([...grounds, style.color]))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (two + 0.05);
    const isLarge = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) faint.push(`${element.className || element.tagName}: ${text.slice(0, 30)} (${ratio.toFixed(2)})`);
  }
  return [...new Set(faint)];
}

export const SCENARIOS = [
  {
    name: 'a question is answered live: every agent on a card, arrows between the layers, the answer, and a second turn',
    run: async ({ page, preset }) => {
      await ask(page, 'Why is the sky blue?', preset);
      await page.locator('.card').first().waitFor();
      // The answer is there before the run has ended.
      await page.locator('.answer:not([hidden])').waitFor();
      await isFinished(page);
      const cards = await page.locator('.layer.proposers .card[data-state="done"]').count();
      assert.ok(cards >= 2, `${cards} cards are done`);
      assert.ok(await page.locator('.flow-line').count() >= 2, 'arrows');
      assert.ok((await page.locator('.answer .markdown').innerText()).length > 10, 'an answer');
      assert.match(await page.locator('.card .figures').first().innerText(), /token/);
      await page.locator('.card >> text=Open').first().click();
      await page.locator('dialog .markdown').waitFor();
      await page.keyboard.press('Escape');
      const first = runOf(page);
      const prompt = page.locator('[data-role="prompt"]');
      await prompt.fill('And on Mars?');
      await prompt.press('Enter');
      await page.waitForURL((url) => !url.hash.includes(first));
      await isFinished(page);
      assert.equal(await page.locator('.turn').count(), 2);
      assert.equal(await page.locator('h1').innerText(), 'And on Mars?');
    },
  },
  {
    name: 'Stop works at once and keeps what was written',
    run: async ({ page, preset }) => {
      await ask(page, '[slow] Write a long story about a lighthouse, as long as you can.', preset);
      await page.waitForFunction(() => document.querySelector('.card-text')?.innerText.length > 0);
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.locator('.pill[data-state="cancelled"]').waitFor();
      assert.equal(await page.locator('.stop:visible').count(), 0);
      assert.ok((await page.locator('.card-text').first().innerText()).length > 0);
      assert.equal(await page.locator('[data-role="prompt"]').inputValue(), '[slow] Write a long story about a lighthouse, as long as you can.');
    },
  },
  {
    name: 'history: a run is found, opened in each view, exported, asked again and deleted',
    run: async ({ page, preset, url }) => {
      const question = `What is a lighthouse for? ${Date.now()}`;
      await ask(page, question, preset);
      await isFinished(page);
      const id = runOf(page);
      const { presets } = await (await fetch(`${url}/api/presets`)).json();
      const aggregator = presets.find(({ name }) => name === preset).mixture.aggregator.model;
      await page.goto(`${url}/#/runs`);
      await page.getByRole('searchbox').fill(question);
      const entry = page.locator(`[data-run="${id}"]`);
      await entry.waitFor();
      await page.waitForFunction(() => document.querySelectorAll('.run-entry').length === 1);
      await entry.locator('a').click();
      await page.locator('.layers .card').first().waitFor();
      await page.getByRole('link', { name: 'Trace' }).first().click();
      await page.locator('.spans').waitFor();
      assert.equal((await page.locator('.spans .span').count()) > 0, true);
      assert.ok(await page.locator('.bar-fill').count() >= 3, 'bars of similarity');
      assert.ok(await page.locator('.columns .column').count() >= 1, 'answers side by side');
      await page.getByRole('link', { name: 'Timeline' }).click();
      await page.locator('.stretch.decode').first().waitFor();
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download as Chrome trace' }).click();
      assert.match((await download).suggestedFilename(), /\.trace\.json$/);
      await page.goto(`${url}/#/runs?query=${encodeURIComponent(question)}`);
      await entry.getByRole('button', { name: 'Again' }).click();
      // Whoever was the aggregator is proposed, and nobody who is not there.
      const dialog = page.getByRole('dialog');
      const now = dialog.getByRole('button', { name: 'Ask again' });
      await now.and(page.locator(':enabled')).waitFor();
      assert.equal(await dialog.getByLabel('Aggregator', { exact: true }).inputValue(), aggregator);
      assert.equal(await dialog.getByLabel('Answered by', { exact: true }).inputValue(), preset);
      await now.click();
      await page.waitForURL(/#\/ask\/.+/);
      await isFinished(page);
      const other = runOf(page);
      await page.goto(`${url}/#/runs/${id}/compare/${other}`);
      await page.locator('.compare-table').waitFor();
      await page.goto(`${url}/#/runs?query=${encodeURIComponent(question)}`);
      await entry.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await entry.waitFor({ state: 'detached' });
    },
  },
  {
    name: 'Japanese: every text of the page changes, and a question composed with an input method is not sent by Enter',
    run: async ({ page, preset, url }) => {
      await page.locator('[data-setting="language"]').selectOption('ja');
      assert.equal(await page.locator('h1').innerText(), '複数のモデルに同時に質問する');
      assert.equal(await page.evaluate(() => document.documentElement.lang), 'ja');
      const prompt = page.locator('[data-role="prompt"]');
      await prompt.fill('空はなぜ青い');
      await prompt.dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true });
      assert.match(page.url(), /#\/ask$|\/$/);
      await ask(page, '空はなぜ青いのですか。', preset);
      await isFinished(page);
      assert.ok((await page.locator('.answer h2').innerText()).includes('回答'));
      for (const place of ['#/runs', '#/mixture']) {
        await page.goto(`${url}/${place}`);
        await page.locator('h1').waitFor();
        const words = await page.locator('main').innerText();
        assert.doesNotMatch(words, /\b(Search|Compare|Again|Export|Delete|Add|Layer|Estimate)\b/, place);
      }
    },
  },
  {
    name: 'narrow: nothing is cut at 360 pixels in any view',
    window: { width: 360, height: 740 },
    run: async ({ page, preset, url }) => {
      await assertFits(page, 'ask');
      await ask(page, 'Why is the sky blue?', preset);
      await isFinished(page);
      await assertFits(page, 'layers');
      const id = runOf(page);
      for (const [place, sign] of [[`runs/${id}/trace`, '.spans'], [`runs/${id}/timeline`, '.gantt'], ['runs', '.run-entry'], ['mixture', '.board-layer']]) {
        await page.goto(`${url}/#/${place}`);
        await page.locator(sign).first().waitFor();
        await assertFits(page, place);
      }
    },
  },
  {
    name: 'dark: the switch and the system both change the colours, and text stays readable',
    window: { colours: 'dark' },
    run: async ({ page }) => {
      const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      const dark = await ground();
      await page.locator('[data-setting="theme"]').selectOption('light');
      const light = await ground();
      assert.notEqual(dark, light);
      await page.reload();
      assert.equal(await ground(), light);
      await page.locator('[data-setting="theme"]').selectOption('dark');
      assert.equal(await ground(), dark);
    },
  },
  ...['light', 'dark'].map((colours) => ({
    name: `every text has the contrast of WCAG AA in ${colours} colours, and every control has a name`,
    window: { colours },
    run: async ({ page, preset, url }) => {
      await ask(page, 'Why is the sky blue?', preset);
      await isFinished(page);
      const id = runOf(page);
      for (const [place, sign] of [[`ask/${id}`, '.run-links'], [`runs/${id}/trace`, '.spans'], [`runs/${id}/timeline`, '.gantt'], [`runs/${id}/compare/${id}`, '.compare-table'], ['runs', '.run-entry'], ['mixture', '.estimate dd'], ['ask', '.composer option']]) {
        await page.goto(`${url}/#/${place}`);
        await page.locator(sign).first().waitFor({ state: 'attached' });
        assert.deepEqual(await page.evaluate(faintTexts), [], place);
        const nameless = await page.evaluate(() => [...document.querySelectorAll('button, a, input, select, textarea')]
          .filter((control) => !(control.textContent.trim() || control.getAttribute('aria-label') || control.labels?.length)).map((control) => control.outerHTML.slice(0, 80)));
        assert.deepEqual(nameless, [], place);
        assert.equal(await page.locator('h1').count(), 1, place);
      }
    },
  })),
  {
    name: 'keyboard alone: a question is asked, a run is opened, an agent is moved in the editor',
    run: async ({ page, url, preset }) => {
      await page.goto(`${url}/#/mixture/${preset}`);
      await page.locator('.handle').first().waitFor();
      // An agent is moved from one layer to another.
      if ((await page.locator('.board-layer[data-layer]').count()) < 2) await page.getByRole('button', { name: 'Add a layer' }).click();
      await page.locator('h1').focus();
      for (let presses = 0; presses < 40; presses += 1) {
        await page.keyboard.press('Tab');
        if (await page.evaluate(() => document.activeElement.classList.contains('handle'))) break;
      }
      const names = (layer) => page.locator(`[data-layer="${layer}"] .agent-edit-name`).allInnerTexts();
      const [first] = await names(0);
      await page.keyboard.press('Space');
      await page.keyboard.press('ArrowRight');
      assert.equal((await names(0))[1], first);
      await page.keyboard.press('ArrowDown');
      assert.equal((await names(0)).includes(first), false);
      assert.ok((await names(1)).includes(first));
      await page.keyboard.press('Escape');
      assert.equal((await names(0))[0], first);
      await page.evaluate(() => document.activeElement.blur());
      await page.keyboard.press('r');
      await page.waitForURL(/#\/runs$/);
      // The address changes before the page learns of it.
      await page.waitForFunction(() => document.activeElement.tagName === 'H1');
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.keyboard.press('a');
      await page.locator('[data-role="prompt"]').waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.dataset.role), 'prompt');
      // The focus is always seen.
      await page.keyboard.press('Tab');
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
      assert.notEqual(outline, 'none');
    },
  },
  {
    name: 'mixture editor: a model is dragged onto a layer, the estimate follows, the mixture is tried and its TOML shown',
    run: async ({ page, url, preset }) => {
      await page.goto(`${url}/#/mixture/${preset}`);
      const grip = page.locator('.palette-grip').first();
      await grip.waitFor();
      // Models that can be asked come first, so the first one can be tried.
      assert.equal(await page.locator('.palette-item').first().getAttribute('data-ready'), 'true');
      const layer = page.locator('[data-layer="0"]');
      const before = await layer.locator('.agent-edit').count();
      const from = await grip.boundingBox();
      const to = await layer.boundingBox();
      await page.mouse.move(from.x + 20, from.y + 8);
      await page.mouse.down();
      await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 8 });
      await page.locator('.drop-mark').waitFor();
      await page.mouse.up();
      assert.equal(await layer.locator('.agent-edit').count(), before + 1);
      assert.equal(await page.locator('.trial .notice:visible').count(), 0);
      assert.equal(await page.locator('.ghost, .drop-mark').count(), 0);
      await page.locator('.estimate dd').first().waitFor();
      await layer.locator('text=Edit').first().click();
      await layer.getByLabel('Temperature').first().fill('0.2');
      const toml = await page.locator('.toml code').innerText();
      assert.ok(toml.includes(`[presets.my-${preset}]`) && toml.includes('temperature = 0.2'), toml);
      const layers = await page.locator('.board-layer[data-layer]').count();
      await page.getByRole('button', { name: 'Add a layer' }).click();
      assert.equal(await page.locator('.board-layer[data-layer]').count(), layers + 1);
      await page.getByRole('button', { name: `Remove layer ${layers + 1}` }).click();
      assert.equal(await page.locator('.board-layer[data-layer]').count(), layers);
      await page.getByRole('button', { name: 'Ask this mixture' }).click();
      await page.waitForURL(/#\/ask\/.+/);
      await page.locator('.card').first().waitFor();
      await isFinished(page);
      // What is asked further is asked of the same mixture, though it is no preset.
      const first = runOf(page);
      assert.equal(await page.locator('.composer select').first().inputValue(), 'moa:');
      await page.locator('[data-role="prompt"]').fill('And on Mars?');
      await page.locator('[data-role="prompt"]').press('Enter');
      await page.waitForURL((address) => !address.hash.includes(first));
      await page.locator('.layer.proposers .card').nth(before).waitFor();
    },
  },
  {
    name: 'a failed run says why, and what helps',
    needsFaults: true,
    run: async ({ page }) => {
      await ask(page, '[fail] Why?', 'local');
      await page.locator('.pill[data-state="failed"]').waitFor();
      const told = await page.locator('.run-end').innerText();
      assert.match(told, /Fewer answers than the layer needs/);
      assert.match(told, /What helps:.*moa doctor/s);
      assert.match(await page.locator('.card[data-state="failed"] .card-reason').first().innerText(), /does not know the model/);
      // In Japanese the page says it itself, and the server's English words are marked as such.
      await page.locator('[data-setting="language"]').selectOption('ja');
      const inJapanese = page.locator('.run-end');
      await inJapanese.getByText('レイヤーに必要な回答数に足りません').waitFor();
      assert.match(await inJapanese.locator('.hint').innerText(), /^対処: 回答が欠けた理由は/);
      assert.match(await inJapanese.locator('[lang="en"]').innerText(), /moa doctor/);
      assert.match(await page.locator('.card[data-state="failed"] .card-reason').first().innerText(), /モデルがありません。対処: 提供が終了/);
    },
  },
  {
    name: 'failed, dropped, retried, hedged, shortened, reused and set aside answers are told apart, with their reasons',
    needsFaults: true,
    run: async ({ page }) => {
      await ask(page, '[states] Why?', 'moa');
      await page.locator('.card[data-state="retrying"]').waitFor();
      await isFinished(page);
      const words = await page.locator('.layers').innerText();
      for (const sign of [/Retried once.*429/s, /Asked twice/, /Set aside/, /Reused/, /Given up/, /Failed/, /Cut short, but used/, /Shortened/, /\$0\.000/]) assert.match(words, sign);
      assert.equal(await page.locator('.layer').first().locator('.flow-cross').count() + await page.locator('.flow').first().locator('.flow-cross').count(), 3);
      assert.equal(await page.locator('.pill[data-state="degraded"]').count(), 1);
    },
  },
  {
    name: 'a dropped connection is told and resumed without loss or repetition',
    needsFaults: true,
    run: async ({ page, fault, allow }) => {
      allow(/ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION|net::/);
      await fault({ dropAfter: 60 });
      await ask(page, 'Why is the sky blue?', 'local');
      await page.locator('.connection:visible').waitFor();
      assert.match(await page.locator('.connection').innerText(), /reconnecting/);
      await fault({ dropAfter: null });
      await isFinished(page);
      const text = await page.locator('.layer.proposers').first().locator('.card-text').first().innerText();
      assert.equal(text.trim(), 'The sky is blue because air molecules scatter short waves of sunlight more strongly than long ones. At sunset the light passes through more air, so most of the blue is scattered away and red remains.');
      assert.equal((await page.locator('.answer .markdown').innerText()).split('Rayleigh').length, 2);
    },
  },
  {
    name: 'a key is asked for where the server needs one',
    needsFaults: true,
    run: async ({ page, fault, allow, url }) => {
      allow(/401/);
      await fault({ key: 'open sesame' });
      await page.goto(`${url}/?again#/runs`);
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Key').fill('open sesame');
      await dialog.getByRole('button', { name: 'Use this key' }).click();
      await page.locator('.run-list, .notice.empty').first().waitFor();
      await dialog.waitFor({ state: 'detached' });
    },
  },
  {
    name: 'an unreachable server is told, and tried again on request',
    needsFaults: true,
    run: async ({ page, fault, allow, url }) => {
      allow(/503/);
      await fault({ refuse: 503 });
      await page.goto(`${url}/?again#/runs`);
      await page.locator('.notice.failure').waitFor();
      await fault({ refuse: null });
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.locator('.run-entry, .notice.empty').first().waitFor();
    },
  },
  {
    name: 'script in proposals and answers stays text in every view',
    needsWords: true,
    run: async ({ page, url, preset }) => {
      await ask(page, '[script] Show me', preset);
      await isFinished(page);
      const id = runOf(page);
      await page.locator('.card >> text=Open').first().click();
      await page.locator('dialog .markdown').waitFor();
      await page.keyboard.press('Escape');
      assert.match(await page.locator('.answer .markdown').innerText(), /<script>window\.hacked = 1<\/script>/);
      for (const place of ['trace', 'timeline', `compare/${id}`]) {
        await page.goto(`${url}/#/runs/${id}/${place}`);
        await page.locator('.panel').first().waitFor();
      }
      await page.goto(`${url}/#/runs`);
      await page.locator('.run-entry').first().waitFor();
      assert.equal(await page.evaluate(() => window.hacked), undefined);
      assert.equal(await page.locator('main script, main img, main iframe, main style, a[href^="javascript"]').count(), 0);
    },
  },
  {
    name: 'a run of 100,000 tokens stays smooth',
    needsFaults: true,
    run: async ({ page, report }) => {
      page.setDefaultTimeout(120_000);
      await page.evaluate(() => {
        window.frames_ = [];
        let before = performance.now();
        const next = (now) => {
          window.frames_.push(now - before);
          before = now;
          requestAnimationFrame(next);
        };
        requestAnimationFrame(next);
        window.longTasks_ = [];
        new PerformanceObserver((list) => window.longTasks_.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
      });
      await ask(page, '[long] Tell me all', 'local');
      await isFinished(page);
      const measured = await page.evaluate(() => {
        const sorted = [...window.frames_].sort((a, b) => a - b);
        const at = (share) => Math.round(sorted[Math.floor(sorted.length * share)] * 10) / 10;
        return {
          frames: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), longest: Math.round(sorted.at(-1)),
          longTasks: window.longTasks_.length, longestTask: Math.max(0, ...window.longTasks_), nodes: document.querySelectorAll('*').length,
        };
      });
      report(measured);
      const tokens = await page.locator('.run-figures').innerText();
      assert.match(tokens, /\b10\d,\d{3} tokens/);
      // What the cards show is capped; the answer is whole.
      assert.ok((await page.locator('.card-text').first().innerText()).length < 10_000);
      assert.ok((await page.locator('.answer .markdown').evaluate((element) => element.textContent.length)) > 200_000);
    },
  },
];
