import { expect, test } from 'vitest';
import { isLoopbackName } from '../../src/text/loopback.js';

test.each(['localhost', 'LocalHost', '127.0.0.1', '127.0.0.0', '127.255.255.255', '127.1.2.34', '::1', '[::1]'])(
  '%s is this machine',
  (host) => expect(isLoopbackName(host)).toBe(true),
);

test.each([
  '',
  'localhost.',
  'a.localhost',
  'localhost.example.com',
  '127.example.com',
  '127.0.0.1.example.com',
  '127.0.0',
  '127.0.0.256',
  '127.0.0.01',
  '127.0.0.1\n',
  '10.0.0.1',
  '0.0.0.0',
  '::',
  '[::1',
  '::1]',
  '::ffff:127.0.0.1',
])('%j is not, or not plainly so', (host) => expect(isLoopbackName(host)).toBe(false));
