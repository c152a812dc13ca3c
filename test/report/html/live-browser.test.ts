import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { printable } from '../../../src/text/printable.js';
import { type Browser, chromiumPath, startChromium } from '../../helpers/chromium.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { HOSTILE } from '../../helpers/saved.js';
import {
  liveEnd,
  liveFailure,
  liveGroup,
  liveRow,
  liveSnapshot,
  liveState,
  liveUpdate,
} from '../../helpers/live-messages.js';
import { LiveServer, TOKEN } from '../../helpers/live-server.js';
import { STORY } from '../../helpers/live-story.js';

describe.skipIf(chromiumPath === undefined)('live page in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let troubles: string[] = [];

  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());
  afterEach(() => page.close());

  /** Opens an address and writes down everything that the page should not do, refusals by its policy among it. */
  async function open(address: string, width = 1200): Promise<Page> {
    troubles = [];
    page = await browser.context.newPage();
    page.on('pageerror', (error) => void troubles.push(`error: ${String(error)}`));
    page.on('console', (message) => void troubles.push(`console: ${message.text()}`));
    page.on('dialog', (dialog) => {
      troubles.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      const { origin } = new URL(address);
      if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith('blob:')) troubles.push(request.url());
    });
    await page.addInitScript(
      "addEventListener('securitypolicyviolation', (event) => console.log(event.violatedDirective))",
    );
    await page.setViewportSize({ width, height: 900 });
    await page.goto(address);
    return page;
  }

  const text = (selector: string): Promise<string> => page.locator(selector).innerText();
  const headline = (words: string | RegExp): Promise<void> => page.locator('#headline', { hasText: words }).waitFor();
  const elements = (): Promise<number> => page.locator('*').count();

  describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
    test.each([
      ['start', '151 of 2,963 cases done, all well so far', 'going'],
      ['middle', '1,842 of 2,963 cases done, 14 not enriched so far', 'bad'],
      ['outage', '1,842 of 2,963 cases done, 14 not enriched so far', 'bad'],
      ['end', '14 of 2,963 cases were not enriched', 'bad'],
    ] as const)('%s: verdict, numbers, nothing wider than 360 px', async (moment, words, mood) => {
      await using server = await LiveServer.open(STORY[moment]);
      await open(server.address, 360);
      await page.emulateMedia({ colorScheme });
      await headline(words);
      expect(await page.locator('#verdict').getAttribute('class')).toBe(`verdict ${mood}`);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      const [red = 0] =
        (await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).match(/\d+/g) ?? [];
      expect(Number(red) > 128).toBe(colorScheme === 'light');
      expect(troubles).toEqual([]);
    });
  });

  test('a pause and its end, an outage and its end stand in a line of their own, and are read out', async () => {
    await using server = await LiveServer.open([liveSnapshot()]);
    await open(server.address);
    await headline('The run has begun');
    const outage = { sinceMs: 0, nextTryMs: 5000, tries: 4, for: 'connection refused' };
    server.say(
      liveUpdate(2, { state: liveState({ done: 2, enriched: 2, pause: { for: '429', asked: true, leftMs: 9000 } }) }),
    );
    await page
      .locator('#notices', { hasText: 'Paused 429 from the endpoint: calls wait 9s more, as it asked' })
      .waitFor();
    expect(await page.locator('#said').textContent()).toMatch(/^Paused: 429/);
    server.say(liveUpdate(3, { state: liveState({ done: 2, enriched: 2, outage }) }));
    await page.locator('#notices', { hasText: 'Endpoint down connection refused' }).waitFor();
    expect(await page.locator('#said').textContent()).toBe('The endpoint is down. The pause is over');
    server.say(liveUpdate(4, { state: liveState({ done: 3, enriched: 3 }) }));
    await headline('3 cases done, all well so far');
    expect(await page.locator('.notice').count()).toBe(0);
    expect(await page.locator('[aria-live]').count()).toBe(1);
    expect(troubles).toEqual([]);
  });

  test('texts of cases and of the endpoint are shown as text and do nothing', async () => {
    const texts = [...HOSTILE, '<!channel> <script>alert(1)</script>', '\u202Egnp.exe', 'x'.repeat(10_000)];
    const groups = texts
      .slice(0, 20)
      .map((bad, at) =>
        liveGroup(at, 100 - at, { label: bad, message: bad, words: bad, examples: [bad, bad, bad], hint: bad }),
      );
    const failures = texts.map((bad, at) => liveFailure(at, { caseId: bad, label: bad, message: bad }));
    const [bad = ''] = texts.slice(-3);
    await using server = await LiveServer.open([
      liveSnapshot({ groups, failures, state: liveState({ pause: { for: bad, asked: false, leftMs: 1 } }) }),
    ]);
    await open(server.address, 360);
    await page.locator('#last tr').first().waitFor();
    const ids = await page.locator('#last th code').allTextContents();
    expect(ids.length).toBe(Math.min(50, texts.length));
    expect(ids[0]).toBe(`${'x'.repeat(199)}…`);
    expect(ids.slice(1, 3)).toEqual([printable('\u202Egnp.exe'), '<!channel> <script>alert(1)</script>']);
    server.say(liveEnd({ verdict: { ok: false, text: bad, ended: bad }, next: [{ command: bad, what: bad }], groups }));
    await headline(bad);
    expect(await page.locator('img, body script:not(:last-of-type), svg[onload]').count()).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(troubles).toEqual([]);
  });

  test('100,000 failures: the document stays small, with the table of numbers open', async () => {
    const rows = Array.from({ length: 300 }, () => liveRow(1, 1, 1));
    const first = liveSnapshot();
    await using server = await LiveServer.open([{ ...first, series: { ...first.series, rows } }]);
    await open(server.address);
    await page.locator('.numbers summary').click();
    for (let seq = 2; seq <= 101; seq++) {
      // A feed tells the last 20 of them at most; here come five times as many.
      const failures = Array.from({ length: 100 }, (_, at) => liveFailure(seq * 1000 + at));
      const groups = Array.from({ length: 20 }, (_, at) => liveGroup(seq * 20 + at, seq * 10));
      const state = liveState({ done: (seq - 1) * 1000, failed: (seq - 1) * 1000, verdict: 'failing' });
      server.say(liveUpdate(seq, { failures, groups, state, firstRow: 300 }));
    }
    await headline('100,000 cases done, 100,000 not enriched so far');
    expect(await page.locator('.numbers tbody tr').count()).toBeGreaterThan(10);
    expect(await elements()).toBeLessThanOrEqual(2000);
    expect(await text('#failures-note')).toMatch(/^The last 50 of 100,000/);
    expect(troubles).toEqual([]);
  });

  test('the end: verdict, exit code, commands to copy; all of it stays when the process has gone, and is saved without script and token', async () => {
    const server = await LiveServer.open(STORY.middle);
    await open(server.address);
    await headline('1,842 of 2,963');
    server.say(...STORY.end);
    await headline('14 of 2,963 cases were not enriched');
    await server[Symbol.asyncDispose]();
    expect(await text('#facts')).toMatch(/^Exit code\s+1\s+Ended\s+complete/);
    expect(await page.title()).toBe('✗ 14 of 2,963 cases were not enriched · case-tracker');
    expect(await page.locator('#said').textContent()).toMatch(/^The run has ended, exit code 1/);
    await page.locator('#commands button').first().click();
    await page.locator('#commands button', { hasText: 'Copied' }).waitFor();
    expect(await page.locator('.notice').count()).toBe(0);
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
    expect(download.suggestedFilename()).toMatch(/^case-tracker-[\w-]+\.html$/);
    const saved = readFileSync(await download.path(), 'utf8');
    expect(saved).not.toContain(TOKEN);
    expect(saved).not.toMatch(/<script|<button|<input|<dialog/i);
    expect(troubles).toEqual([]);
    await page.close();
    const file = join(temporaryFolder(), 'saved.html');
    writeFileSync(file, saved);
    await open(pathToFileURL(file).href);
    expect(await text('#headline')).toBe('14 of 2,963 cases were not enriched');
    expect(await text('#kinds')).toContain('→ slowest success took 4.6s: try --timeout 10s');
    expect(await page.locator('#charts svg').count()).toBe(3);
    expect(await page.locator('.numbers tbody tr').count()).toBe(48);
  });

  test('a process that dies without an end: the page says so, keeps what it has, and goes on with the next one at its place', async () => {
    const server = await LiveServer.open(STORY.middle);
    await open(server.address);
    await headline('1,842 of 2,963');
    const { port } = server;
    await server[Symbol.asyncDispose]();
    // The server's goodbye is a close code of 1000, as of one that is disposed of without an end.
    await page.locator('.notice.bad', { hasText: 'Disconnected' }).waitFor();
    expect(await text('#kinds')).toContain('http 422');
    expect(await page.locator('#save').isVisible()).toBe(true);
    await using _next = await LiveServer.open(STORY.start, { port });
    await page.reload();
    await headline('151 of 2,963 cases done');
  });

  test('a connection that is cut or has a gap: the page comes back by itself', async () => {
    await using server = await LiveServer.open([liveSnapshot()]);
    await open(server.address);
    await headline('The run has begun');
    server.cut();
    await page.locator('.notice', { hasText: /^Disconnected The process does not answer.*Try now$/ }).waitFor();
    await page.locator('.notice button').click();
    await page.locator('.notice').waitFor({ state: 'detached' });
    expect(server.joined).toBe(2);
    server.say(liveUpdate(7));
    await page.locator('.notice', { hasText: 'did not arrive' }).waitFor();
    await page.locator('.notice').waitFor({ state: 'detached' });
    expect(server.joined).toBe(3);
    expect(troubles).toEqual([]);
  });

  test('with another token it stops at once and says so; what is pasted in its place lets it in', async () => {
    await using server = await LiveServer.open(STORY.start);
    await open(`${server.url}/#another-token`);
    await page.locator('.notice', { hasText: 'Not let in' }).waitFor();
    expect(await page.locator('.notice button').isVisible()).toBe(false);
    expect(server.joined).toBe(0);
    await page.close();
    await open(`${server.url}/`);
    await page.locator('#way-in').waitFor();
    await page.keyboard.type('http://127.0.0.1:8484/');
    await page.keyboard.press('Enter');
    expect(await text('#paste-note')).toBe('There is no token in it: it stands after the #.');
    await page.fill('#pasted', server.address);
    await page.keyboard.press('Enter');
    await headline('151 of 2,963 cases done');
    expect(await page.evaluate('location.hash')).toBe(`#${TOKEN}`);
    expect(await page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])')).toBe('[{},{},""]');
    await page.reload();
    await headline('151 of 2,963 cases done');
    expect(troubles).toEqual([]);
  });

  test('with control the run is stopped by the keyboard, after a second question; without, there is no button', async () => {
    await using server = await LiveServer.open(STORY.start, { control: true });
    await open(server.address);
    await page.locator('#stop').focus();
    await page.keyboard.press('Enter');
    await page.locator('#confirm').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#confirm').waitFor({ state: 'hidden' });
    expect(server.stops).toBe(0);
    await page.keyboard.press('Enter');
    await page.locator('#confirm').waitFor();
    // Enter alone lets it go on.
    await page.keyboard.press('Enter');
    await page.locator('#confirm').waitFor({ state: 'hidden' });
    await page.keyboard.press('Enter');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.locator('#stop', { hasText: 'Stopping' }).waitFor();
    await expect.poll(() => server.stops).toBe(1);
    server.say(liveUpdate(2, { state: liveState({ phase: 'finishing', inFlight: 50 }) }));
    await page.locator('.notice', { hasText: 'No more cases are called; 50 calls in flight may end.' }).waitFor();
    expect(await page.locator('#stop').isVisible()).toBe(false);
    expect(troubles).toEqual([]);
    await page.close();
    await using readOnly = await LiveServer.open(STORY.start);
    await open(readOnly.address);
    await headline('151 of 2,963 cases done');
    expect(await page.locator('#stop, dialog').count()).toBe(0);
  });
});
