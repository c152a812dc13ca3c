// The least that reading NDJSON takes in one thread: a newline splitter over 64 KiB chunks and JSON.parse.
// `node splitter.mjs FILE`

import { createReadStream } from 'node:fs';

let count = 0;
let rest = '';
for await (const chunk of createReadStream(process.argv[2], { encoding: 'utf8', highWaterMark: 64 * 1024 })) {
  const text = rest + chunk;
  let from = 0;
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
    if (JSON.parse(text.slice(from, end)).id !== undefined) count++;
    from = end + 1;
  }
  rest = text.slice(from);
}
process.stdout.write(`${count}\n`);
