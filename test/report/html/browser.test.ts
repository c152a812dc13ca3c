import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printable } from '../../../src/text/printable.js';
import { type Browser, chromiumPath, startChromium } from '../../helpers/chromium.js';
import { failed, HOSTILE, hostileResults, htmlPage, invalid, viewOf } from '../../helpers/saved.js';
import { simulatedRun } from '../../helpers/simulated-run.js';

if (chromiumPath === undefined) {
  process.stderr.write(
    'No Chromium found: the tests of the HTML report in a browser are skipped (apt-get install chromium)\n',
  );
}

describe.skipIf(chromiumPath === undefined)('HTML report in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'case-tracker-html-'));
  let browser: Browser;
  let troubles: string[] = [];

  beforeAll(async () => {
    browser = await startChromium();
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens the page from disk and writes down everything that it should not do. */
  async function open(html: string, options: { hash?: string; width?: number } = {}): Promise<Page> {
    const file = join(folder, 'report.html');
    writeFileSync(file, html);
    troubles = [];
    const page = await browser.context.newPage();
    page.on('console', (message) => void troubles.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => void troubles.push(`error: ${String(error)}`));
    page.on('dialog', (dialog) => {
      troubles.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!/^(file:.*report\.html|blob:)/.test(request.url())) troubles.push(`request: ${request.url()}`);
    });
    await page.setViewportSize({ width: options.width ?? 1200, height: 900 });
    await page.goto(`${pathToFileURL(file).href}${options.hash ?? ''}`);
    return page;
  }

  const { results, view } = simulatedRun(2963);
  const report = htmlPage(view, results);
  const hostile = hostileResults(HOSTILE);
  const hostileReport = htmlPage(
    viewOf(hostile, { commandLine: HOSTILE.join(' '), hint: (group) => group.message }),
    hostile,
  );

  const shownIds = (page: Page): Promise<string[]> => page.locator('#rows tr.row th').allTextContents();
  const found = (page: Page): Promise<string> => page.locator('#found').innerText();

  test('hostile data is shown as text and does nothing', async () => {
    const page = await open(hostileReport);
    expect(await shownIds(page)).toEqual(HOSTILE.map(printable));
    for (const [index, text] of HOSTILE.entries()) {
      await page.locator('#rows tr.row').nth(index).dispatchEvent('click');
      expect(await page.locator('#rows .detail dd').first().textContent()).toBe(printable(text));
    }
    await page
      .locator('.chips button')
      .evaluateAll((chips) => chips.forEach((chip) => (chip as { click(): void }).click()));
    expect(await page.locator('img, svg[onload]').count()).toBe(0);
    await page.close();
    expect(troubles).toEqual([]);
  });

  test('the bar of every group, hostile or not, finds its cases', async () => {
    const page = await open(hostileReport);
    for (const bar of await page.locator('a.kind').all()) {
      await bar.dispatchEvent('click');
      await page.locator('#found', { hasText: /^[1-9]\d* of \d+ failed cases$/ }).waitFor();
    }
    await page.close();
    expect(troubles).toEqual([]);
  });

  describe('the search', () => {
    let page: Page;
    beforeAll(async () => {
      page = await open(report);
    });
    afterAll(() => page.close());

    test.each([
      ['kind:timeout', '3 of 19 failed cases'],
      ['status:503 status:422', '14 of 19 failed cases'],
      ['kind:http status:503', '7 of 19 failed cases'],
      ['id:CASE-03*', '3 of 19 failed cases'],
      ['ID:case-0334', '1 of 19 failed cases'],
      ['priority must', '7 of 19 failed cases'],
      ['"priority must be"', '7 of 19 failed cases'],
      ['file:*:335', '1 of 19 failed cases'],
      ['nothing like it', '0 of 19 failed cases'],
      ['', 'All 19 failed cases'],
    ])('for %j finds %s', async (query, expected) => {
      await page.fill('#query', query);
      expect(await found(page)).toBe(expected);
    });
  });

  test('search, chips and sorting are kept in the address and restored', async () => {
    const page = await open(report);
    await page.fill('#query', 'id:CASE-0*');
    await page.click('.chips button[data-token="kind:http"]');
    await page.click('th[data-sort=time] button');
    await page.click('th[data-sort=time] button');
    const [before, ids] = [await found(page), await shownIds(page)];
    expect(decodeURIComponent(new URL(page.url()).hash)).toBe('#q=id:CASE-0* kind:http&sort=-time');
    await page.reload();
    expect([await found(page), await shownIds(page)]).toEqual([before, ids]);
    expect(await page.locator('th[data-sort=time]').getAttribute('aria-sort')).toBe('descending');
    expect(await page.locator('.chips [aria-pressed=true]').allInnerTexts()).toEqual(['kind:http 14', 'id:CASE-0* ×']);
    await page.close();
    expect(troubles).toEqual([]);
  });

  test('ids can be downloaded as NDJSON', async () => {
    const page = await open(report, { hash: '#q=status:503' });
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n');
    expect(lines).toHaveLength(7);
    expect(JSON.parse(lines[0] ?? '')).toEqual({ id: 'CASE-0334' });
    await page.close();
    expect(troubles).toEqual([]);
  });

  test('pointing at a chart shows its numbers', async () => {
    const page = await open(report);
    await page
      .locator('#timeline .area')
      .first()
      .hover({ position: { x: 200, y: 60 } });
    expect(await page.locator('#timeline .tip').innerText()).toMatch(
      /^From\s+[\d.]+m?s\s+In flight\s+[\d.]+\s+Limit\s+50/,
    );
    await page.close();
    expect(troubles).toEqual([]);
  });

  test('50,000 failures: only some rows are in the document, all of them can be reached and searched', async () => {
    const all = Array.from({ length: 50_000 }, (_, index) => failed(index, { message: `no answer for ${index}` }));
    const page = await open(htmlPage(viewOf(all), all));
    expect(await found(page)).toBe('All 50,000 failed cases');
    expect((await shownIds(page)).length).toBeLessThan(60);
    await page.locator('#rows tr.row').nth(2).click();
    await page.locator('#rows').evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await page.locator('tr.row th', { hasText: /^CASE-49999$/ }).waitFor();
    await page.fill('#query', '"answer for 4321"');
    expect(await found(page)).toBe('11 of 50,000 failed cases');
    await page.close();
    expect(troubles).toEqual([]);
  });

  test.each([
    ['a run', report],
    ['hostile data', hostileReport],
  ])('at 360 px nothing of %s is wider than the screen', async (_, html) => {
    const page = await open(html, { width: 360 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.close();
  });

  test('at 390 px case and cause have all of the width, also with more rows than are drawn and one of them open', async () => {
    const all = Array.from({ length: 600 }, (_, index) => failed(index, { httpStatus: 503 }));
    const page = await open(htmlPage(viewOf(all), all), { width: 390 });
    await page.locator('#rows tr.row').first().click();
    await page.locator('#rows .detail').waitFor();
    const shown = await page.evaluate(`(() => {
      const heads = [...document.querySelectorAll('#rows thead th')].filter((head) => head.offsetParent !== null);
      const causes = [...document.querySelectorAll('#rows tr.row .cause')];
      const width = heads.reduce((sum, head) => sum + head.getBoundingClientRect().width, 0);
      return { heads: heads.length, unused: Math.round(document.querySelector('#rows table').getBoundingClientRect().width - width),
        cut: causes.filter((cause) => cause.scrollWidth > cause.clientWidth).length };
    })()`);
    expect(shown).toEqual({ heads: 2, unused: 0, cut: 0 });
    await page.setViewportSize({ width: 1200, height: 900 });
    await page.locator('#rows .detail td[colspan="6"]').waitFor();
    await page.close();
    expect(troubles).toEqual([]);
  });

  test('at 390 px a place is not broken between the name of the file and the number', async () => {
    const all = [
      invalid(0, 'id is empty; expected a non-empty string or an integer, and more of it', {
        source: { file: 'export.json', index: 50 },
      }),
    ];
    const page = await open(htmlPage(viewOf(all), all), { width: 390 });
    const place = page.locator('#invalid .place code');
    expect(await place.innerText()).toBe('export.json[50]');
    expect(await place.evaluate((node) => node.getClientRects().length)).toBe(1);
    await page.close();
  });

  test('in print the failed cases are there as a whole', async () => {
    const page = await open(report);
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await shownIds(page)).toHaveLength(19);
    await page.close();
  });

  test('without script the first failures, tiles and charts are there', async () => {
    const page = await open(report.replace(/<script>.*<\/script>/s, ''));
    expect(await page.locator('#rows tbody tr').count()).toBe(19);
    expect(await page.locator('.tools').isHidden()).toBe(true);
    expect(await page.locator('#timeline svg').first().isVisible()).toBe(true);
    await page.click('label[for=view-percentiles]');
    expect(await page.locator('.view-percentiles').isVisible()).toBe(true);
    expect(await page.locator('.view-histogram').isVisible()).toBe(false);
    await page.close();
    expect(troubles).toEqual([]);
  });
});
