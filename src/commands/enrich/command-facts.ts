/** Facts about the command line, from which the summary makes hints and follow-up commands. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { configFlags, inputFlags } from '../../config/provenance.js';
import type { Host } from '../../host.js';
import type { EnrichValues } from '../../config/resolved.js';
import { redactTexts } from '../../io/secrets/redact.js';
import type { CommandFacts } from '../../report/terminal/hints.js';
import { shareText } from '../shared/allowance.js';
import { tokenFacts } from './credentials.js';
import type { EndedRun } from './ended-run.js';

export function commandFacts({ settings, client, destination, host }: EndedRun): CommandFacts {
  const { values, sources, argv = [] } = settings;
  const from = sources['headers']?.where;
  const { files, deadLetter } = values;
  const token = tokenFacts(settings);
  const named = {
    argv,
    files,
    output: destination.file,
    deadLetter,
    inputFlags: inputFlags(sources),
    configFlags: configFlags(sources),
  };
  return {
    ...redactTexts(named, (text) => client.redact(text)),
    journal: destination.isJournal,
    freeJournal: freeJournal(settings.values, host.cwd),
    allowFailures: shareText(values.allowFailures),
    maxFailures: values.maxFailures === null ? undefined : shareText(values.maxFailures),
    leftOutMissing: destination.resumption?.counts.leftOutMissing,
    first: values.first,
    maxRetryAfterMs: values.maxRetryAfterMs,
    maxResponseBytes: values.maxResponseSize,
    headers: [
      ...values.headers.map(({ name }) => ({ name, from })),
      ...urlCredentials(values, sources['endpoint']?.where),
      ...(token === undefined ? [] : [{ name: token.header, from: token.from }]),
    ],
    hasTokens: token !== undefined,
    proxyFrom: proxyVariable(values.endpoint, host.env),
  };
}

/** User name and password in the endpoint's URL are a header, unless another one takes its place. */
function urlCredentials({ endpoint, headers }: EnrichValues, where = 'the URL'): { name: string; from: string }[] {
  const isReplaced = headers.some(({ name }) => name.toLowerCase() === 'authorization');
  const from = where === 'default' ? 'the URL' : `the URL of ${where}`;
  return isReplaced || !hasCredentials(endpoint) ? [] : [{ name: 'authorization', from }];
}

/** The variable whose proxy URL has credentials, if it is that of this endpoint. */
function proxyVariable(endpoint: string, env: Host['env']): string | undefined {
  const name = /^https:/i.test(endpoint) ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  return [name, name.toLowerCase()].find((variable) => hasCredentials(env[variable] ?? ''));
}

function hasCredentials(url: string): boolean {
  return /^[a-z]+:\/\/[^/?#]*@/i.test(url);
}

const JOURNAL_NAMES = ['run.ndjson', 'run-2.ndjson', 'run-3.ndjson', 'run-4.ndjson'];

/** A free file name for a journal that `-o` could name in the same command; undefined where the format does not allow one. */
function freeJournal({ format, order }: EnrichValues, cwd: string): string | undefined {
  const fits = (format === 'auto' || format === 'ndjson') && order !== 'input';
  return fits ? JOURNAL_NAMES.find((name) => !existsSync(resolve(cwd, name))) : undefined;
}
