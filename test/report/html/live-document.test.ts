import { readFileSync } from 'node:fs';
import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { pageScript } from '../../../src/commands/shared/page-script.js';
import { liveDocument, livePolicy } from '../../../src/report/html/live-document.js';

const script = pageScript('live');

test('the policy allows its script alone, and no frame', () => {
  expect(livePolicy(script)).toBe(
    `default-src 'none'; script-src ${script.source}; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  expect(livePolicy(script)).not.toMatch(/script-src[^;]*unsafe/);
});

test('the script stands in the page as the policy names it', () => {
  const page = liveDocument(script, { control: false, version: '0.1.0' });
  const [, inside = ''] = /<script>([\s\S]*)<\/script>/.exec(page) ?? [];
  expect(inside).toBe(readFileSync('dist/page/live.js', 'utf8'));
  expect(`'sha256-${hash('sha256', inside, 'base64')}'`).toBe(script.source);
});

test('nothing in it is fetched, and nothing is sent from it but by the script', () => {
  const page = liveDocument(script, { control: true, version: '0.1.0' }).replace(script.text, '');
  expect(page).not.toMatch(/<(?:form|img|link|iframe|base)\b|\s(?:src|href|action)=|url\((?!#)/);
  expect(page.length).toBeLessThan(40_000);
});

test('only with control there is a button that stops the run', () => {
  const shell = (control: boolean): string => liveDocument({ text: '', source: '' }, { control, version: '<b>' });
  expect(shell(true)).toContain('id="stop"');
  expect(shell(false)).not.toMatch(/id="stop"|<dialog/);
  expect(shell(true)).toContain('case-tracker &lt;b&gt;');
});
