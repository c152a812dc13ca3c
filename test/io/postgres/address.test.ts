import { expect, test } from 'vitest';
import { UsageError } from '../../../src/errors.js';
import { isSameTable, parseAddress } from '../../../src/io/postgres/address.js';
import { identifiersOf, quoted, resultNames } from '../../../src/io/postgres/names.js';
import { makeHint } from '../../../src/io/postgres/results-sql.js';

test('a URL says which server, database and table, and how it is reached', () => {
  expect(parseAddress('postgres://a%40b@db.example:6000/my%20db?table=public.cases&connect_timeout=3')).toMatchObject({
    host: 'db.example',
    port: 6000,
    database: 'my db',
    user: 'a@b',
    table: ['public', 'cases'],
    tls: true,
    applicationName: 'case-tracker',
    connectTimeoutMs: 3_000,
  });
});

test('a socket is a folder', () => {
  expect(parseAddress('postgresql://%2Fvar%2Frun%2Fpg/db?table=a')).toMatchObject({
    host: '/var/run/pg',
    port: 5432,
    tls: false,
  });
});

test.each([
  ['localhost', false],
  ['127.0.0.1', false],
  ['[::1]', false],
  ['db', true],
  ['10.0.0.1', true],
])('%s is checked by TLS unless it is this machine: %s', (host, tls) => {
  expect(parseAddress(`postgres://${host}/db`).tls).toBe(tls);
  expect(parseAddress(`postgres://${host}/db?sslmode=verify-full`).tls).toBe(true);
  expect(parseAddress(`postgres://${host}/db?sslmode=disable`).tls).toBe(false);
});

test.each([
  ['postgres://h/db?tabel=a', 'has a parameter tabel that is not known', 'did you mean table?'],
  ['postgres://h/db?password=geheim', 'has a parameter password that is not known', 'known are table'],
  ['postgres://h/db?table=', 'has no value for table', '?table='],
  ['postgres://h/db?table=a&table=b', 'has table twice', 'once'],
  ['postgres://a,b/db?table=a', 'names several hosts', 'name one'],
  ['postgres://a:1,b:2/db', 'names several hosts', 'name one'],
  ['postgres:///db', 'names no host', '%2Fvar'],
  ['postgres://h', 'names no database', 'postgres://host/db'],
  ['postgres://h:99999/db', 'has a port that is none', ''],
  ['postgres://h:x/db', 'has a port that is none', ''],
  ['postgres://h/%zz', 'has a % that is no escape', '%25'],
  ['postgres://h/db?sslmode=require', 'does not check who answers', 'verify-full'],
  ['postgres://h/db?sslmode=prefer', 'does not check who answers', 'verify-full'],
  ['postgres://h/db?sslmode=nonsense', 'has an unknown sslmode', 'verify-full'],
  ['postgres://h/db?connect_timeout=5s', 'has connect_timeout=5s', 'whole seconds'],
  ['postgres://h/db#frag', 'has a #', '%23'],
])('%s is refused: %s', (url, problem, hint) => {
  const refused = (): unknown => parseAddress(url);
  expect(refused).toThrow(UsageError);
  expect(refused).toThrow(problem);
  expect(refused).not.toThrow('geheim');
  try {
    refused();
  } catch (error) {
    expect((error as UsageError).hint).toContain(hint);
  }
});

test('the same table is known by whatever name the machine has', () => {
  const same = (one: string, other: string): boolean => isSameTable(parseAddress(one), parseAddress(other));
  expect(same('postgres://localhost/db?table=a', 'postgres://127.0.0.1:5432/db?table=public.a')).toBe(true);
  expect(same('postgres://localhost/db?table=a', 'postgres://localhost/db?table=b')).toBe(false);
  expect(same('postgres://localhost/db?table=a', 'postgres://localhost/other?table=a')).toBe(false);
});

test.each([
  ['results', ['results'], '"results"'],
  ['public.Results', ['public', 'Results'], '"public"."Results"'],
  ['"my.schema"."a ""b"""', ['my.schema', 'a "b"'], '"my.schema"."a ""b"""'],
  ['a; drop table b', ['a; drop table b'], '"a; drop table b"'],
])('%s is the table %j, in SQL %s', (text, names, sql) => {
  expect(identifiersOf(text)).toEqual(names);
  expect(quoted(identifiersOf(text))).toBe(sql);
});

test.each(['', '.', 'a.', '.a', 'a.b.c', '"a', 'a"b', '""'])('%j is no name of a table', (text) => {
  expect(() => identifiersOf(text)).toThrow(UsageError);
});

test('a name that leaves no room for those of its runs and view is refused', () => {
  expect(resultNames(['s', 'x'.repeat(56)]).latest).toBe(`"s"."${'x'.repeat(56)}_latest"`);
  expect(() => resultNames(['x'.repeat(57)])).toThrow('longer than 56 bytes');
  expect(() => resultNames(['é'.repeat(30)])).toThrow(UsageError);
});

test('the hint makes the table, whatever its name', () => {
  expect(makeHint(['s', 'r'], 'postgres://h/db?table=s.r')).toBe(
    "case-tracker schema sql --table 's.r' | psql 'postgres://h/db'",
  );
});
