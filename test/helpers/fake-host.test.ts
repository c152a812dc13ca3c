import { readSync } from 'node:fs';
import { expect, test } from 'vitest';

import { fakeHost } from './fake-host.js';

test('standard input given as text is read by its descriptor, to its end', () => {
  const { host } = fakeHost({ stdin: '{"id":"A"}\n' });
  const buffer = Buffer.alloc(64);
  const size = readSync(host.stdin.fd, buffer);
  expect(buffer.toString('utf8', 0, size)).toBe('{"id":"A"}\n');
  expect(readSync(host.stdin.fd, buffer)).toBe(0);
  expect(host.stdin.isTTY).toBe(false);
});

test('a terminal has a width and tells when it changes', () => {
  const fake = fakeHost({ stderrTTY: true, columns: 100 });
  const widths: (number | undefined)[] = [];
  const stop = fake.host.stderr.onResize?.(() => widths.push(fake.host.stderr.columns));
  fake.resize(60);
  stop?.();
  fake.resize(20);
  expect(widths).toEqual([60]);
  expect(fake.host.stdout.columns).toBeUndefined();
});

test('output is kept whole although characters are cut between writes', async () => {
  const fake = fakeHost();
  const bytes = Buffer.from('é');
  await fake.host.stdout.write(bytes.subarray(0, 1));
  await fake.host.stdout.write(bytes.subarray(1));
  expect(fake.stdout()).toBe('é');
});

test('a closed stdout refuses with EPIPE, a signal without a listener is an error, an exit is known', async () => {
  const fake = fakeHost();
  fake.closeStdout();
  await expect(fake.host.stdout.write('x')).rejects.toMatchObject({ code: 'EPIPE' });
  expect(() => fake.signal('SIGINT')).toThrow('nobody listens');
  fake.host.exit(3);
  expect([fake.code(), await fake.exitCode]).toEqual([3, 3]);
});
