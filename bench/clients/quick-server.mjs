// An endpoint that costs less than its client: it looks for the ends of requests and answers each with the same bytes.
// `node quick-server.mjs BYTES [CERTIFICATE KEY]`: answers of about so many bytes, over TLS when there is a certificate.
// GET only. Prints its port.

import { readFileSync } from 'node:fs';
import { createServer as plainServer } from 'node:net';
import { createServer as tlsServer } from 'node:tls';

const [, , bytes, certificate, key] = process.argv;
const SMALL = { score: 0.87, segment: 'enterprise', owner: 'team-7', related: [12, 40, 7], region: 'eu' };
const END = '\r\n\r\n';

const body = JSON.stringify(Number(bytes) <= 100 ? SMALL : { ...SMALL, events: eventsOf(Number(bytes)) });
const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}${END}`;
const answer = Buffer.from(head + body);

/** What fills large answers in practice: a list of small objects, about 120 bytes each. */
function eventsOf(size) {
  const text = 'The customer has called about the order and the invoice';
  return Array.from({ length: Math.round(size / 122) }, (_, at) => ({
    id: 100_000 + at,
    type: at % 3 === 0 ? 'call' : 'email',
    open: at % 2 === 0,
    text,
    score: at / 8,
  }));
}

function serve(socket) {
  let rest = '';
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    const ends = (rest + chunk.toString('latin1')).split(END);
    rest = ends.pop();
    for (let left = ends.length; left > 0; left--) socket.write(answer);
  });
  socket.on('error', () => socket.destroy());
}

const server =
  certificate === undefined
    ? plainServer(serve)
    : tlsServer({ cert: readFileSync(certificate), key: readFileSync(key) }, serve);
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
