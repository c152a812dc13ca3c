// The Node floor: what undici's `dispatch` can do with an own handler, one client per worker, and nothing else: no file is
// read, nothing is checked, nothing is written. `node floor.mjs PORT CASES LIMIT`

import { Client } from 'undici';
import { Handler } from './handler.mjs';

const [, , port, cases, limit] = process.argv;
const total = Number(cases);
let next = 0;

async function worker() {
  const client = new Client(`http://127.0.0.1:${port}`, { headersTimeout: 0, bodyTimeout: 0 });
  while (next < total) {
    const path = `/enrichments/CASE-${String(next++).padStart(7, '0')}`;
    const chunk = await new Promise((resolve) => client.dispatch({ path, method: 'GET' }, new Handler(resolve)));
    chunk.toString();
  }
  await client.close();
}

await Promise.all(Array.from({ length: Number(limit) }, worker));
