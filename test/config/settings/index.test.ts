import { describe, expect, test } from 'vitest';
import { optionsOf, nodeOf } from '../../../src/cli/tree.js';
import { COMMAND_NAMES, type CommandName, configurationKeys, settingsOf } from '../../../src/config/settings/index.js';
import { environmentName, flagName } from '../../../src/config/settings/setting.js';

const GLOBAL = ['config', 'unset', 'log-level', 'verbose', 'log-format', 'quiet', 'progress', 'color'];
const SELECTION = ['status', 'priority', 'assignee', 'tag', 'id', 'overdue', 'where', 'first', 'shard'];
const READING = ['root', 'input-format', 'delimiter', 'encoding', 'id-field', 'query'];
const WORKER = ['queue', 'follow', 'lease', 'max-deliveries', 'max-results', 'queue-timeout'];
const REPORT = [
  'format',
  'output',
  'fields',
  'into',
  'formula-guard',
  'expect',
  'exit-code',
  'allow-failures',
  'follow',
  'output-wait',
];
const QUEUE = ['queue', 'queue-timeout', 'ca'];
const LIVE = ['live', 'live-port', 'live-host', 'live-token', 'live-control', 'live-linger'];

const ENRICH = [
  'endpoint',
  'limit',
  'concurrency',
  'timeout',
  'deadline',
  'max-time',
  'retries',
  'backoff',
  'max-backoff',
  'max-retry-after',
  'max-outage',
  'rate',
  'adaptive',
  'method',
  'body',
  'retry-unsafe',
  'header',
  'into',
  'pick',
  'response-schema',
  'cert',
  'key',
  'pfx',
  'key-passphrase',
  'token-command',
  'token-file',
  'token-header',
  'token-refresh-on',
  'oauth2-token-url',
  'oauth2-client-id',
  'oauth2-client-secret',
  'oauth2-scope',
  'oauth2-audience',
  'oauth2-auth',
  'ca',
  'max-response-size',
  'accept-status',
  'poll',
  'poll-url',
  'poll-until',
  'poll-failed',
  'poll-interval',
  'poll-timeout',
  'poll-limit',
  'on-failure',
  'max-failures',
  'allow-failures',
  'dead-letter',
  'output-wait',
  'share-requests',
  'batch',
  'batch-key',
  'no-append-id',
  'output',
  'resume',
  'overwrite',
  'only',
  'refresh-after',
  'skip-if',
  'format',
  'fields',
  'formula-guard',
  'order',
  'grace',
  'dry-run',
  'notify',
  ...LIVE,
  'strict',
];

/** How each run of the API goes: all flags of enrich but those that say which cases and where to. */
const OF_OUTPUT = new Set([
  'dead-letter',
  'output-wait',
  'output',
  'resume',
  'overwrite',
  'only',
  'refresh-after',
  'skip-if',
  'format',
  'fields',
  'formula-guard',
  'order',
  'dry-run',
  ...LIVE,
]);
const API_RUN = [...ENRICH.filter((flag) => !OF_OUTPUT.has(flag)), 'root', 'id-field'];

describe('the contract', () => {
  test.each<[CommandName, readonly string[]]>([
    ['list', ['sort', 'fields', 'format', 'output', 'count', 'strict', 'formula-guard', ...SELECTION, ...READING]],
    ['enrich', [...ENRICH, ...WORKER, ...SELECTION, ...READING]],
    ['report', [...REPORT, ...QUEUE, ...READING]],
    ['enqueue', ['again', 'max-queue', ...QUEUE, ...SELECTION, ...READING]],
    ['queue', ['format', 'watch', ...QUEUE]],
    ['validate', ['format', ...READING]],
    ['api', ['dir', 'port', 'token', 'max-body', ...API_RUN]],
    ['serve', ['port', 'delay', 'faults', 'rate', 'token-life', 'data']],
    ['schema', ['table']],
    ['completion', []],
    ['help', []],
  ])('%s has its flags and no others', (command, flags) => {
    const found = optionsOf(nodeOf(command)).map((option) => option.flag);
    expect(found.toSorted()).toEqual([...flags, ...GLOBAL].toSorted());
  });

  test.each([
    ['limit', '10'],
    ['timeout', '5s'],
    ['deadline', '30s'],
    ['max-time', 'none'],
    ['retries', '2'],
    ['backoff', '200ms'],
    ['max-backoff', '10s'],
    ['max-retry-after', '60s'],
    ['rate', 'none'],
    ['method', 'GET'],
    ['into', 'enrichment'],
    ['max-response-size', '1MiB'],
    ['on-failure', 'collect'],
    ['allow-failures', '0'],
    ['output', 'stdout'],
    ['only', 'all'],
    ['format', 'auto'],
    ['order', 'by format'],
    ['grace', '10s'],
    ['log-level', 'warn'],
  ])('enrich --%s has the default %s', (flag, value) => {
    expect(optionsOf(nodeOf('enrich')).find((option) => option.flag === flag)?.default).toBe(value);
  });

  test('the configuration has the keys that are no flags, and none for arguments of the moment', () => {
    const keys = configurationKeys();
    for (const key of ['files', 'headers', 'fieldNames', 'maxFailures', 'concurrency'])
      expect(keys.has(key)).toBe(true);
    for (const key of ['config', 'name', 'shell', 'topic', 'header', 'verbose', 'help'])
      expect(keys.has(key)).toBe(false);
  });
});

const EVERY = COMMAND_NAMES.flatMap((command) =>
  settingsOf(command).map(([key, setting]) => ({ name: `${command} ${key}`, key, setting })),
);

test.each(EVERY)('$name: its default and its example can be parsed', ({ setting }) => {
  const { type } = setting;
  const example = type.example.replaceAll("'", '');
  // What stands in the file of a URL or of an access token is parsed, not its name.
  const named = type.file === '@urls' || type.ownFile === true;
  if (type.json.form !== 'names' && !named) expect(type.parse(example)).toMatchObject({ ok: true });
  if (setting.default !== undefined) expect(type.parse(setting.default)).toMatchObject({ ok: true });
});

test.each(COMMAND_NAMES)('%s: no flag, short form or variable stands for two things', (command) => {
  const options = optionsOf(nodeOf(command));
  const shorts = options.flatMap((option) => option.short ?? []);
  const names = options.flatMap((option) => option.environment ?? []);
  for (const all of [options.map((option) => option.flag), shorts, names]) expect(new Set(all).size).toBe(all.length);
});

test('help texts are one line without a full stop', () => {
  for (const { setting } of EVERY) expect(setting.help).toMatch(/^[^\n]*[^.\n]$/);
});

test('names follow from the key', () => {
  const [, setting] = settingsOf('enrich').find(([key]) => key === 'maxResponseSize') ?? [];
  expect(setting && flagName('maxResponseSize', setting)).toBe('max-response-size');
  expect(environmentName('max-response-size')).toBe('CASE_TRACKER_MAX_RESPONSE_SIZE');
});
