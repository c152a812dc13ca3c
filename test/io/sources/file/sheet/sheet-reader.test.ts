import { describe, expect, test } from 'vitest';
import { InputError } from '../../../../../src/errors.js';
import { formOf, RecordReader, type ReaderOptions } from '../../../../../src/io/sources/file/record-reader.js';
import { SheetReader } from '../../../../../src/io/sources/file/sheet/sheet-reader.js';

/** Records as `line: text`, broken ones as `line! problem`, and what ended the reading. */
interface Outcome {
  readonly records: readonly string[];
  readonly shortRows: number;
  readonly error?: string;
  readonly hint?: string | undefined;
}

function read(pieces: readonly Buffer[], options: Partial<ReaderOptions>): Outcome {
  const records: string[] = [];
  let shortRows = 0;
  const sink = {
    record(value: unknown, text: string, at: number) {
      expect(value).toEqual(JSON.parse(text));
      records.push(`${at}: ${text}`);
    },
    broken: (problem: string, at: number) => void records.push(`${at}! ${problem}`),
    shortRow: () => void shortRows++,
  };
  try {
    const reader = new RecordReader({ name: 'f.csv', form: 'csv', sheet: SheetReader, ...options }, sink);
    for (const piece of pieces) reader.push(piece);
    reader.end();
    expect(reader.unit).toBe('line');
    return { records, shortRows };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { records, shortRows, error: [error.message, ...error.details].join('; '), hint: error.hint };
  }
}

function inPieces(content: Buffer, length: number): Buffer[] {
  return Array.from({ length: Math.ceil(content.length / length) }, (_, at) =>
    content.subarray(at * length, (at + 1) * length),
  );
}

/** What comes of a file: the same however its bytes are cut, into pieces of one or of three and at every place. */
function outcomeOf(content: string | Buffer, options: Partial<ReaderOptions> = {}): Outcome {
  const bytes = Buffer.from(content);
  const whole = read([bytes], options);
  const halves = Array.from({ length: Math.min(bytes.length, 300) + 1 }, (_, at) => [
    bytes.subarray(0, at),
    bytes.subarray(at),
  ]);
  for (const pieces of [inPieces(bytes, 1), inPieces(bytes, 3), ...halves])
    expect(read(pieces, options)).toEqual(whole);
  return whole;
}

function recordsOf(content: string | Buffer, options: Partial<ReaderOptions> = {}): readonly string[] {
  const { records, error } = outcomeOf(content, options);
  expect(error).toBeUndefined();
  return records;
}

/** What stands in the columns `id` and `b` of the only row. */
function cellsOf(content: string | Buffer, options: Partial<ReaderOptions> = {}): unknown {
  const [record = ''] = recordsOf(content, options);
  const { id, b } = JSON.parse(record.slice(record.indexOf('{'))) as { id: unknown; b: unknown };
  return [id, b];
}

describe('a row', () => {
  test.each<[string, string, readonly string[]]>([
    ['is an object in the order of the header', 'id,b\n1,x\n', ['2: {"id":"1","b":"x"}']],
    ['has nothing guessed', 'id,n,d\n007,1e3,2026-01-02\n', ['2: {"id":"007","n":"1e3","d":"2026-01-02"}']],
    ['keeps white space', 'id,b\n1, x \n', ['2: {"id":"1","b":" x "}']],
    ['has null for an empty cell', 'id,b,c\n1,,""\n', ['2: {"id":"1","b":null,"c":null}']],
    [
      'has an array of tags',
      'id,tags\n1,a|b; c ,d||\n'.replace(',d', '|d'),
      ['2: {"id":"1","tags":["a","b","c","d"]}'],
    ],
    [
      'has tags between commas',
      'id,tags\n1,"a, b"\n2,\n',
      ['2: {"id":"1","tags":["a","b"]}', '3: {"id":"2","tags":null}'],
    ],
    [
      'may have a line break in a cell',
      'id,b\n1,"x\r\ny"\n2,z\n',
      ['2: {"id":"1","b":"x\\r\\ny"}', '4: {"id":"2","b":"z"}'],
    ],
    ['is passed over when it is blank', '\n ,\nid,b\n\n,\n \t,""\n1,x\n\n', ['7: {"id":"1","b":"x"}']],
    ['may begin with an empty cell', 'b,id\n,1\n', ['2: {"b":null,"id":"1"}']],
    ['with more cells is none', 'id,b\n1,x,y\n2,z\n', ['2! 3 cells, and the header has 2', '3: {"id":"2","b":"z"}']],
    [
      'with text behind a quote is none',
      'id,b\n1,"x"y\n2,z\n',
      ['2! text behind a closing quote; a quote in a quoted cell is written twice', '3: {"id":"2","b":"z"}'],
    ],
    ['keeps a quote in the middle', 'id,b\n1,5" pipe\n', ['2: {"id":"1","b":"5\\" pipe"}']],
    ['keeps NUL', 'id,b\n1,x\0y\n', ['2: {"id":"1","b":"x\\u0000y"}']],
    ['ends in a carriage return alone', 'id,b\r1,x\r2,y', ['2: {"id":"1","b":"x"}', '3: {"id":"2","b":"y"}']],
  ])('%s', (_, content, records) => expect(recordsOf(content)).toEqual(records));

  test('with fewer cells has null for the rest, and is counted', () => {
    const { records, shortRows } = outcomeOf('id,b,c\n1\n2,x\n3,x,y\n');
    expect(records).toEqual([
      '2: {"id":"1","b":null,"c":null}',
      '3: {"id":"2","b":"x","c":null}',
      '4: {"id":"3","b":"x","c":"y"}',
    ]);
    expect(shortRows).toBe(2);
  });

  test('has the tags where the export has them', () => {
    const options = { fieldNames: { tags: 'Labels' } };
    expect(recordsOf('id,Labels,tags\n1,a|b,c|d\n', options)).toEqual([
      '2: {"id":"1","Labels":["a","b"],"tags":"c|d"}',
    ]);
  });
});

describe('the header', () => {
  test('is trimmed, and a column without a name is called by its place', () => {
    expect(recordsOf(' id ,,"\tb\t",\n1,2,3,4\n')).toEqual(['2: {"id":"1","column_2":"2","b":"3","column_4":"4"}']);
  });

  test('may have names that mean something to JavaScript', () => {
    const [record = ''] = recordsOf('id,__proto__,constructor,toString\n1,2,3,4\n');
    expect(record).toBe('2: {"id":"1","__proto__":"2","constructor":"3","toString":"4"}');
    expect(({} as Record<string, unknown>)['2']).toBeUndefined();
  });

  test('may have 5,000 columns', () => {
    const names = Array.from({ length: 5_000 }, (_, at) => (at === 0 ? 'id' : `c${at}`));
    const { records } = read([Buffer.from(`${names.join()}\n${names.join()}\n`)], {});
    expect(Object.keys(JSON.parse((records[0] ?? '').slice(3)) as object)).toEqual(names);
  });

  test('may be one column', () => {
    expect(recordsOf('id\na\nb\n')).toEqual(['2: {"id":"a"}', '3: {"id":"b"}']);
  });

  test('alone is no record, and no error', () => expect(recordsOf('id,b\n')).toEqual([]));

  test.each<[string, string, Partial<ReaderOptions>, string, string | undefined]>([
    ['nothing', '', {}, 'f.csv is empty; expected a row with the names of the columns', undefined],
    ['only blank rows', '\n , \n,,\n', {}, 'f.csv is empty; expected a row with the names of the columns', undefined],
    ['only a byte order mark', '\ufeff', {}, 'f.csv is empty; expected a row with the names of the columns', undefined],
    ['only a sep= line', 'sep=;\n', {}, 'f.csv is empty; expected a row with the names of the columns', undefined],
    [
      'a name twice',
      'id,Status,x, Status \n',
      {},
      'f.csv: columns 2 and 4 have the same name, Status (header in line 1)',
      'give each column a name of its own',
    ],
    [
      'the id twice',
      '\nid,b,id\n',
      {},
      'f.csv: columns 1 and 3 have the same name, id (header in line 2)',
      'give each column a name of its own',
    ],
    [
      'no id',
      'Title,Case Number\n',
      {},
      'f.csv has no column id, which would hold the id (header in line 1); its columns are Title, Case Number',
      "--id-field 'Case Number'",
    ],
    [
      'no column of that name',
      'id,b\n',
      { idField: 'Number' },
      'f.csv has no column Number, which would hold the id (header in line 1); its columns are id, b',
      '--id-field id',
    ],
    [
      'no name that may be one',
      'title,b\n',
      {},
      'f.csv has no column id, which would hold the id (header in line 1); its columns are title, b',
      '--id-field NAME says which column it is',
    ],
    [
      'another delimiter',
      'id;b\n1;2\n',
      { delimiter: ',' },
      'f.csv has no column id, which would hold the id (header in line 1); its only column is id;b',
      "is the delimiter right? --delimiter ';'",
    ],
    [
      'as many commas in the names as delimiters',
      'id;Name, Vorname\n1;a, b\n',
      {},
      'f.csv has no column id, which would hold the id (header in line 1); its columns are id;Name, Vorname',
      "is the delimiter right? --delimiter ';'",
    ],
    [
      'nearly the name',
      'Fallnummer,System ID\n',
      { idField: 'fallnumer' },
      'f.csv has no column fallnumer, which would hold the id (header in line 1); its columns are Fallnummer, System ID',
      '--id-field Fallnummer',
    ],
    [
      'text behind a quote',
      '"id"x,b\n',
      {},
      'f.csv: the header has text behind a closing quote; a quote in a quoted cell is written twice (line 1)',
      undefined,
    ],
  ])('%s: the file is refused', (_, content, options, error, hint) => {
    expect(outcomeOf(content, options)).toMatchObject({ records: [], error, hint });
  });

  test('with many columns names the first ones', () => {
    const names = Array.from({ length: 30 }, (_, at) => `c${at}`);
    expect(outcomeOf(`${names.join()}\n`).error).toMatch(/ c0, .*, c11 and 18 more$/);
  });

  test('names the column of the id as fieldNames have it', () => {
    expect(recordsOf('Nr,b\n1,x\n', { fieldNames: { id: 'Nr' } })).toEqual(['2: {"Nr":"1","b":"x"}']);
  });
});

describe('the delimiter', () => {
  test.each<[string, string, unknown]>([
    ['comma', 'id,b\n1,2;3\n', ['1', '2;3']],
    ['semicolon', 'id;b\n1;2,3\n', ['1', '2,3']],
    ['tab', 'id\tb\n1\t2\n', ['1', '2']],
    ['bar', 'id|b\n1|2\n', ['1', '2']],
    ['the most frequent one', 'id;b;"x,y";a,b\n1;2;3;4\n', ['1', '2']],
    ['none of those in quotes', '"a,b,c,d";id;"x ""y"", z";b\n0;1;0;2\n', ['1', '2']],
    ['the first of equals', 'id,b,x;y;\n1,2,3\n', ['1', '2']],
    ['the header row, over its lines', '"x\n,,,,,,";id;b\n0;1;2\n', ['1', '2']],
    ['that of the header, below blank rows', '\n;;\n \nid;b\n1;2\n', ['1', '2']],
    ['not that of blank rows above', '\t\t\t\nid;b\n1;2\n', ['1', '2']],
    ['a sep= line', 'sep=|\r\nid|b;c;d;e\n1|2\n', ['1', undefined]],
    ['a sep= line with a tab', 'sep=\t\nid\tb\n1\t2\n', ['1', '2']],
    ['a sep= line in quotes', '"sep=;"\rid;b\r1;2\r', ['1', '2']],
    ['a sep= line behind a byte order mark', '\ufeffSEP=;;;\nid;b\n1;2\n', ['1', '2']],
    ['any character', 'sep=#\nid#b\n1#2,3\n', ['1', '2,3']],
    ['no column called sep=', 'sep=ab,id,b\n0,1,2\n', ['1', '2']],
    ['a cell that begins with s', 's,id,b\n0,1,2\n', ['1', '2']],
  ])('is found: %s', (_, content, cells) => expect(cellsOf(content)).toEqual(cells));

  test('is what was asked for, whatever the header and a sep= line say', () => {
    expect(cellsOf('sep=;\nid|b;c;d\n1|2\n', { delimiter: '|' })).toEqual(['1', undefined]);
    expect(cellsOf('id^b\n1^2\n', { delimiter: '^' })).toEqual(['1', '2']);
  });

  test('is a tab in .tsv', () => {
    expect(cellsOf('id\tb,c,d\n1\tx\n', { form: 'tsv' })).toEqual(['1', undefined]);
    expect(cellsOf('id;b\n1;2\n', { form: 'tsv', delimiter: ';' })).toEqual(['1', '2']);
  });

  test('lines are counted from the first one, a sep= line too', () => {
    expect(recordsOf('sep=;\r\n\r\nid;b\r\n1;2\r\n')).toEqual(['4: {"id":"1","b":"2"}']);
  });
});

const TEXT = 'id,b\r\n1,"é中文😀"\r\n';

function utf16(text: string, endian: 'LE' | 'BE'): Buffer {
  const bytes = Buffer.from(text, 'utf16le');
  return endian === 'LE' ? bytes : bytes.swap16();
}

describe('the encoding', () => {
  test.each<[string, Buffer, Partial<ReaderOptions>]>([
    ['UTF-8', Buffer.from(TEXT), {}],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${TEXT}`), {}],
    ['UTF-8 with a mark, whatever was asked for', Buffer.from(`\ufeff${TEXT}`), { encoding: 'windows-1252' }],
    ['UTF-16LE with a mark', utf16(`\ufeff${TEXT}`, 'LE'), {}],
    ['UTF-16BE with a mark', utf16(`\ufeff${TEXT}`, 'BE'), {}],
    ['UTF-16LE with a mark, whatever was asked for', utf16(`\ufeff${TEXT}`, 'LE'), { encoding: 'utf-8' }],
    ['UTF-16LE that was asked for', utf16(TEXT, 'LE'), { encoding: 'utf-16' }],
    ['UTF-16BE that was asked for', utf16(TEXT, 'BE'), { encoding: 'utf-16' }],
  ])('%s', (_, content, options) => expect(cellsOf(content, options)).toEqual(['1', 'é中文😀']));

  test('windows-1252 has all its 256 bytes', () => {
    const all = Buffer.from(
      Array.from({ length: 256 }, (_, at) => at).filter((byte) => !'",\r\n'.includes(String.fromCharCode(byte))),
    );
    const content = Buffer.concat([Buffer.from('id,b\n1,'), all, Buffer.from('\n')]);
    const [, cell] = cellsOf(content, { encoding: 'windows-1252' }) as [string, string];
    expect(cell.slice(-128, -96)).toBe('€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ');
    expect(cell.slice(-96)).toBe(Buffer.from(Array.from({ length: 96 }, (_, at) => at + 0xa0)).toString('latin1'));
    expect(cell.slice(0, -128)).toBe(all.subarray(0, -128).toString('latin1'));
  });

  test.each<[string, Buffer, Partial<ReaderOptions>, string, string]>([
    [
      'not UTF-8',
      Buffer.from('id,b\n1,x\n2,"y\n\xe9"\n', 'latin1'),
      {},
      'f.csv is not UTF-8 (line 4)',
      '--encoding windows-1252',
    ],
    [
      'not UTF-8 at its end',
      Buffer.from('id,b\n1,x\n2,\xc3', 'latin1'),
      {},
      'f.csv is not UTF-8 (line 3)',
      '--encoding windows-1252',
    ],
    [
      'half a character of UTF-16',
      utf16('\ufeffid,b\n1,x\n2', 'LE').subarray(0, -1),
      {},
      'f.csv is cut off in the middle of a character (line 3)',
      'get the file again',
    ],
  ])('%s: the rows before it are read, the file is refused by its line', (_, content, options, error, hint) => {
    const outcome = outcomeOf(content, options);
    expect(outcome).toMatchObject({ records: ['2: {"id":"1","b":"x"}'], error });
    expect(outcome.hint).toContain(hint);
  });

  test('not UTF-8 in the header', () => {
    expect(outcomeOf(Buffer.from('id,\xe9\n1,2\n', 'latin1'))).toMatchObject({
      records: [],
      error: 'f.csv is not UTF-8 (line 1)',
    });
    expect(outcomeOf(Buffer.from('sep=;\r\nid;\xe9\n1;2\n', 'latin1'))).toMatchObject({
      records: [],
      error: 'f.csv is not UTF-8 (line 2)',
    });
  });

  test.each(['LE', 'BE'] as const)('UTF-16%s without a mark is not guessed', (endian) => {
    expect(outcomeOf(utf16(TEXT, endian))).toMatchObject({
      error: 'f.csv is UTF-16 without a byte order mark',
      hint: '--encoding utf-16',
    });
  });
});

describe('a file of another form', () => {
  test.each<[string, string | Buffer, string, string]>([
    ['JSON', '[\n{"id":1}]', 'f.csv is JSON, not', '--input-format json'],
    ['JSON on a line', '[{"id":1,"b":2},{"id":2}]', 'f.csv is JSON, not', '--input-format json'],
    ['a JSON document', '{\n  "cases": []}', 'f.csv is JSON, not', '--input-format json'],
    ['NDJSON', '{"id":1,"b":"x, y"}\n{"id":2}\n', 'f.csv is NDJSON, not', '--input-format ndjson'],
    ['HTML', '\n<!DOCTYPE html>\n<html>', 'f.csv is HTML or XML', 'log-in'],
    ['a workbook', Buffer.from('PK\x03\x04\x14\0\x06\0'), 'f.csv is a ZIP file', 'save it as CSV UTF-8'],
    [
      'an old workbook',
      Buffer.from('\xd0\xcf\x11\xe0\xa1\xb1', 'latin1'),
      'f.csv is a workbook of an old Excel',
      'CSV UTF-8',
    ],
    ['Parquet', Buffer.from('PAR1\x15\x04\x15'), 'f.csv is a Parquet file', 'save it as CSV UTF-8'],
  ])('%s is named, with what to do', (_, content, error, hint) => {
    const outcome = outcomeOf(content);
    expect(outcome).toMatchObject({ records: [], error: expect.stringContaining(error) as string });
    expect(outcome.hint).toContain(hint);
  });

  test.each(['[id],[name],id\n1,2,3\n', 'PAR1,PK,id\n1,2,3\n', 'PK,x,id\n1,2,3\n', '<x>,{y},id\n1,2,3\n'])(
    '%j is a header all the same',
    (content) => expect(recordsOf(content)).toHaveLength(1),
  );

  test.each<[string, Partial<ReaderOptions>]>([
    ['NDJSON', { form: 'ndjson' }],
    ['an array', { form: 'document' }],
    ['anything', { form: undefined }],
  ])('a workbook that is taken for %s is named too', (_, options) => {
    expect(outcomeOf(Buffer.from('PK\x03\x04\x14\0\x06\0'), options).error).toContain('is a ZIP file');
  });
});

describe('a quote that is never closed', () => {
  test('ends the reading by its line, after the rows before it', () => {
    expect(outcomeOf('id,b\n1,x\n2,"y\n3,z\n')).toMatchObject({
      records: ['2: {"id":"1","b":"x"}'],
      error: 'f.csv: a quote that is opened on line 3 is never closed',
    });
  });

  test('in the header', () => {
    expect(outcomeOf('id,"b\n1,x\n').error).toBe('f.csv: a quote that is opened on line 1 is never closed');
  });
});

describe('16 MiB', () => {
  const MIB = 1024 * 1024;
  const sheet = (cell: string): readonly Buffer[] => inPieces(Buffer.from(`id,b\n1,x\n2,${cell}\n3,y\n`), 64 * 1024);

  test.each([
    ['plain', 'x'.repeat(15 * MIB)],
    ['quoted', `"${'x'.repeat(15 * MIB)}"`],
  ])('a cell of 15 MiB is kept: %s', (_, cell) => {
    const { records, error } = read(sheet(cell), {});
    expect([error, records.map((record) => record.length)]).toEqual([undefined, [21, 15 * MIB + 20, 21]]);
  });

  test.each([
    ['plain', 'x'.repeat(17 * MIB)],
    ['quoted', `"${'x'.repeat(17 * MIB)}"`],
    ['of two bytes a character', 'é'.repeat(9 * MIB)],
  ])('a cell of 17 MiB ends the reading by its line: %s', (_, cell) => {
    const { records, error, hint } = read(sheet(cell), {});
    expect(records).toEqual(['2: {"id":"1","b":"x"}']);
    expect(error).toBe('f.csv: the row that begins on line 3 is larger than 16 MiB');
    expect(hint).toContain('quote');
  });

  test('a row that is too large only with the escapes of JSON is a broken record', () => {
    const { records, error } = read(sheet(`"${'\n'.repeat(9 * MIB)}"`), {});
    expect(error).toBeUndefined();
    expect(records[1]).toBe('3! larger than 16 MiB as JSON');
    expect(records).toHaveLength(3);
  });

  test('a header that leaves no room for a row is refused before any is read', () => {
    const { records, error } = read(inPieces(Buffer.from(`id${','.repeat(MIB)}\nx1\n`), MIB), {});
    expect(records).toEqual([]);
    expect(error).toBe('f.csv: 1048577 columns, which make every row larger than 16 MiB (header in line 1)');
  });

  test('a header that does not end', () => {
    expect(read(inPieces(Buffer.from('x,'.repeat(9 * MIB)), MIB), {}).error).toContain('line 1 is larger than 16 MiB');
  });
});

test('the form is what was asked for, else what the name tells', () => {
  const forms = ['a.csv', 'a.CSV.gz', 'a.tsv', 'a.tsv.gz', 'a.json', 'a.jsonl', 'a.txt', '-'].map((file) =>
    formOf(file),
  );
  expect(forms).toEqual(['csv', 'csv', 'tsv', 'tsv', 'document', 'ndjson', undefined, undefined]);
  expect([formOf('a.ndjson', 'csv'), formOf('-', 'json'), formOf('-', 'auto')]).toEqual(['csv', 'document', undefined]);
});

describe('CSV that is read as NDJSON', () => {
  const ndjson: Partial<ReaderOptions> = { form: 'ndjson' };
  const looks = {
    error: expect.stringContaining('f.csv looks like CSV') as string,
    hint: expect.stringContaining('--input-format csv') as string,
  };

  test.each([
    ['whatever its delimiter', 'id;title\n1;x\n2;y\n'],
    ['without a last line break', 'id,title\n1,x'],
    ['with lines that are no rows', 'id,title\n1,"x\ny"\n2,z\n3,z\n'],
    ['of more lines than are looked at', `id,title\n${'1,x\n'.repeat(30)}{"id":1}\n`],
    ['with lines that are JSON by chance, behind them', `id,title\n${'a,x\n'.repeat(9)}5\n`],
  ])('is named %s', (_, content) => {
    expect(outcomeOf(content, ndjson)).toMatchObject({ records: [], ...looks });
    expect(outcomeOf(content, { form: undefined })).toMatchObject({ records: [], ...looks });
  });

  test.each([
    ['a line that is no JSON, and then JSON', 'id,title\n{"id":1}\n', ['1! not JSON', '2: {"id":1}']],
    ['sentences', 'hello\nworld\n', ['1! not JSON', '2! not JSON']],
    ['one line', 'hello, world\n', ['1! not JSON']],
    ['JSON that is broken', '{"a":1,"b\n{"a":1,"c\n', ['1! not JSON', '2! not JSON']],
    [
      'a line with commas, and lines without',
      'a,b\nc\nd\ne\n',
      ['1! not JSON', '2! not JSON', '3! not JSON', '4! not JSON'],
    ],
    [
      'a line that is too deep',
      `a,b\n${'['.repeat(1_001)}${']'.repeat(1_001)}\nc,d\n`,
      ['1! not JSON', '2! nested deeper', '3! not JSON'],
    ],
  ])('is not: %s', (_, content, records) => {
    const outcome = outcomeOf(content, ndjson);
    expect(outcome.error).toBeUndefined();
    expect(outcome.records.map((record) => record.replace(/(not JSON|nested deeper).*/, '$1'))).toEqual(records);
  });

  test('a last line that is cut off is still named as such', () => {
    expect(outcomeOf('{"id":1}\n{"a,b', ndjson).error).toContain('is cut off: its last line, 2');
    expect(outcomeOf('a,b\nc\n{"x', ndjson)).toMatchObject({ records: [expect.anything(), expect.anything()] });
  });
});
