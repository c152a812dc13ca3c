import { expect, test } from 'vitest';
import { parseQueueAddress, shownAddress } from '../../src/core/queue-address.js';

test.each([
  ['redis://host', { host: 'host', port: 6379, database: 0, name: 'cases', tls: false, password: undefined }],
  ['redis://host:7000/3#billing', { host: 'host', port: 7000, database: 3, name: 'billing' }],
  ['rediss://me:p%40ss@host/0#a', { tls: true, user: 'me', password: 'p@ss', name: 'a' }],
  ['redis://:pw@[::1]:6380/', { host: '::1', port: 6380, user: undefined, password: 'pw' }],
  ['redis://host/0#größe', { name: 'größe' }],
])('%s', (text, address) => {
  const parsed = parseQueueAddress(text);
  expect(parsed).toMatchObject({ ok: true, address });
});

test.each([
  ['host', 'is no URL'],
  ['https://host', 'does not begin with redis://'],
  ['redis:///0#a', 'names no host'],
  ['redis://host/a#a', 'a database that is no number'],
  ['redis://host/0/1#a', 'a database that is no number'],
  ['redis://host/0#a b', 'white space'],
  ['redis://host/0#%20', 'white space'],
  ['redis://host/0#a{b}', 'braces'],
  ['redis://host/0#a%00', 'white space'],
  ['redis://host/0?ssl=1#a', 'parameters'],
  ['redis://me@host/0#a', 'a user and no password'],
  ['redis://host/0#%E0%A4', 'no escape'],
  [`redis://host/0#${'x'.repeat(101)}`, 'more than 100'],
])('%s is refused', (text, problem) => {
  const parsed = parseQueueAddress(text);
  expect(parsed.ok ? '' : parsed.problem).toContain(problem);
});

test('shown without user and password', () => {
  const parsed = parseQueueAddress('redis://me:secret@host:7000/3#billing');
  expect(parsed.ok && shownAddress(parsed.address)).toBe('redis://host:7000/3#billing');
});
