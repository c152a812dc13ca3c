import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { realClock } from '../../../src/host.js';
import { connectRedis } from '../../../src/io/queue/connection.js';
import { LinkLost } from '../../../src/io/queue/refusals.js';
import { checkServer, durabilityNotice, serverFacts } from '../../../src/io/queue/server-check.js';
import { FakeClock } from '../../helpers/clock.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { addressOf } from '../../helpers/queue.js';
import { freePort, redisVersion, type RedisServer, startRedis } from '../../helpers/redis-server.js';

let server: RedisServer;
beforeAll(async () => {
  if (redisVersion !== undefined) server = await startRedis();
});
afterAll(() => server?.close());

describe.skipIf(redisVersion === undefined)('a connection', () => {
  test('a Redis that hangs is lost after ten seconds, though its connection stays', async () => {
    const clock = new FakeClock();
    const lost: string[] = [];
    const connection = await connectRedis({
      address: addressOf(server.queue('q')),
      clock,
      lost: (why) => void lost.push(why),
    });
    onTestFinished(() => connection.destroy());
    server.suspend();
    onTestFinished(() => server.resume());
    const answer = connection.send(['PING']).catch((error: unknown) => error);
    clock.advance(9_999);
    expect(lost).toEqual([]);
    clock.advance(1);
    expect(await answer).toBeInstanceOf(LinkLost);
    expect(lost).toEqual(['no answer for 10 s']);
    expect(clock.timers).toBe(0);
  });

  test('certificates are checked, and a further authority can be trusted', async () => {
    const folder = temporaryFolder();
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const made = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      cert,
      ...subject,
    ];
    execFileSync('openssl', made, { stdio: 'ignore' });
    const plain = await startRedis();
    onTestFinished(() => plain.close());
    plain.cli(
      'CONFIG',
      'SET',
      'tls-cert-file',
      cert,
      'tls-key-file',
      key,
      'tls-ca-cert-file',
      cert,
      'tls-auth-clients',
      'no',
    );
    const port = await freePort();
    plain.cli('CONFIG', 'SET', 'tls-port', String(port));
    const options = { address: addressOf(`rediss://localhost:${port}/0#q`), clock: realClock, lost: () => {} };
    await expect(connectRedis(options)).rejects.toThrow(/self-signed|unable to verify/);
    const connection = await connectRedis({ ...options, ca: readFileSync(cert, 'utf8') });
    expect(await connection.send(['PING'])).toBe('PONG');
    connection.destroy();
  });
});

const INFO = 'redis_version:7.2.4\r\nrole:master\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n';

test.each([
  ['Redis 6', INFO.replace('7.2.4', '6.2.14'), 3, 'Redis 6.2.14 is too old'],
  ['a replica', INFO.replace('master', 'slave'), 3, 'is a replica'],
  [
    'an evicting one',
    INFO.replace('maxmemory:0', 'maxmemory:1').replace('noeviction', 'volatile-ttl'),
    2,
    'may throw cases away',
  ],
])('%s is refused', (_, info, exitCode, words) => {
  const check = (): void => checkServer(serverFacts(info), 'the queue');
  expect(check).toThrow(
    expect.objectContaining({ exitCode, message: expect.stringContaining(words) as string }) as Error,
  );
});

test('what a power cut costs is said where there is no append-only file', () => {
  expect(durabilityNotice(serverFacts(INFO))).toBeUndefined();
  expect(durabilityNotice(serverFacts(INFO.replace('aof_enabled:1', 'aof_enabled:0')))).toContain(
    'no append-only file',
  );
  expect(() => checkServer(serverFacts(INFO), 'the queue')).not.toThrow();
});
