import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loginFor, passwordFor } from '../../../src/io/postgres/login.js';
import { folderWith } from '../../helpers/folder.js';

const URL = 'postgres://u@db.example:6000/d?table=t';

test('the URL goes before PGPASSWORD, and that before .pgpass', () => {
  const cwd = folderWith({ '.pgpass': '*:*:*:*:from file\n' });
  chmodSync(join(cwd, '.pgpass'), 0o600);
  const env = { HOME: cwd, PGPASSWORD: 'from env' };
  expect(loginFor(URL, { env, cwd, passwords: { [URL]: 'a%40%25%3A%22b' } }).password).toBe('a@%:"b');
  expect(loginFor(URL, { env, cwd }).password).toBe('from env');
  expect(loginFor(URL, { env: { HOME: cwd }, cwd }).password).toBe('from file');
  expect(loginFor(URL, { env: { HOME: '/nowhere' }, cwd }).password).toBeUndefined();
});

test.skipIf(process.platform === 'win32')('a .pgpass that others can read is not used, and the reason is kept', () => {
  const cwd = folderWith({ pass: '*:*:*:*:from file\n' });
  chmodSync(join(cwd, 'pass'), 0o640);
  const login = loginFor(URL, { env: { PGPASSFILE: join(cwd, 'pass') }, cwd });
  expect(login.password).toBeUndefined();
  expect(login.noPassword).toContain('chmod 600');
});

test.each([
  ['db.example:6000:d:u:pw', 'pw'],
  ['# db.example:6000:d:u:no\n*:*:d:u:pw', 'pw'],
  ['other:6000:d:u:no\ndb.example:*:*:u:yes\n*:*:*:*:late', 'yes'],
  ['*:*:*:*:p\\:w\\\\x:y', 'p:w\\x:y'],
  ['*:*:*:u', undefined],
  ['', undefined],
])('of %j the password is %j', (text, password) => {
  expect(passwordFor(text, { host: 'db.example', port: 6000, database: 'd', user: 'u' })).toBe(password);
});

test('a socket is localhost in .pgpass', () => {
  const socket = { host: '/var/run/pg', port: 1, database: 'd', user: 'u' };
  expect(passwordFor('localhost:1:d:u:pw', socket)).toBe('pw');
  expect(passwordFor('/var/run/pg:1:d:u:pw', socket)).toBe('pw');
});

test('trusted authorities are read at once, so that a wrong file is told before anything', () => {
  const cwd = folderWith({ 'ca.pem': '-----BEGIN CERTIFICATE-----\n', 'no.pem': 'x' });
  const login = (file: string): unknown => loginFor(`${URL}&sslrootcert=${file}`, { env: {}, cwd }).ca;
  expect(login('ca.pem')).toContain('BEGIN');
  expect(login('system')).toBeUndefined();
  expect(() => login('no.pem')).toThrow('has no certificate in it');
  expect(() => login('none.pem')).toThrow('cannot read sslrootcert=none.pem: no such file');
});

test('a password that is no escape is told without it', () => {
  const login = (): unknown => loginFor(URL, { env: {}, cwd: '/', passwords: { [URL]: 'ge%heim' } });
  expect(login).toThrow('a % that is no escape');
  expect(login).not.toThrow('heim');
});
