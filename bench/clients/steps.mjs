// What each promise costs: the Node floor, and then one after another what enrich has to do for every case. Nothing here
// retries, paces, stops or reports. `node steps.mjs PORT FILE CASES LIMIT STEP JOURNAL`, STEP from 0 to 4:
//   0 the floor with a connection for each worker  1 + its three headers  2 + cases from the file, read by the reading thread
//   3 + the key of each request  4 + answers checked, result lines appended to a file before their slots are used again

import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Client } from 'undici';
import { openSource } from '../../dist/io/sources/file/file-source.js';
import { Handler } from './handler.mjs';

const [, , port, file, cases, limit, step, journal] = process.argv;
const total = Number(cases);
const does = { headers: step >= 1, reading: step >= 2, keys: step >= 3, results: step >= 4 };
const fd = does.results ? openSync(journal, 'w') : -1;
let made = 0;
let lines = [];
let written;

/** Cases one by one, from memory or from the file. */
async function* casesOf() {
  if (does.reading) for await (const batch of openSource({ files: [file] })) yield* batch;
  else for (let at = 0; at < total; at++) yield { case: { id: `CASE-${String(at).padStart(7, '0')}`, text: '' } };
}

const source = casesOf();
let batch = [];
let at = 0;
let filling;

/** The next case, without a promise while some are in hand. */
function take() {
  return at < batch.length ? batch[at++].case : refill().then(() => (at < batch.length ? batch[at++].case : undefined));
}

async function refill() {
  filling ??= (async () => {
    const next = [];
    for (let left = 256; left > 0; left--) {
      const { done, value } = await source.next();
      if (done) break;
      next.push(value);
    }
    [batch, at, filling] = [next, 0, undefined];
  })();
  await filling;
}

function headersOf() {
  if (!does.headers) return undefined;
  return ['accept', 'application/json', 'user-agent', 'case-tracker/0.0.0', 'x-request-id', `run-${++made}`];
}

function keyOf(path, text) {
  return does.keys ? hash('sha256', `GET ${path.length}:${path}${text.length}:${text}`, 'base64url').slice(0, 22) : '';
}

/** One write for all that is answered in one turn of the event loop. */
async function append(line) {
  lines.push(line);
  written ??= setImmediate().then(() => {
    writeSync(fd, `${lines.join('\n')}\n`);
    [lines, written] = [[], undefined];
  });
  await written;
}

function lineOf({ id, text }, chunk, key, startedAt) {
  if (!isUtf8(chunk)) throw new Error('not UTF-8');
  const answer = chunk.toString();
  JSON.parse(answer);
  const enriched = `${text.slice(0, text.lastIndexOf('}'))},"enrichment":${answer}}`;
  const ms = Math.round((performance.now() - startedAt) * 10) / 10;
  return `{"caseId":${JSON.stringify(id)},"status":"enriched","enrichedCase":${enriched},"error":null,"durationMs":${ms},"key":"${key}"}`;
}

async function worker() {
  const client = new Client(`http://127.0.0.1:${port}`, { headersTimeout: 0, bodyTimeout: 0 });
  for (let one = take(); ; one = take()) {
    if (one instanceof Promise) one = await one;
    if (one === undefined) break;
    const path = `/enrichments/${encodeURIComponent(one.id)}`;
    const key = keyOf(path, one.text);
    const startedAt = performance.now();
    const options = { path, method: 'GET', headers: headersOf() };
    const chunk = await new Promise((resolve) => client.dispatch(options, new Handler(resolve)));
    if (does.results) await append(lineOf(one, chunk, key, startedAt));
  }
  await client.close();
}

await Promise.all(Array.from({ length: Number(limit) }, worker));
