// The endpoint when there is no nginx, and the one that takes its time: `node delay-server.mjs DELAY_MS`; never answers
// when the delay is `never`. A POST is a batch. Prints its port.

import { createServer } from 'node:http';

const [, , delay = '0'] = process.argv;
const BODY = JSON.stringify({
  score: 0.87,
  segment: 'enterprise',
  owner: 'team-7',
  related: [12, 40, 7],
  region: 'eu',
});
const HEADERS = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY) };

const server = createServer((request, response) => {
  const answer = () => {
    if (request.method === 'POST') void answerBatch(request, response);
    else response.writeHead(200, HEADERS).end(BODY);
  };
  if (delay === '0') answer();
  else if (delay !== 'never') setTimeout(answer, Number(delay));
});

/** One enrichment for each element of the array that was posted. */
async function answerBatch(request, response) {
  const parts = await request.toArray();
  const { length } = JSON.parse(Buffer.concat(parts).toString());
  response.writeHead(200, { 'content-type': 'application/json' }).end(`[${Array(length).fill(BODY).join(',')}]`);
}

server.keepAliveTimeout = 0;
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
