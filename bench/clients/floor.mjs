// The Node floor: what undici's `dispatch` can do with an own handler, one client per worker, and nothing else: no file is
// read, nothing is checked, nothing is written. `node floor.mjs PORT CASES LIMIT [CA]`, over https when there is a CA

import { readFileSync } from 'node:fs';
import { Client } from 'undici';
import { Handler } from './handler.mjs';

const [, , port, cases, limit, ca] = process.argv;
const total = Number(cases);
const origin = `${ca === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
const connect = ca === undefined ? {} : { connect: { ca: readFileSync(ca) } };
let next = 0;

async function worker() {
  const client = new Client(origin, { headersTimeout: 0, bodyTimeout: 0, ...connect });
  while (next < total) {
    const path = `/enrichments/CASE-${String(next++).padStart(7, '0')}`;
    const body = await new Promise((resolve) => client.dispatch({ path, method: 'GET' }, new Handler(resolve)));
    body.toString();
  }
  await client.close();
}

await Promise.all(Array.from({ length: Number(limit) }, worker));
