import { execFileSync } from 'node:child_process';

import { beforeEach, describe, expect, test, vi } from 'vitest';

import type { OutputStream } from '../../../src/host.js';
import { createLogger, logAttempt, type Logger, type LoggerOptions } from '../../../src/io/watch/log.js';
import { createStyle } from '../../../src/text/style.js';
import { FakeClock } from '../../helpers/clock.js';

let text: string;
let stream: OutputStream;

beforeEach(() => {
  text = '';
  stream = {
    isTTY: false,
    write: (more) => {
      text += String(more);
      return Promise.resolve();
    },
  };
});

function logger(more: Partial<LoggerOptions> = {}): Logger {
  return createLogger({
    level: 'trace',
    format: 'json',
    stream,
    clock: new FakeClock(),
    style: createStyle(false),
    redact: (raw) => raw.replaceAll('s3"cret', '***'),
    ...more,
  });
}

const attempt = {
  caseId: 'CASE-1',
  requestId: 'r-1',
  attempt: 1,
  operation: 'GET /cases/{id}',
  durationMs: 12.5,
  outcome: 'http 503',
};

test('JSON: every line is one JSON object with level, time and message, in order', async () => {
  const log = logger();
  log.info({ run: 'r1' }, 'started');
  logAttempt(log, attempt);
  log.error({ err: new Error('gone') }, 'over');
  await log.flush();
  log.trace({}, 'later, when pino is there');
  await log.flush();
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toMatchObject([
    { level: 'info', time: '2026-11-22T09:30:00.000Z', run: 'r1', msg: 'started' },
    { level: 'debug', ...attempt, msg: 'attempt' },
    { level: 'error', err: { type: 'Error', message: 'gone' }, msg: 'over' },
    { level: 'trace', msg: 'later, when pino is there' },
  ]);
});

test('pretty: one line of text, values that need it quoted', async () => {
  const log = logger({ format: 'pretty' });
  logAttempt(log, attempt);
  log.warn({ wait: 3, list: ['a b'], odd: 'x=y', none: null, empty: '' }, 'slow down');
  await log.flush();
  expect(text).toBe(
    '09:30:00.000 DEBUG attempt  caseId=CASE-1 requestId=r-1 attempt=1 operation="GET /cases/{id}" durationMs=12.5 outcome="http 503"\n' +
      '09:30:00.000 WARN  slow down  wait=3 list=["a b"] odd="x=y" none=null empty=""\n',
  );
});

test.each([
  ['auto', true, 'pretty'],
  ['auto', false, 'json'],
  ['json', true, 'json'],
  ['pretty', false, 'pretty'],
] as const)('--log-format %s, terminal %s: %s', async (format, isTTY, expected) => {
  const log = logger({ format, stream: { ...stream, isTTY } });
  log.info({}, 'hello');
  await log.flush();
  expect(text.startsWith('{') ? 'json' : 'pretty').toBe(expected);
});

test.each(['json', 'pretty'] as const)(
  '%s: a secret is hidden in message, values, names and errors',
  async (format) => {
    const log = logger({ format });
    const secret = 's3"cret';
    log.error({ header: `Bearer ${secret}`, nested: { list: [secret] }, [secret]: 1, err: new Error(secret) }, secret);
    await log.flush();
    expect(text).toContain('***');
    expect(text).not.toContain('cret');
  },
);

test.each(['json', 'pretty'] as const)(
  '%s: what is our own stays, though a secret may look like it',
  async (format) => {
    const log = logger({ format, redact: (raw) => raw.replaceAll(/debug|1/g, '***') });
    logAttempt(log, { ...attempt, caseId: 'CASE-1' });
    await log.flush();
    for (const own of format === 'json' ? ['"debug"', '"r-1"', '"attempt":1'] : ['DEBUG', 'r-1', 'attempt=1']) {
      expect(text).toContain(own);
    }
    expect(text).toContain('CASE-***');
  },
);

test.each(['json', 'pretty'] as const)('%s: control characters from outside are escaped', async (format) => {
  const hostile = '\u001b[2J\u009b2J\u202e\r\nnext';
  const log = logger({ format });
  log.info({ caseId: hostile, [hostile]: hostile }, hostile);
  await log.flush();
  // oxlint-disable-next-line no-control-regex
  expect(text).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u202e]+\n$/);
  if (format === 'json') expect(JSON.parse(text)).toMatchObject({ caseId: hostile, msg: hostile });
});

test('stacks are for debug', async () => {
  const quiet = logger({ level: 'info' });
  quiet.error({ err: new Error('gone') }, 'over');
  await quiet.flush();
  expect(text).not.toContain('log.test.ts');
  const debug = logger({ level: 'debug' });
  debug.error({ err: new Error('gone') }, 'over');
  await debug.flush();
  expect(text).toContain('log.test.ts');
});

test('lines go above the live lines while there are some', async () => {
  const above: string[] = [];
  let live = true;
  const log = logger({ format: 'pretty', progress: () => (live ? { notice: (line) => above.push(line) } : undefined) });
  log.info({}, 'one');
  await log.flush();
  live = false;
  log.info({}, 'two');
  await log.flush();
  expect(above).toEqual(['09:30:00.000 INFO  one']);
  expect(text).toBe('09:30:00.000 INFO  two\n');
});

test('a stream that fails is no reason to throw', async () => {
  const log = logger({ stream: { isTTY: false, write: () => Promise.reject(new Error('EPIPE')) } });
  log.info({}, 'one');
  await log.flush();
  log.info({}, 'two');
  await log.flush();
  expect(text).toBe('');
});

test('where pino cannot be loaded, for want of descriptors, lines are written without it', async () => {
  vi.doMock('pino', () => Promise.reject(Object.assign(new Error('too many open files'), { code: 'EMFILE' })));
  try {
    const log = logger();
    log.info({ run: 's3"cret' }, 'started');
    await log.flush();
    logAttempt(log, attempt);
    const lines = text.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: 'info', time: '2026-11-22T09:30:00.000Z', run: '***', msg: 'started' },
      { level: 'debug', time: '2026-11-22T09:30:00.000Z', ...attempt, msg: 'attempt' },
    ]);
  } finally {
    vi.doUnmock('pino');
  }
});

test('an error keeps its type, its own members and the message of its cause', async () => {
  const log = logger({ level: 'info' });
  log.error({ err: Object.assign(new TypeError('gone', { cause: new Error('s3"cret') }), { code: 'EPIPE' }) }, 'over');
  await log.flush();
  expect(JSON.parse(text)).toMatchObject({ err: { type: 'TypeError', message: 'gone: ***', code: 'EPIPE' } });
});

test('pretty: an error is told in one line', async () => {
  const log = logger({ level: 'info', format: 'pretty' });
  log.error({ err: new Error('gone') }, 'over');
  await log.flush();
  expect(text).toBe('09:30:00.000 ERROR over  err={"type":"Error","message":"gone"}\n');
});

describe('levels', () => {
  test.each([
    ['trace', ['trace', 'debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['silent', []],
  ] as const)('at %s: %j', async (level, expected) => {
    const log = logger({ level });
    const levels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
    for (const each of levels) log[each]({}, each);
    await log.flush();
    expect(levels.filter((each) => log.isEnabled(each))).toEqual(expected);
    expect([...text.matchAll(/"level":"(\w+)"/g)].map((match) => match[1])).toEqual(expected);
  });

  test('pino is loaded with the first line and not before', () => {
    const script = `
      import { createRequire } from 'node:module';
      import { createLogger } from './dist/io/watch/log.js';
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('/pino/'));
      const plain = (text) => text;
      const style = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain, cyan: plain };
      const clock = { now: () => 0, wallNow: () => 0, setTimer: () => ({ cancel() {} }) };
      const stream = { isTTY: false, write: () => Promise.resolve() };
      const log = createLogger({ level: 'warn', format: 'json', stream, clock, style, redact: plain });
      log.info({}, 'not written');
      await log.flush();
      const before = loaded();
      log.warn({}, 'written');
      await log.flush();
      process.stdout.write(JSON.stringify([before, loaded()]));`;
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(JSON.parse(out)).toEqual([false, true]);
  });
});
