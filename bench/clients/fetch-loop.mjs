// What everybody writes: fetch, p-limit, AbortSignal.timeout, one JSON file at the end.
// `node fetch-loop.mjs PORT CASES.ndjson LIMIT OUTPUT`

import { readFileSync, writeFileSync } from 'node:fs';
import pLimit from 'p-limit';

const [, , port, file, limit, output] = process.argv;
const cases = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
const slots = pLimit(Number(limit));

async function enrich(aCase) {
  const url = `http://127.0.0.1:${port}/enrichments/${encodeURIComponent(aCase.id)}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`${aCase.id}: ${response.status}`);
  return { ...aCase, enrichment: await response.json() };
}

const results = await Promise.all(cases.map((aCase) => slots(() => enrich(aCase))));
writeFileSync(output, JSON.stringify(results));
