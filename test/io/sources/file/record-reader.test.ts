import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { InputError } from '../../../../src/errors.js';
import { formOf, RecordReader } from '../../../../src/io/sources/file/record-reader.js';
import type { ReaderOptions } from '../../../../src/io/sources/file/record-reader.js';

type Options = Partial<ReaderOptions>;

/** All that comes out of a file: records as `at: text`, broken ones as `at! problem`, and the error that ended it. */
interface Outcome {
  readonly records: string[];
  readonly unit: string;
  readonly error?: string | undefined;
  readonly hint?: string | undefined;
}

function read(content: string | Buffer, options: Options = {}, cuts: readonly number[] = []): Outcome {
  const records: string[] = [];
  const sink = {
    record: (value: unknown, text: string, at: number) => {
      expect(value).toEqual(JSON.parse(text));
      records.push(`${at}: ${text}`);
    },
    broken: (problem: string, at: number) => void records.push(`${at}! ${problem}`),
  };
  let reader: RecordReader | undefined;
  try {
    reader = new RecordReader({ name: 'f', ...options }, sink);
    for (const piece of pieces(Buffer.from(content), cuts)) reader.push(piece);
    reader.end();
    return { records, unit: reader.unit };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { records, unit: reader?.unit ?? '', error: [error.message, ...error.details].join('; '), hint: error.hint };
  }
}

/** The content in pieces, all in one buffer that is used again and again, as the reading thread does. */
function* pieces(content: Buffer, cuts: readonly number[]): Generator<Buffer> {
  const shared = Buffer.alloc(content.length);
  const ends = [...new Set([...cuts.map((cut) => cut % (content.length + 1)), content.length])].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    content.copy(shared, 0, from, end);
    yield shared.subarray(0, end - from);
    shared.fill(0x21);
    from = end;
  }
}

const document: Options = { form: 'document' };
const ndjson: Options = { form: 'ndjson' };

describe('NDJSON', () => {
  test('is one record a line; blank lines count but are no records', () => {
    const { records, unit } = read('{"id":1}\n\n \t\r\n{"id":2}\r\n{"id":3}', ndjson);
    expect(records.map((record) => record.trim())).toEqual(['1: {"id":1}', '4: {"id":2}', '5: {"id":3}']);
    expect(unit).toBe('line');
  });

  test.each([
    ['nothing', '', []],
    ['only blank lines', '\n \n', []],
    ['a byte order mark', '\ufeff{"id":1}\n', ['1: {"id":1}']],
    ['only a byte order mark', '\ufeff', []],
    ['any JSON value', '5\n"a"\nnull\n[1]\n', ['1: 5', '2: "a"', '3: null', '4: [1]']],
    ['a __proto__ member', '{"__proto__":{"a":1}}\n', ['1: {"__proto__":{"a":1}}']],
    [
      'a broken line among good ones',
      '1\n{"a"\n3\n',
      ['1: 1', "2! not JSON: Expected ':' after property name at position 4", '3: 3'],
    ],
    ['a line separator inside a string', '"\u2028"\n', ['1: "\u2028"']],
    [
      'a record cut in two by a line break',
      '{"a":\n1}\n',
      [
        '1! not JSON: Unexpected end of JSON input',
        '2! not JSON: Unexpected non-whitespace character after JSON at position 1',
      ],
    ],
  ])('may hold %s', (_, content, records) => {
    expect(read(content, ndjson)).toEqual({ records, unit: 'line' });
  });

  test('a line that is not UTF-8 is broken, the others go on', () => {
    const content = Buffer.concat([Buffer.from('"é"\n"'), Buffer.from([0xe9]), Buffer.from('"\n3\n')]);
    expect(read(content, ndjson).records).toEqual(['1: "é"', '2! not UTF-8', '3: 3']);
  });

  test.each(['{"id":"a","ti', '{"id":1}{"id":2}', 'tru', '"\u00e9'])(
    'that ends in %j without a line break is cut off',
    (last) => {
      const outcome = read(`1\n2\n${last}`, ndjson);
      expect(outcome).toMatchObject({
        records: ['1: 1', '2: 2'],
        error: 'f is cut off: its last line, 3, is no whole JSON value',
      });
    },
  );

  test('that ends inside a character is cut off', () => {
    expect(read(Buffer.from('1\n"é"').subarray(0, 4), ndjson).error).toMatch('cut off: its last line, 2,');
  });

  test('is read without the root, which is for JSON documents', () => {
    expect(read('1\n', { ...ndjson, root: '/a' })).toEqual({ unit: 'line', records: ['1: 1'] });
  });
});

describe('a JSON document', () => {
  test.each<[string, string, string[], Options?]>([
    ['an array', '[{"id":1},{"id":2}]', ['0: {"id":1}', '1: {"id":2}']],
    ['an empty array', ' [ ] \n', []],
    [
      'an array of anything',
      '[1, "a]", null,[],{},-1.5e3 ,true]',
      ['0: 1', '1: "a]"', '2: null', '3: []', '4: {}', '5: -1.5e3', '6: true'],
    ],
    ['a byte order mark', '\ufeff[1]', ['0: 1']],
    ['elements over several lines', '[\n{\n"a": [1,\n2]\n}\n]\n', ['0: {\n"a": [1,\n2]\n}']],
    [
      'brackets, quotes and backslashes in strings',
      '["]}\\"\\\\",{"a":"\\\\\\""}]',
      ['0: "]}\\"\\\\"', '1: {"a":"\\\\\\""}'],
    ],
    ['an object with cases', '{"total":1,"cases":[1,2],"next":{"cases":[3]}}', ['0: 1', '1: 2']],
    ['an object whose cases are elsewhere too', '{"meta":{"cases":[9]},"cases":[1]}', ['0: 1']],
    ['a name with escapes', '{"c\\u0061ses":[1]}', ['0: 1']],
    [
      'everything that JSON has around the cases',
      '{"a":[],"b":{},"c":[1.5e-3,-0,true,false,null,"\\u00e9\\n"],"é":"é","cases":[1] }',
      ['0: 1'],
    ],
    ['a root', '{"data":{"items":[1]},"items":[2]}', ['0: 1'], { root: '/data/items' }],
    ['a root through an array', '[[0],{"x":[7,8]}]', ['0: 7', '1: 8'], { root: '/1/x' }],
    ['the whole document as root', '[1]', ['0: 1'], { root: '' }],
    ['a root with escapes', '{"a/b":{"m~n":[1]}}', ['0: 1'], { root: '/a~1b/m~0n' }],
  ])('may be %s', (_, content, records, options) => {
    expect(read(content, { ...document, ...options })).toEqual({ records, unit: 'index' });
  });

  test.each<[string, string, string, Options?]>([
    ['nothing', '', 'f is empty; expected a JSON array of cases'],
    ['white space', ' \n', 'f is empty; expected a JSON array of cases'],
    ['a number', '5', 'f is neither an array nor an object with an array "cases"'],
    [
      'an object',
      '{"id":"a","b":[]}',
      'f is neither an array nor an object with an array "cases"; it has "id" (string), "b" (array)',
    ],
    [
      'objects one after another',
      '{"id":1}\n{"id":2}\n',
      'f is neither an array nor an object with an array "cases"; it has "id" (number)',
    ],
    [
      'cases that are no array',
      '{"cases":{}}',
      'f: expected an array of records at /cases, found an object (byte 9, line 1)',
    ],
    ['cases twice', '{"cases":[1],"cases":[2]}', 'f: the array of records is there twice (byte 21, line 1)'],
    [
      'a wrong root',
      '{"data":{"items":[1],"n":0}}',
      'f has nothing at --root /data/cases; /data has "items" (array), "n" (number)',
      { root: '/data/cases' },
    ],
    [
      'a root into a string',
      '{"data":"x"}',
      'f has nothing at --root /data/cases; it has "data" (string)',
      { root: '/data/cases' },
    ],
    [
      'a root that is no array',
      '{"data":5}',
      'f: expected an array of records at /data, found a number (byte 8, line 1)',
      { root: '/data' },
    ],
    ['garbage', 'hello', 'f: expected a value, found "h" (byte 0, line 1)'],
    ['something after the array', '[1]\n]', 'f: expected the end of the file, found "]" (byte 4, line 2)'],
    ['a second array', '[1][2]', 'f: expected the end of the file, found "[" (byte 3, line 1)'],
    ['a missing comma', '[1\n{"a":1}]', 'f: expected a comma or ] after the record with index 0 (byte 3, line 2)'],
    ['a comma too many', '[1,]', 'f: expected the record with index 1 (byte 3, line 1)'],
    ['a comma first', '[,1]', 'f: expected the record with index 0 (byte 1, line 1)'],
    [
      'an element that is not JSON',
      '[1,\n{"a":}]',
      "f: the record with index 1 is not JSON: Unexpected token '}' (byte 4, line 2)",
    ],
    [
      'brackets that do not match',
      '[{"a":1],2]',
      "f: the record with index 0 is not JSON: Expected ',' or '}' after property value at position 6 (byte 1, line 1)",
    ],
    [
      'an element that is no word',
      '[nulx]',
      "f: the record with index 0 is not JSON: Unexpected token 'x' (byte 1, line 1)",
    ],
    [
      'a comma too many around the cases',
      '{"cases":[1],}',
      'f: expected a name in quotes, found "}" (byte 13, line 1)',
    ],
    ['a missing colon', '{"a" 1,"cases":[]}', 'f: expected a colon, found "1" (byte 5, line 1)'],
    ['a missing comma around the cases', '{"a":1 "cases":[]}', 'f: expected a comma or }, found """ (byte 7, line 1)'],
    ['a wrong bracket around the cases', '{"cases":[1]]', 'f: expected a comma or }, found "]" (byte 12, line 1)'],
    ['no value around the cases', '{"a":[1,],"cases":[]}', 'f: expected a value, found "]" (byte 8, line 1)'],
    ['a bad number around the cases', '{"a":01,"cases":[]}', 'f: not a number, true, false or null (byte 5, line 1)'],
    ['a bad escape around the cases', '{"a":"\\x","cases":[]}', 'f: a bad escape in a string (byte 7, line 1)'],
    ['a bad \\u escape around the cases', '{"a":"\\u12g4","cases":[]}', 'f: a bad \\u escape (byte 10, line 1)'],
    ['a line break in a string', '{"a":"\n","cases":[]}', 'f: a control character inside a string (byte 6, line 1)'],
    [
      'too many levels around the cases',
      `{"a":${'['.repeat(2000)}`,
      'f: nested deeper than 1,000 levels (byte 1,004, line 1)',
    ],
    ['bytes after a byte order mark', '\ufeff[1,x]', 'f: expected the record with index 1 (byte 6, line 1)'],
  ])('may not be %s', (_, content, error, options) => {
    expect(read(content, { ...document, ...options }).error).toBe(error);
  });

  test('text that begins like no JSON: the hint says how CSV is read', () => {
    expect(read('\ufeffid;title\n1;a\n', document).hint).toContain('--input-format csv');
    expect(read('[{"id":1},x]', document).hint).toBeUndefined();
  });

  test('gives the records before a fault', () => {
    expect(read('[1,2,x', document).records).toEqual(['0: 1', '1: 2']);
  });

  test('says what to do when the array is elsewhere', () => {
    expect(read('{"issues":[]}', document).hint).toBe(
      '--root /issues reads the records from another place\nobjects one after another are NDJSON: jq -c . FILE > cases.ndjson',
    );
    expect(read('{"data":{"a/b":[]}}', { ...document, root: '/data/x' }).hint).toBe(
      '--root /data/a~1b reads the records from there',
    );
  });

  test.each([
    ['in a record', '[1,\n"\xe9"]', 5, 2],
    ['around the records', '{"a":"\xe9","cases":[]}', 6, 1],
    ['outside strings', '[1]\xe9', 3, 1],
    ['at the end', '[1]\xc3', 3, 1],
  ])('that is not UTF-8 %s ends there', (_, latin1, offset, line) => {
    expect(read(Buffer.from(latin1, 'latin1'), document).error).toBe(`f: not UTF-8 (byte ${offset}, line ${line})`);
  });

  test('keeps U+FFFD that is really there', () => {
    expect(
      read(Buffer.concat([Buffer.from('["\ufffd","'), Buffer.from([0xff]), Buffer.from('"]')]), document),
    ).toMatchObject({
      records: ['0: "\ufffd"'],
      error: 'f: not UTF-8 (byte 8, line 1)',
    });
  });

  test.each(['[{"id":"é","b":[1,2]},\n {"id":2.5}, "x", true]', '{"n":1,"cases":[{"a":"\\u00e9"}],"o":{"p":[null]}}'])(
    'cut off at any byte of %s is an error, with the records before it',
    (text) => {
      const bytes = Buffer.from(text);
      const whole = read(bytes, document).records;
      for (let length = 1; length < bytes.length; length++) {
        const { error, records } = read(bytes.subarray(0, length), document);
        expect(error).toMatch(/^f is cut off: end of file/);
        expect(whole.slice(0, records.length)).toEqual(records);
      }
    },
  );

  test('names the record in which it is cut off', () => {
    expect(read('[1,\n {"a":\n', document).error).toBe(
      'f is cut off: end of file inside the record with index 1 (byte 5, line 2)',
    );
    expect(read('[1,\n', document).error).toBe(
      'f is cut off: end of file after the record with index 0 (byte 4, line 2)',
    );
    expect(read('[', document).error).toBe('f is cut off: end of file before the first record (byte 1, line 1)');
    expect(read('{"cases":[1],\n"a', document).error).toBe(
      'f is cut off: end of file inside the document (byte 16, line 2)',
    );
  });
});

describe('caps of a record', () => {
  const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  const large = `"${'x'.repeat(16 * 1024 * 1024 - 2)}"`;
  const tooLarge = `"${'x'.repeat(16 * 1024 * 1024 - 1)}"`;
  const cuts = Array.from({ length: 40 }, (_, i) => (i + 1) * 1_000_003);

  test('1,000 levels are allowed, more make a broken record', () => {
    const records = (prefix: string) => [`${prefix}: 1`, expect.stringMatching(/^\d: \[/) as string];
    expect(read(`1\n${deep(1000)}\n${deep(1001)}\n${deep(100_000)}\n5\n`, ndjson).records).toEqual([
      ...records('1'),
      '3! nested deeper than 1,000 levels',
      '4! nested deeper than 1,000 levels',
      '5: 5',
    ]);
    expect(read(`[1,${deep(1000)},${deep(1001)},${deep(100_000)},5]`, document).records).toEqual([
      ...records('0'),
      '2! nested deeper than 1,000 levels',
      '3! nested deeper than 1,000 levels',
      '4: 5',
    ]);
  });

  test.each([[[]], [cuts]])('16 MiB are allowed in NDJSON, one byte more makes a broken record', (at) => {
    const { records } = read(`1\n${large}\r\n${tooLarge}\n4\n${tooLarge}`, ndjson, at);
    expect(records.map((record) => record.slice(0, 40))).toEqual([
      '1: 1',
      `2: "${'x'.repeat(36)}`,
      '3! larger than 16 MiB',
      '4: 4',
      '5! larger than 16 MiB',
    ]);
  });

  test.each([[[]], [cuts]])('16 MiB are allowed in an array, one byte more makes a broken record', (at) => {
    const { records } = read(`[1,${large},[${tooLarge}],3]`, document, at);
    expect(records.map((record) => record.slice(0, 40))).toEqual([
      '0: 1',
      `1: "${'x'.repeat(36)}`,
      '2! larger than 16 MiB',
      '3: 3',
    ]);
  });
});

describe('the form', () => {
  test.each([
    ['cases.json', 'document'],
    ['a/b.JSON.gz', 'document'],
    ['cases.ndjson', 'ndjson'],
    ['cases.jsonl.gz', 'ndjson'],
    ['cases.gz', undefined],
    ['cases.txt', undefined],
    ['json', undefined],
    ['cases.json.bak', undefined],
  ])('of %s is %s by its name', (path, form) => {
    expect(formOf(path)).toBe(form);
  });

  test.each<[string, string, string, string[]]>([
    ['an array', ' \n[1]', 'index', ['0: 1']],
    ['an object with cases on one line', '{"n":1,"cases":[1]}\n', 'index', ['0: 1']],
    ['an object with cases over several lines', '{\n"n":1,\n"cases":[\n1]}\n', 'index', ['0: 1']],
    ['NDJSON', '{"id":1}\n{"id":2}\n', 'line', ['1: {"id":1}', '2: {"id":2}']],
    ['NDJSON of one line without its end', '{"id":1}', 'line', ['1: {"id":1}']],
    ['NDJSON after blank lines', '\n\r\n{"id":1}\n', 'line', ['3: {"id":1}']],
    ['NDJSON with cases deeper down', '{"id":1,"x":{"cases":[1]}}\n', 'line', ['1: {"id":1,"x":{"cases":[1]}}']],
    ['NDJSON whose cases are no array', '{"id":1,"cases":"none"}\n', 'line', ['1: {"id":1,"cases":"none"}']],
    [
      'NDJSON with a broken first line',
      '{"id":\n{"id":2}\n{"id":3}\n',
      'line',
      ['1! not JSON: Unexpected end of JSON input', '2: {"id":2}', '3: {"id":3}'],
    ],
    [
      'NDJSON with a first line that is no object',
      'oops\n{"id":2}\n',
      'line',
      ["1! not JSON: Unexpected token 'o'", '2: {"id":2}'],
    ],
    ['nothing', '', 'line', []],
    ['white space', ' \n\n', 'line', []],
  ])('is found out from the content: %s', (_, content, unit, records) => {
    expect(read(content)).toEqual({ unit, records });
  });

  test('an object over several lines without cases is refused, with a way out', () => {
    const { error, hint, records } = read('{\n  "id": 1\n}\n{\n  "id": 2\n}\n');
    expect(error).toMatch('neither an array nor an object with an array "cases"');
    expect(hint).toMatch('jq -c .');
    expect(records).toEqual([]);
  });

  test('a large object before the cases is read in pieces', () => {
    const meta = 'm'.repeat(17 * 1024 * 1024);
    const cuts = Array.from({ length: 20 }, (_, i) => (i + 1) * 1024 * 1024);
    expect(read(`{"meta":"${meta}","cases":[1,2]}`, {}, cuts)).toEqual({ unit: 'index', records: ['0: 1', '1: 2'] });
  });

  test('--root says where a document has its records, and NDJSON comes all the same', () => {
    expect(read('{"a":[1]}', { root: '/a' })).toEqual({ unit: 'index', records: ['0: 1'] });
    expect(read('{"id":"x"}\n', { root: '/a' })).toEqual({ unit: 'line', records: ['1: {"id":"x"}'] });
    expect(read('{"id":"x"}\n{"id":"y"}', { root: '/a' }).records).toHaveLength(2);
    expect(read('{"a":{"c":1}}', { root: '/a/b' }).error).toBe('f has nothing at --root /a/b; /a has "c" (number)');
    expect(read('{"a":{"c":1}}\n{"a":{"c":2}}\n', { root: '/a/b' }).records).toHaveLength(2);
    expect(read('', { root: '/a' })).toEqual({ unit: 'line', records: [] });
  });

  test.each([
    ['an array of objects and no id', '{"total":1,"issues":[{"id":1}]}\n', {}, '"total" (number), "issues" (array)'],
    ['no line break at its end', '{"issues":[{"id":1}]}', {}, 'it has "issues" (array)'],
    ['its id under another name', '{"id":9,"issues":[{"number":1}]}\n', { idField: 'number' }, '"issues" (array)'],
    ['a root that matches nothing', '{"issues":[]}\n', { root: '/nope' }, 'nothing at --root /nope'],
  ])('one line that is no record but a document: %s', (_, text, options, message) => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        expect(read(text, options, cuts).error).toContain(message);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  test.each([
    ['it has an id', '{"id":1,"issues":[{"id":1}]}\n', {}],
    ['it has its id under another name', '{"number":1,"issues":[{"id":1}]}\n', { idField: 'number' }],
    ['its array has no objects in it', '{"title":"x","tags":["a"]}\n', {}],
    ['another line follows', '{"issues":[{"id":1}]}\n{"id":1}\n', {}],
    ['another line follows, beside a root', '{"x":1}\n{"id":1}\n', { root: '/nope' }],
  ])('one line is a record: %s', (_, text, options) => {
    expect(read(text, options)).toMatchObject({
      unit: 'line',
      records: text
        .trim()
        .split('\n')
        .map((line, at) => `${at + 1}: ${line}`),
    });
  });

  test('the first NDJSON record is there as soon as its line is', () => {
    const records: number[] = [];
    const reader = new RecordReader(
      { name: 'f' },
      { record: (_value, _text, at) => void records.push(at), broken: () => {} },
    );
    reader.push(Buffer.from('{"id":1}\n'));
    expect(records).toEqual([1]);
    reader.push(Buffer.from('{"id":2}\n{"id"'));
    expect(records).toEqual([1, 2]);
  });

  test.each([
    ['UTF-16 with a mark', Buffer.from('\ufeff[1]', 'utf16le')],
    ['UTF-16, the other way round, with a mark', Buffer.from('\ufeff[1]', 'utf16le').swap16()],
    ['UTF-16 without a mark', Buffer.from('[1]', 'utf16le')],
    ['UTF-16, the other way round, without a mark', Buffer.from('[1]', 'utf16le').swap16()],
  ])('%s is refused as that', (_, content) => {
    for (const options of [{}, document, ndjson])
      expect(read(content, options).error).toBe('f is UTF-16; expected UTF-8');
  });
});

describe('however the bytes are cut, the same comes out', () => {
  const piece = fc.constantFrom(
    '{"id":"a"}',
    '{"id":"é账😀","t":["]"]}',
    '[1,[2]]',
    '"\\"\\\\"',
    '"\\u00e9"',
    '12.5',
    'true',
    'null',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    'x',
    '{"cases":[',
    '"cases":[',
    '"a":',
    '\n',
    '\r\n',
    ' ',
    '\ufeff',
    '\ufffd',
    '\u0000',
    '[\n',
    ',\n',
    ']}',
    ']\n',
  );
  const wellFormed = fc.array(fc.constantFrom('{"id":1}', '{"id":"é"}', '"]"', '1', '{"a":[{"b":"\\\\"}]}'), {
    maxLength: 5,
  });
  const content = fc.oneof(
    wellFormed.map((records) => records.join('\n')),
    wellFormed.map((records) => `[${records.join(', ')}]`),
    wellFormed.map((records) => `{"n":[1,"é"],"cases":[${records.join(',\n')}],"z":{}}`),
    fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')),
  );
  const bytes = fc.oneof(
    content.map((text) => Buffer.from(text)),
    fc.tuple(content, fc.nat(), fc.integer({ min: 0x80, max: 0xff })).map(([text, at, byte]) => {
      const damaged = Buffer.from(text);
      if (damaged.length > 0) damaged[at % damaged.length] = byte;
      return damaged;
    }),
  );

  test.each<[string, Options]>([
    ['NDJSON', ndjson],
    ['documents', document],
    ['documents with a root', { ...document, root: '/cases/0/a' }],
    ['content of unknown form', {}],
  ])('%s', (_, options) => {
    const property = fc.property(bytes, fc.array(fc.nat({ max: 100 }), { maxLength: 5 }), (file, cuts) => {
      const whole = read(file, options);
      expect(read(file, options, cuts)).toEqual(whole);
      expect(read(file, options, Array.from(file.keys()))).toEqual(whole);
    });
    fc.assert(property, { seed: 1, numRuns: 600 });
  });

  test('a document is accepted exactly when JSON.parse accepts it', () => {
    const property = fc.property(content, (text) => {
      const { error } = read(text, { ...document, root: '' });
      const value = parsed(text.replace(/^\ufeff/, ''));
      expect({ text, accepted: error === undefined }).toEqual({ text, accepted: Array.isArray(value) });
    });
    fc.assert(property, { seed: 1, numRuns: 600 });
  });
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
