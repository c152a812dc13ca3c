/** The clients that are compared, as command lines. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { caseId } from './cases.js';
import { isInstalled } from './child.js';

/** What a client is given to do. */
export interface Job {
  readonly port: number;
  readonly folder: string;
  /** NDJSON. */
  readonly file: string;
  readonly cases: number;
  readonly limit: number;
  /** The authority of an endpoint that speaks TLS. */
  readonly ca?: string;
}

export interface Client {
  readonly name: string;
  /** The client of this checkout that this one, of another revision, is paired with. */
  readonly revisionOf?: Client;
  argv(job: Job): string[];
  /** How many requests a run made, where that is not the number of cases. */
  requests?(stdout: string): number;
  /** Called before each run; what it returns hears what the run says on stderr. */
  listener?(): (text: string) => void;
  /** Called before each run, outside of what is measured. */
  prepare?(job: Job): Promise<void> | void;
}

const clientFile = (name: string): string => fileURLToPath(new URL(`../clients/${name}`, import.meta.url));

/** The run that people make: journal, retries armed, timeout, size cap, tally, plain progress. */
export function enrichArgv({ bin }: { readonly bin: string }, job: Job, ...more: string[]): string[] {
  const output = ['-o', join(job.folder, 'run.ndjson'), '--overwrite'];
  return [process.execPath, bin, 'enrich', job.file, ...callFlags(job), ...output, ...more];
}

/** Which endpoint, how many at once, and progress as in a script. */
export function callFlags({ port, limit, ca }: Job): string[] {
  const endpoint = `${ca === undefined ? 'http' : 'https'}://127.0.0.1:${port}/enrichments/{id}`;
  const trust = ca === undefined ? [] : ['--ca', ca];
  return ['--endpoint', endpoint, '--limit', String(limit), '--progress', 'plain', ...trust];
}

export const FLOOR: Client = {
  name: 'Node floor (undici dispatch, no checks)',
  argv: ({ port, cases, limit, ca }) => {
    const given = [`${port}`, `${cases}`, `${limit}`, ...(ca === undefined ? [] : [ca])];
    return [process.execPath, clientFile('floor.mjs'), ...given];
  },
};

export const FETCH: Client = {
  name: 'fetch + p-limit + AbortSignal.timeout',
  argv: ({ port, file, limit, folder }) => [
    process.execPath,
    clientFile('fetch-loop.mjs'),
    `${port}`,
    file,
    `${limit}`,
    join(folder, 'fetch.json'),
  ],
};

const AIOHTTP: Client = {
  name: 'Python aiohttp, workers',
  argv: ({ port, file, limit, folder }) => [
    '/usr/bin/python3',
    clientFile('aiohttp_loop.py'),
    `${port}`,
    file,
    `${limit}`,
    join(folder, 'aiohttp.ndjson'),
  ],
};

const CURL: Client = {
  name: 'curl --parallel (no report, no JSON)',
  argv: (job) => ['curl', '-sS', '-Z', '--parallel-max', `${job.limit}`, '-K', curlList(job)],
};

const WRK_SECONDS = 3;
const WRK: Client = {
  name: 'wrk (one URL, no work)',
  argv: ({ port, limit }) => [
    'wrk',
    '-t1',
    `-c${limit}`,
    `-d${WRK_SECONDS}s`,
    `http://127.0.0.1:${port}/enrichments/CASE-0000001`,
  ],
  requests: (stdout) => Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0),
};

/** Other people's clients that are installed here. */
export function peers(): Client[] {
  const found = [FETCH];
  if (hasAiohttp()) found.push(AIOHTTP);
  if (isInstalled('curl')) found.push(CURL);
  if (isInstalled('wrk')) found.push(WRK);
  return found;
}

function hasAiohttp(): boolean {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import aiohttp'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function curlList({ folder, port, cases }: Job): string {
  const path = join(folder, 'urls.txt');
  const urls = Array.from({ length: cases }, (_, at) => `url = "http://127.0.0.1:${port}/enrichments/${caseId(at)}"`);
  writeFileSync(path, urls.map((url) => `${url}\noutput = /dev/null\n`).join(''));
  return path;
}
