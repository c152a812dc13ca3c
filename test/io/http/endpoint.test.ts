import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Case } from '../../../src/core/case.js';
import { UsageError } from '../../../src/errors.js';
import { compileEndpoint, type EndpointOptions } from '../../../src/io/http/endpoint.js';

function caseOf(value: Record<string, unknown>): Case {
  return new Case(String(value['id']), JSON.stringify(value));
}

function pathOf(url: string, aCase: Case, options?: EndpointOptions): string {
  const rendered = compileEndpoint(url, options).render(aCase);
  return 'path' in rendered ? rendered.path : `problem: ${rendered.problem}`;
}

const C1 = caseOf({ id: 'C-1', title: 'a b', n: 1, nested: { tenant: 'é/ü' }, 'dotted.name': 'direct' });

describe('rendering', () => {
  test.each([
    ['the id is appended where there is no placeholder', 'http://h/cases', '/cases/C-1'],
    ['without a double slash', 'http://h/cases/', '/cases/C-1'],
    ['also after several slashes', 'http://h/cases//', '/cases/C-1'],
    ['to an empty path', 'http://h', '/C-1'],
    ['before the query', 'http://h/cases?x=1', '/cases/C-1?x=1'],
    ['the fragment is dropped', 'http://h/cases#top', '/cases/C-1'],
    ['a placeholder in the path', 'http://h/a/{id}/b', '/a/C-1/b'],
    ['a placeholder in the query', 'http://h/a?case={id}&t={title}', '/a?case=C-1&t=a%20b'],
    ['white space within braces', 'http://h/{ id }', '/C-1'],
    ['a dotted path', 'http://h/{nested.tenant}/{id}', '/%C3%A9%2F%C3%BC/C-1'],
    ['a member whose name has a dot', 'http://h/{dotted.name}', '/direct'],
    ['two placeholders side by side', 'http://h/{id}{n}', '/C-11'],
    ['a template that has the marker letters in it', 'http://h/zq0z/{id}', '/zq0z/C-1'],
    ['literals the platform encodes', 'http://h/ü x/{id}', '/%C3%BC%20x/C-1'],
  ])('%s', (_what, url, expected) => {
    expect(pathOf(url, C1)).toBe(expected);
  });

  test.each([
    ['as it stands', 'http://h/v1/lookup', '/v1/lookup'],
    ['with its query', 'http://h/graphql?v=1', '/graphql?v=1'],
    ['with its slash', 'http://h/', '/'],
    ['a placeholder counts all the same', 'http://h/v1/{title}', '/v1/a%20b'],
  ])('no id is appended where that is not wanted: %s', (_what, url, expected) => {
    const endpoint = compileEndpoint(url, { appendId: false });
    expect(pathOf(url, C1, { appendId: false })).toBe(expected);
    expect([endpoint.display.includes('{id}'), endpoint.show(C1).replace('?v=***', '?v=1')]).toEqual([
      false,
      `http://h${expected}`,
    ]);
  });

  test.each([
    ['a big integer', '{"id":"x","v":12345678901234567890123}', '12345678901234567890123'],
    ['1.0', '{"id":"x","v":1.0}', '1.0'],
    ['an exponent', '{"id":"x","v":1e+3}', '1e%2B3'],
    ['a boolean', '{"id":"x","v":false}', 'false'],
    ['zero', '{"id":"x","v":0}', '0'],
    ['a string with escapes', '{"id":"x","v":"a\\u002fb\\n"}', 'a%2Fb%0A'],
  ])('%s goes in as its source text', (_what, text, expected) => {
    expect(pathOf('http://h/{v}', new Case('x', text))).toBe(`/${expected}`);
  });

  test('names of the export stand for the known ones', () => {
    const aCase = caseOf({ id: 'x', name: 'N', title: 'T' });
    expect(pathOf('http://h/{title}/{id}', aCase, { fieldNames: { title: 'name' } })).toBe('/N/x');
  });

  test('{id} is the id of the case, whatever its field is called', () => {
    expect(pathOf('http://h/{id}', new Case('77', '{"number":77,"id":"other"}'))).toBe('/77');
  });

  test.each([
    ['missing', '{"id":"x"}', 'the case has no field v'],
    ['null', '{"id":"x","v":null}', 'it is null'],
    ['an object', '{"id":"x","v":{}}', 'no string, number or boolean'],
    ['an array', '{"id":"x","v":["a"]}', 'no string, number or boolean'],
    ['empty', '{"id":"x","v":""}', 'is empty'],
    ['half a surrogate pair', '{"id":"x","v":"\\ud800"}', 'not well-formed Unicode'],
    ['one dot', '{"id":"x","v":"."}', 'segment'],
    ['two dots', '{"id":"x","v":".."}', 'segment'],
  ])('a value that is %s sends nothing', (_what, text, problem) => {
    expect(pathOf('http://h/{v}/y', new Case('x', text))).toContain(problem);
  });

  test.each([
    ['http://h/{v}', '..'],
    ['http://h/.{v}', '.'],
    ['http://h/%2e{v}', '.'],
    ['http://h/%2E{v}/x', '.'],
    ['http://h/{v}{v}?q=1', '.'],
  ])('a finished dot segment is refused: %s with %j', (url, v) => {
    expect(pathOf(url, caseOf({ id: 'x', v }))).toContain('segment');
  });

  test.each(['http://h/a{v}', 'http://h/{v}.', 'http://h/x?q={v}', 'http://h/x?q=/{v}/'])(
    'dots elsewhere are plain text: %s',
    (url) => {
      expect(pathOf(url, caseOf({ id: 'x', v: '..' }))).not.toContain('problem');
    },
  );

  test('whatever the value, the request stays under its literal path and comes back as it was', () => {
    const value = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !/^\.{1,2}$/.test(text));
    fc.assert(
      fc.property(value, (v) => {
        const url = new URL(`http://h${pathOf('http://h/base/{v}/end', caseOf({ id: 'x', v }))}`);
        expect(url.pathname.split('/')).toHaveLength(4);
        expect(decodeURIComponent(url.pathname.split('/')[2] ?? '')).toBe(v);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe('refusals', () => {
  test.each([
    ['not a URL', 'http://', 'not a URL'],
    ['no protocol', 'localhost:3000/cases', 'must begin with http://'],
    ['another protocol', 'ftp://h/{id}', 'must begin with http://'],
    ['a placeholder in the scheme', '{scheme}://h/', 'placeholder in scheme'],
    ['a placeholder in the host', 'http://{host}/cases', 'placeholder in scheme, host'],
    ['a placeholder in part of the host', 'http://{tenant}.example.com/{id}', 'placeholder in scheme, host'],
    ['a placeholder in the port', 'http://h:{port}/cases', 'placeholder in scheme, host'],
    ['a placeholder in the credentials', 'http://u:{password}@h/cases', 'placeholder in scheme, host'],
    ['a host behind backslashes', 'http:\\\\{host}/x', 'placeholder in scheme, host'],
    ['a placeholder in the fragment', 'http://h/x#{id}', 'placeholder in the fragment'],
    ['an open brace', 'http://h/{id', 'unbalanced'],
    ['a closing brace', 'http://h/id}', 'unbalanced'],
    ['nested braces', 'http://h/{{id}}', 'unbalanced'],
    ['empty braces', 'http://h/{}', 'empty placeholder'],
    ['blank braces', 'http://h/{ }', 'empty placeholder'],
  ])('%s', (_what, url, message) => {
    expect(() => compileEndpoint(url)).toThrow(message);
    expect(() => compileEndpoint(url)).toThrow(UsageError);
  });

  // Each is mistyped in a way that makes a part of the password look like something else.
  test.each([
    'ftp://me:s3cret@h/x?key=s3cret',
    'me:s3cret@h/x',
    'http://me:s3cret@h/{',
    'http://me:s3cret@:/',
    'https://u:s3cret/ET@h/{id}',
    'https://u:S3CR/s3cret@h/{id}',
    'https://u:S3CR?s3cret@h/{id}',
    'https://u:1#s3cret@h/{id}',
    'https://u:1/s3cret@h/{',
    'http:/u:s3cret@h/{',
    'http:u:s3cret@h/{}',
    'http:\\\\u:s3cret@h/{',
    'https//u:s3cret@h/{id}',
    'u:s3cret@h:80/{id}',
    'http://u:p@s3cret@h/{',
    '//u:s3cret@h/{id}',
    'http://u{x}:s3cret@h/{id}',
  ])('nothing is printed of a URL that can not be parsed, nor of a secret in another: %s', (url) => {
    const { message, hint } = refusalOf(url);
    expect(`${message} ${hint}`).not.toContain('s3cret');
    expect(`${message} ${hint}`).not.toContain('S3CR');
  });

  test('a URL without its protocol is shown with it', () => {
    expect(refusalOf('localhost:3000/x?key=k').hint).toBe("write the protocol too: 'http://localhost:3000/x'");
    expect(refusalOf('api.example.com/cases').hint).toBe("write the protocol too: 'https://api.example.com/cases'");
  });

  function refusalOf(url: string): UsageError {
    try {
      compileEndpoint(url);
    } catch (error) {
      if (error instanceof UsageError) return error;
    }
    throw new Error('it was not refused');
  }
});

describe('secrets', () => {
  test('user name and password become a header and are hidden', () => {
    const endpoint = compileEndpoint('https://me:p%40ss@h:8443/x/{id}');
    expect(endpoint.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
    expect(endpoint.origin).toBe('https://h:8443');
    expect(endpoint.display).toBe('https://***@h:8443/x/{id}');
    expect(endpoint.secrets).toEqual(expect.arrayContaining(['me:p@ss', 'p@ss', 'me'].map((value) => ({ value }))));
  });

  test('no credentials, no header', () => {
    expect(compileEndpoint('http://h').authorization).toBeUndefined();
  });

  test('query values are hidden, placeholders and the rest are shown', () => {
    const endpoint = compileEndpoint('http://h/{id}?api_key=a%2Bb+c&q={title}&mixed=pre{id}&bare');
    expect(endpoint.display).toBe('http://h/{id}?api_key=***&q={title}&mixed=***{id}&bare');
    expect(endpoint.secrets).toEqual([
      { name: 'api_key', value: 'a+b c' },
      { name: 'mixed', value: 'pre' },
    ]);
    expect(endpoint.show(C1)).toBe('http://h/C-1?api_key=***&q=a%20b&mixed=***C-1&bare');
  });

  test('the appended id is shown', () => {
    const endpoint = compileEndpoint('http://h/cases?key=k');
    expect(endpoint.display).toBe('http://h/cases/{id}?key=***');
    expect(endpoint.hasPlaceholders).toBe(false);
  });
});
