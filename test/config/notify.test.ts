import { describe, expect, test } from 'vitest';
import type { CliValues } from '../../src/config/given.js';
import { resolveSettings } from '../../src/config/resolve.js';
import type { Resolved } from '../../src/config/resolved.js';
import { memoryFiles } from '../helpers/memory-files.js';
import { refusalOf } from '../helpers/refusal.js';

const SLACK = 'https://hooks.slack.com/services/T00000000/B00000000/s3cr3ts3cr3ts3cr3t';
const NTFY = 'https://ntfy.example.com/topic?auth=s3cr3t';
const ALL = ['finished', 'failed', 'stopped', 'paused'];

interface World {
  readonly env?: Readonly<Record<string, string>>;
  /** `notify` in a configuration that is named, or found. */
  readonly named?: unknown;
  readonly found?: unknown;
  /** The content of the file `hooks`. */
  readonly hooks?: string;
}

function resolved(cli: CliValues, { env = {}, named, found, hooks = `${SLACK}\n` }: World = {}): Resolved<'enrich'> {
  const texts = {
    '/repo/hooks': hooks,
    '/repo/conf/hooks': hooks,
    ...(named !== undefined && { '/repo/conf/own.json': JSON.stringify({ notify: named }) }),
    ...(found !== undefined && { '/repo/case-tracker.config.json': JSON.stringify({ notify: found }) }),
  };
  const config = named === undefined ? {} : { config: 'conf/own.json' };
  return resolveSettings(
    'enrich',
    { files: ['c.json'], endpoint: 'demo', ...config, ...cli },
    { env, cwd: '/repo', files: memoryFiles(texts), stdin: { isTTY: false } },
  );
}

function told(cli: CliValues, world: World = {}): [string, readonly string[]][] {
  return resolved(cli, world).values.notify.map(({ url, on }) => [url, on]);
}

describe('where URLs come from', () => {
  test('a file: one a line, without blank lines and comments, whatever its line ends', () => {
    const hooks = `\uFEFF# our channels\r\n\r\n  ${SLACK}  \r\n# old: x\n${NTFY}`;
    expect(told({ notify: ['@hooks'] }, { hooks })).toEqual([
      [SLACK, ALL],
      [NTFY, ALL],
    ]);
  });

  test('the environment: a file, or URLs', () => {
    expect(told({}, { env: { CASE_TRACKER_NOTIFY: '@hooks' } })).toEqual([[SLACK, ALL]]);
    expect(told({}, { env: { CASE_TRACKER_NOTIFY: `${NTFY}\n${SLACK}` } })).toHaveLength(2);
  });

  test('a configuration that is named: texts, files and events', () => {
    const named = [{ url: NTFY, on: ['failed', 'stopped'] }, { url: '@hooks', on: ['paused'] }, { url: `${NTFY}&b=1` }];
    expect(told({}, { named })).toEqual([
      [NTFY, ['failed', 'stopped']],
      [SLACK, ['paused']],
      [`${NTFY}&b=1`, ALL],
    ]);
    expect(told({}, { named: '@hooks' })).toEqual([[SLACK, ALL]]);
    expect(told({}, { named: ['@hooks', NTFY] })).toHaveLength(2);
    expect(told({}, { named: [] })).toEqual([]);
  });

  test('the flag counts before the environment, and that before the file; --unset leaves both out', () => {
    const env = { CASE_TRACKER_NOTIFY: NTFY };
    expect(told({ notify: ['@hooks'] }, { env, named: [NTFY] })).toEqual([[SLACK, ALL]]);
    expect(told({}, { env, named: [SLACK] })).toEqual([[NTFY, ALL]]);
    expect(told({ unset: ['notify'] }, { env, named: [SLACK] })).toEqual([]);
  });

  test('one URL twice is told once, of the events of both', () => {
    expect(
      told(
        {},
        {
          named: [
            { url: SLACK, on: ['failed'] },
            { url: SLACK, on: ['paused', 'finished'] },
          ],
        },
      ),
    ).toEqual([[SLACK, ['finished', 'failed', 'paused']]]);
  });

  test('${NAME} in the configuration', () => {
    const env = { HOOK_KEY: 'k3yk3yk3y' };
    const settings = resolved({}, { named: [{ url: 'https://hooks.example.com/${HOOK_KEY}' }], env });
    expect(settings.values.notify[0]?.url).toBe('https://hooks.example.com/k3yk3yk3y');
    expect(settings.secrets).toContain('k3yk3yk3y');
  });
});

test('the URL is hidden, whole and in its parts; the origin is not', () => {
  const { secrets, sources, values } = resolved({ notify: ['@hooks'] });
  expect(secrets).toContain(SLACK);
  expect(secrets).toContain('/services/T00000000/B00000000/s3cr3ts3cr3ts3cr3t');
  expect(secrets).toContain('s3cr3ts3cr3ts3cr3t');
  expect(JSON.stringify(sources)).not.toContain('hooks.slack.com');
  expect(values.notify[0]?.origin).toBe('https://hooks.slack.com');
  expect(secrets).not.toContain('https://hooks.slack.com');
  expect(resolved({ notify: ['@hooks'] }, { hooks: 'https://h.example' }).secrets).toEqual([]);
});

describe('what is refused, by its place and never by its text', () => {
  const HOOKS = '--notify @hooks';
  test.each<[string, string, string]>([
    ['another scheme', 'ftp://h.example/s3cr3t', `${HOOKS}, line 1, is no https:// or http:// URL`],
    ['a file URL', '# x\n\nfile:///s3cr3t', `${HOOKS}, line 3, is no https:// or http:// URL`],
    ['user and password', 'https://me:s3cr3t@h.example/', `${HOOKS}, line 1, has a user name or password in its URL`],
    ['a user alone', 'https://s3cr3t@h.example/', `${HOOKS}, line 1, has a user name or password in its URL`],
    ['no URL', `${SLACK}\ns3cr3t`, `${HOOKS}, line 2, is no URL`],
    ['two on a line', 'https://h.example/a https://h.example/s3cr3t', `${HOOKS}, line 1, is no URL`],
    ['a fragment', 'https://h.example/#s3cr3t', `${HOOKS}, line 1, has a fragment in its URL`],
    ['nothing', '', '--notify: hooks has no URL'],
    ['comments alone', '# s3cr3t\n\n', '--notify: hooks has no URL'],
    ['too many', Array.from({ length: 51 }, (_, n) => `https://h.example/s3cr3t${n}`).join('\n'), 'names 51 URLs'],
  ])('%s', (_, hooks, words) => {
    const refusal = refusalOf(() => resolved({ notify: ['@hooks'] }, { hooks }));
    expect(refusal).toContain(words);
    expect(refusal).not.toContain('s3cr3t');
  });

  test('a URL on the command line, which others can see', () => {
    const refusal = refusalOf(() => resolved({ notify: [SLACK] }));
    expect(refusal).toContain('--notify takes the file of a URL: on the command line others can see it');
    expect(refusal).toContain('--notify @FILE reads that file, one URL a line; or set CASE_TRACKER_NOTIFY');
    expect(refusal).not.toContain('s3cr3t');
  });

  test('a file that is not there', () => {
    expect(refusalOf(() => resolved({ notify: ['@none'] }))).toContain('--notify: cannot read none');
  });

  test.each<[string, unknown, string]>([
    ['a number', 7, 'must be "@FILE", or an array of { "url", "on" }'],
    ['an object', { url: SLACK }, 'must be "@FILE", or an array'],
    ['an entry of another kind', [7], 'must be "@FILE", or an array'],
    ['no url', [{ on: ['failed'] }], 'must be "@FILE", or an array'],
    ['another member', [{ url: SLACK, events: [] }], 'has an unknown member "events"'],
    ['no event', [{ url: SLACK, on: [] }], 'has an "on" that is no array of events'],
    ['a text for events', [{ url: SLACK, on: 'failed' }], 'has an "on" that is no array of events'],
    ['an unknown event', [{ url: SLACK, on: ['finshed'] }], 'did you mean "finished"?'],
    [
      'another scheme',
      [{ url: SLACK }, { url: 'gopher://s3cr3t' }],
      '"notify", entry 2, in conf/own.json is no https:// or',
    ],
  ])('in the configuration: %s', (_, named, words) => {
    const refusal = refusalOf(() => resolved({}, { named }));
    expect(refusal).toContain('"notify"');
    expect(refusal).toContain(words);
    expect(refusal).not.toContain('s3cr3t');
  });

  test('a configuration that was found, rather than named, tells nobody', () => {
    expect(refusalOf(() => resolved({}, { found: [SLACK] }))).toContain(
      'sets "notify", which a file that was found may not',
    );
  });

  test('what is wrong in the environment', () => {
    expect(refusalOf(() => resolved({}, { env: { CASE_TRACKER_NOTIFY: 's3cr3t' } }))).toBe(
      refusalOf(() => resolved({}, { env: { CASE_TRACKER_NOTIFY: 'other' } })),
    );
  });
});
