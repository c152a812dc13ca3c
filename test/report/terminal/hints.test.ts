import { describe, expect, test } from 'vitest';

import type { Failure } from '../../../src/core/case.js';
import { Case } from '../../../src/core/case.js';
import type { FailureGroup } from '../../../src/core/results/failure-groups.js';
import type { RunInfo } from '../../../src/core/results/run-info.js';
import { type CommandFacts, type HintContext, hintFor, originOf } from '../../../src/report/terminal/hints.js';
import { nextCommands, resumeArguments } from '../../../src/report/terminal/next-commands.js';
import { allGood, groupsOf, sampleCommand, sampleRun, sampleSummary } from '../../helpers/run-view.js';
import { failed, invalid } from '../../helpers/samples.js';

const context: HintContext = { run: sampleRun, summary: sampleSummary, command: sampleCommand, slowestSuccessMs: 610 };
const nothing = { enriched: 0, resumed: 0, failed: 14 };

function groupOf(failure: Partial<Failure> & Pick<Failure, 'kind'>): FailureGroup {
  return groupsOf([failed('a', { message: 'm', ...failure })]).groups()[0] as FailureGroup;
}

function hint(failure: Partial<Failure> & Pick<Failure, 'kind'>, more: Partial<HintContext> = {}): string | undefined {
  return hintFor(groupOf(failure), { ...context, ...more });
}

describe('the hint for a status', () => {
  test.each([
    [400, /fix them in the file, a retry will not help/],
    [401, /no header with credentials was sent: --header @FILE/],
    [404, /does not know these ids/],
    [405, /--method/],
    [407, /HTTPS_PROXY=/],
    [413, /--body/],
    [415, /content-type/],
    [429, /--limit 25 or --adaptive/],
    [302, /--endpoint/],
    [503, /again later with --resume/],
    [408, /again later with --resume/],
    [418, undefined],
  ])('%i', (httpStatus, expected) => {
    const text = hint({ kind: 'http', httpStatus });
    if (expected === undefined) expect(text).toBeUndefined();
    else expect(text).toMatch(expected);
  });

  test('401 and 403 name the header that was sent and where it came from, never its value', () => {
    const headers = [{ name: 'authorization', from: 'case-tracker.config.json' }, { name: 'x-team' }];
    const command = { ...sampleCommand, headers };
    expect(hint({ kind: 'http', httpStatus: 401 }, { command })).toBe(
      'sent authorization: *** from case-tracker.config.json, x-team: ***; is it right, and still valid?',
    );
    expect(hint({ kind: 'http', httpStatus: 403 }, { command })).toMatch(/may it read these cases\?$/);
  });

  test('a 401 after good calls names what renews a token, unless that is in use', () => {
    const headers = [{ name: 'authorization', from: '--header' }];
    const hintWith = (hasTokens: boolean, more: object = {}): unknown =>
      hint({ kind: 'http', httpStatus: 401 }, { command: { ...sampleCommand, headers, hasTokens }, ...more });
    expect(hintWith(false)).toBe(
      'sent authorization: *** from --header; has it ended? ' +
        '--token-command, --token-file or --oauth2-token-url renew it during the run',
    );
    const asked = 'sent authorization: *** from --header; is it right, and still valid?';
    expect([hintWith(true), hintWith(false, { summary: nothing })]).toEqual([asked, asked]);
  });

  test('404 for everything doubts the URL', () => {
    expect(hint({ kind: 'http', httpStatus: 404 }, { summary: nothing })).toBe(
      'no case was found there: is https://api.example.com/cases/{id} right?',
    );
  });

  test.each(['demo', 'demo:flaky'])('404 of %s tells which cases it knows', (endpoint) => {
    const run = { ...sampleRun, endpoint };
    expect(hint({ kind: 'http', httpStatus: 404 }, { run, summary: nothing })).toBe(
      'the demo endpoint knows the sample cases only, CASE-001 to CASE-040',
    );
  });

  test('without a journal there is nothing to resume', () => {
    const command = { ...sampleCommand, journal: false };
    expect(hint({ kind: 'http', httpStatus: 503 }, { command })).toBe('run again later');
  });

  test('429 with one call at a time and an adaptive limit leaves the rate', () => {
    const run: RunInfo = { ...sampleRun, limits: { ...sampleRun.limits, limit: 1, adaptive: true } };
    expect(hint({ kind: 'http', httpStatus: 429 }, { run })).toMatch(/try --rate 1\/s$/);
  });
});

describe('the hint for what was not retried', () => {
  test.each([
    ['budget', /again later with --resume/],
    ['deadline', /a case has 30s, waits included: try --deadline 1m$/],
    ['unsafe', /--retry-unsafe/],
  ] as const)('%s', (notRetried, expected) => {
    expect(hint({ kind: 'http', httpStatus: 503, notRetried })).toMatch(expected);
  });
});

describe('the hint for a timeout', () => {
  test.each([
    ['a success was nearly as slow', { phase: 'response' }, 4600, 'slowest success took 4.6s: try --timeout 10s'],
    ['nothing was answered', { phase: 'response' }, undefined, 'no call was answered within 5s: try --timeout 10s'],
    [
      'every success was fast',
      { phase: 'body' },
      610,
      'the others were answered within 610ms, so more time will hardly help: run again later with --resume; it calls only what is not enriched',
    ],
    [
      'there was no connection',
      { phase: 'connect' },
      610,
      'no connection to https://api.example.com: a firewall, a VPN, a proxy?',
    ],
    ['the case ran out of time', { phase: 'deadline' }, 610, 'a case has 30s, waits included: try --deadline 1m'],
  ] as const)('%s', (_, failure, slowestSuccessMs, expected) => {
    expect(hint({ kind: 'timeout', ...failure }, { slowestSuccessMs })).toBe(expected);
  });
});

describe('the hint for the network', () => {
  test.each([
    ['ECONNREFUSED', nothing, /is the server running\? --endpoint demo/],
    ['ECONNREFUSED', sampleSummary, /again later/],
    ['EMFILE', sampleSummary, /lower --limit, or a higher `ulimit -n`/],
    ['ENOTFOUND', nothing, /no such host: is https:\/\/api.example.com spelled right\?/],
    ['EAI_AGAIN', nothing, /name server/],
    ['ECONNRESET', sampleSummary, /--limit 25/],
    ['EHOSTUNREACH', nothing, /cannot be reached/],
    ['SELF_SIGNED_CERT_IN_CHAIN', nothing, /--ca FILE\.pem/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', nothing, /--ca FILE\.pem/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', nothing, /--ca FILE\.pem/],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', nothing, /--ca FILE\.pem/],
    ['CERT_HAS_EXPIRED', nothing, /expired/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', nothing, /another host name/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', nothing, /^http:\/\/ instead of https/],
    ['EWHATEVER', nothing, undefined],
  ] as const)('%s', (code, summary, expected) => {
    const text = hint({ kind: 'network', code }, { summary });
    if (expected === undefined) expect(text).toBeUndefined();
    else expect(text).toMatch(expected);
  });

  const TLS13 = 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED';
  test.each([
    ['ECONNRESET', 'https://h closed the connection in the TLS handshake (ECONNRESET)', /does it want a client certif/],
    ['ECONNRESET', 'https://h closed the connection right after the TLS handshake (ECONNRESET)', /--cert, --pfx$/],
    [TLS13, `https://h wants a client certificate (${TLS13})`, /^give a client certificate: --cert FILE --key FILE/],
    ['X', 'https://h refused the TLS handshake: it may want a client certificate (X)', /^give a client certificate/],
    ['X', 'https://h refused the TLS handshake (X)', /from an authority that the endpoint trusts/],
    ['X_EXPIRED', 'https://h does not accept the client certificate (X_EXPIRED)', /renew it/],
    ['X_UNKNOWN_CA', 'https://h does not accept the client certificate (X_UNKNOWN_CA)', /intermediate ones/],
  ] as const)('%s: %s', (code, message, expected) => {
    expect(hint({ kind: 'network', code, message })).toMatch(expected);
  });

  test('nginx says by a page that it wants a certificate, or does not accept the one that it got', () => {
    const page = (words: string) => `<html><head><title>400 ${words}</title></head></html>`;
    const hintOf = (words: string) => hint({ kind: 'http', httpStatus: 400, body: page(words) });
    expect(hintOf('No required SSL certificate was sent')).toMatch(/^give a client certificate: --cert/);
    expect(hintOf('The SSL certificate error')).toMatch(/from an authority that the endpoint trusts/);
    expect(hintOf('Bad Request')).toMatch(/^the endpoint refuses these cases/);
  });

  test('a proxy that fails', () => {
    const message = 'cannot connect to the proxy http://proxy:3128 (ECONNREFUSED)';
    expect(hint({ kind: 'network', code: 'ECONNREFUSED', message })).toMatch(/NO_PROXY/);
  });
});

describe('the hint for an answer', () => {
  const insecure = { run: { ...sampleRun, endpoint: 'http://api.example.com/{id}' } };
  test.each([
    ['a web page', { body: '<html>' }, {}, /credentials are missing/],
    [
      'too large',
      { message: 'the answer is larger than 1MiB' },
      { command: sized(2 ** 20) },
      'try --max-response-size 2MiB',
    ],
    ['too large, limit unknown', { message: 'the answer is too large' }, {}, 'see --max-response-size'],
    ['headers too large', { message: 'the headers of the answer are too large' }, {}, undefined],
    ['against the schema', { message: 'the answer does not satisfy the schema: /a' }, {}, /--response-schema/],
    [
      'nothing at the pointer of --poll-url',
      { message: 'the answer has nothing at /id, which --poll-url needs' },
      {},
      /^is the pointer in --poll-url right/,
    ],
    ['nothing at the pointer', { message: 'the answer has nothing at /data' }, {}, /--pick/],
    [
      'moved to https',
      { message: 'redirected to https: make the endpoint …' },
      insecure,
      "use https: --endpoint 'https://api.example.com/{id}'",
    ],
    [
      'moved elsewhere',
      { message: 'redirected to another origin, https://b' },
      insecure,
      /the address that it redirects to/,
    ],
    ['anything else', { message: 'the answer is not UTF-8' }, {}, undefined],
  ] as const)('%s', (_, failure, more, expected) => {
    const text = hint({ kind: 'response', ...failure }, more);
    if (expected === undefined) expect(text).toBeUndefined();
    else if (typeof expected === 'string') expect(text).toBe(expected);
    else expect(text).toMatch(expected);
  });

  test('suggests no size beyond the largest that is taken', () => {
    const tooLarge = { kind: 'response', message: 'the answer is larger than 200MiB' } as const;
    expect(hint(tooLarge, { command: sized(200 * 1024 ** 2) })).toBe('try --max-response-size 256MiB');
    expect(hint(tooLarge, { command: sized(256 * 1024 ** 2) })).toBe('no more can be read: ask the endpoint for less');
  });

  test('suggests no endpoint that is cut', () => {
    const endpoint = `http://a.example/${'x'.repeat(300)}/{id}`;
    const failure = { kind: 'response', message: 'redirected to https' } as const;
    expect(hint(failure, { run: { ...sampleRun, endpoint } })).toBe('use https: in --endpoint');
  });

  function sized(maxResponseBytes: number): CommandFacts {
    return { ...sampleCommand, maxResponseBytes };
  }
});

describe('the hint for invalid input', () => {
  test.each([
    ['the file', ['my cases.ndjson'], "case-tracker validate 'my cases.ndjson'"],
    ['standard input', ['-'], undefined],
  ])('from %s', (_, files, expected) => {
    const group = groupsOf([invalid({ file: 'f', line: 1 }, 'no id')]).groups()[0] as FailureGroup;
    expect(hintFor(group, { ...context, command: { ...sampleCommand, files } })).toBe(expected);
  });

  test('valid cases that cannot be sent are not for validate', () => {
    const result = { ...invalid({ file: 'f', line: 1 }, '{customer} is missing'), case: new Case('a', '{"id":"a"}') };
    const group = groupsOf([result]).groups()[0] as FailureGroup;
    expect(hintFor(group, context)).toMatch(/--endpoint and --body/);
  });
});

test('the origin of an endpoint', () => {
  expect(originOf('https://api.example.com:8443/a/{id}?x=1')).toBe('https://api.example.com:8443');
  expect(originOf('demo:flaky')).toBe('demo:flaky');
});

describe('the commands to go on with', () => {
  const commands = (command: Partial<CommandFacts>, run = sampleRun, summary = sampleSummary) =>
    nextCommands(run, summary, groupsOf([failed('a', { kind: 'http', message: '', retryable: true })]).groups(), {
      ...sampleCommand,
      ...command,
    }).map(({ command: line, what }) => `${line}  # ${what}`);

  test.each([
    [
      ['enrich', 'a', '--overwrite', '-o', 'r'],
      ['enrich', 'a', '-o', 'r', '--resume'],
    ],
    [
      ['enrich', '--resume', 'a'],
      ['enrich', 'a', '--resume'],
    ],
    [
      ['enrich', '-o', 'r', '--', '-a'],
      ['enrich', '-o', 'r', '--resume', '--', '-a'],
    ],
  ])('%j resumes as %j', (argv, expected) => {
    expect(resumeArguments(argv)).toEqual(expected);
  });

  test('none after a good run', () => {
    expect(commands({}, sampleRun, allGood)).toEqual([]);
  });

  test('none when --first cases were wanted and all of them are enriched', () => {
    expect(commands({}, { ...sampleRun, complete: false }, allGood)).toEqual([]);
  });

  test('nothing is to be kept of a run where nothing worked', () => {
    const facts = { argv: ['enrich', 'c.json'], output: undefined, journal: false };
    expect(commands(facts, sampleRun, { ...sampleSummary, enriched: 0 })).toEqual([]);
  });

  test('a run that was stopped goes on', () => {
    expect(commands({}, { ...sampleRun, complete: false, stoppedBy: 'signal' })[0]).toBe(
      'case-tracker enrich cases.ndjson -o run.ndjson --resume  # go on where it stopped',
    );
  });

  test('what is not worth another run waits for a cure', () => {
    const groups = groupsOf([failed('a', { kind: 'http', message: '' })]).groups();
    expect(nextCommands(sampleRun, { ...sampleSummary, failed: 1 }, groups, sampleCommand)[0]?.what).toBe(
      'try the one again, once the cause is mended',
    );
  });

  test.each([
    [
      'without an output file it is offered',
      { argv: ['enrich', 'c.json'], output: undefined, journal: false },
      ['case-tracker enrich c.json -o run.ndjson  # keep the results, so that --resume can go on'],
    ],
    ...[['-o', '-'], ['--output', '-'], ['-o-'], ['--output=-']].map(
      (flags): [string, Partial<CommandFacts>, string[]] => [
        `instead of ${flags.join(' ')}`,
        { argv: ['enrich', 'c.json', ...flags, '--limit', '3'], output: undefined, journal: false },
        ['case-tracker enrich c.json --limit 3 -o run.ndjson  # keep the results, so that --resume can go on'],
      ],
    ),
    [
      'but not where another format is asked for, or nothing is free',
      { argv: ['enrich', 'c.json'], output: undefined, journal: false, freeJournal: undefined },
      [],
    ],
    [
      'what the shell has opened for one run cannot be read again',
      { files: ['a.json', '/dev/fd/63'], output: undefined, journal: false },
      [],
    ],
    [
      'the report needs the same configuration, and a name that is no flag',
      { argv: [], output: '-run.ndjson', configFlags: ['--config', "it's.json"] },
      [
        String.raw`case-tracker report ./-run.ndjson --format html --config 'it'\''s.json' > -run.html  # see it in a browser`,
      ],
    ],
    ['a run that is not known cannot be repeated', { argv: [], output: undefined, journal: true }, []],
    ['standard input cannot be read again', { files: ['-'], output: undefined, journal: false }, []],
    [
      'a JSON report cannot be resumed, but seen',
      { output: "it's.json", journal: false },
      [String.raw`case-tracker report 'it'\''s.json' --format html > 'it'\''s.html'  # see it in a browser`],
    ],
    [
      'hidden secrets have to be put back',
      { argv: ['enrich', 'c', '--header', 'authorization: ***', '-o', 'run.ndjson'] },
      [
        "case-tracker enrich c --header 'authorization: ***' -o run.ndjson --resume  # try the 14 again; put in what is hidden by ***",
        'case-tracker report run.ndjson --format html > run.html  # see it in a browser',
      ],
    ],
  ])('%s', (_, command, expected) => {
    expect(commands(command)).toEqual(expected);
  });
});
