import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RowCutter, type RowSink } from '../../../../../src/io/sources/file/sheet/row-cutter.js';

/** A row as `line: [cells]`, `line! [cells]` when there is text behind a closing quote; or what ended the text. */
type Found = readonly string[];

interface Options {
  readonly delimiter?: string;
  readonly maxLength?: number;
  readonly line?: number;
}

class Stop extends Error {}

function cut(pieces: readonly string[], { delimiter = ',', maxLength = 1e6, line = 1 }: Options = {}): Found {
  const found: string[] = [];
  const stop = (what: string): never => {
    found.push(what);
    throw new Stop(what);
  };
  const sink: RowSink = {
    row: (cells, at, isBroken) => void found.push(`${at}${isBroken ? '!' : ':'} ${JSON.stringify(cells)}`),
    tooLong: (at) => stop(`too long: ${at}`),
    neverClosed: (at) => stop(`never closed: ${at}`),
  };
  const cutter = new RowCutter({ delimiter, maxLength, line }, sink);
  try {
    for (const piece of pieces) cutter.push(piece);
    cutter.end();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
  }
  return found;
}

function inPieces(text: string, length: number): string[] {
  return text.match(new RegExp(`[^]{1,${length}}`, 'g')) ?? [];
}

/** The same text whole, in pieces of one and of three, and cut in two at every place. */
function everyCutting(text: string): string[][] {
  const halves = Array.from({ length: text.length + 1 }, (_, at) => [text.slice(0, at), text.slice(at)]);
  return [[text], inPieces(text, 1), inPieces(text, 3), ...halves];
}

function expectRows(text: string, rows: Found, options?: Options): void {
  for (const pieces of everyCutting(text)) {
    expect({ pieces, rows: cut(pieces, options) }).toEqual({ pieces, rows });
  }
}

describe('a document gives the same rows however it is cut', () => {
  test.each<[string, string, Found]>([
    ['nothing', '', []],
    ['cells', 'a,b,c\n1,2,3\n', ['1: ["a","b","c"]', '2: ["1","2","3"]']],
    ['no line break at the end', 'a,b\n1,2', ['1: ["a","b"]', '2: ["1","2"]']],
    ['CRLF', 'a,b\r\n1,2\r\n', ['1: ["a","b"]', '2: ["1","2"]']],
    ['carriage returns alone', 'a,b\r1,2\r3,4', ['1: ["a","b"]', '2: ["1","2"]', '3: ["3","4"]']],
    [
      'every kind of line break',
      'a\nb\rc\r\nd\n\re',
      ['1: ["a"]', '2: ["b"]', '3: ["c"]', '4: ["d"]', '5: [""]', '6: ["e"]'],
    ],
    ['empty rows', '\n\na\n\n', ['1: [""]', '2: [""]', '3: ["a"]', '4: [""]']],
    ['empty cells', ',a,\n,,\n', ['1: ["","a",""]', '2: ["","",""]']],
    ['an empty cell at the very end', 'a,', ['1: ["a",""]']],
    ['a comma in quotes', 'John,"12 Main St, Boston",x\n', ['1: ["John","12 Main St, Boston","x"]']],
    ['quotes in quotes', '1,"ha ""ha"" ha"\n3,4\n', ['1: ["1","ha \\"ha\\" ha"]', '2: ["3","4"]']],
    ['only quotes in quotes', '"""","""""",""\n', ['1: ["\\"","\\"\\"",""]']],
    [
      'JSON in quotes',
      '1,"{""type"": ""Point"", ""at"": [2,3]}"\n',
      ['1: ["1","{\\"type\\": \\"Point\\", \\"at\\": [2,3]}"]'],
    ],
    ['a line break in quotes', '1,"a\nb"\n2,c\n', ['1: ["1","a\\nb"]', '3: ["2","c"]']],
    ['CRLF in quotes', '1,"a\r\nb\r\n"\r\n2,c\r\n', ['1: ["1","a\\r\\nb\\r\\n"]', '4: ["2","c"]']],
    ['carriage returns in quotes', '"a\r\r"\r"b"\r', ['1: ["a\\r\\r"]', '4: ["b"]']],
    ['a return before an escaped quote', '"a\r""\n"\nb', ['1: ["a\\r\\"\\n"]', '4: ["b"]']],
    ['quotes at the end of the text', 'a,"b"', ['1: ["a","b"]']],
    ['a quote inside of a cell', '5" pipe,a"b"c\n', ['1: ["5\\" pipe","a\\"b\\"c"]']],
    ['spaces are text', ' a , "b" \n', ['1: [" a "," \\"b\\" "]']],
    ['text behind a closing quote', '1,"a"b,c\n2,d\n', ['1! ["1","ab","c"]', '2: ["2","d"]']],
    ['a space behind a closing quote', '"a" ,b\n', ['1! ["a ","b"]']],
    ['quotes behind a closing quote', '"a"b"c,d"\ne\n', ['1! ["ab\\"c","d\\""]', '2: ["e"]']],
    ['Unicode', 'é,中文\n😀,"א\u2028b"\n', ['1: ["é","中文"]', '2: ["😀","א\u2028b"]']],
    ['NUL', 'a\0b,\0\n', ['1: ["a\\u0000b","\\u0000"]']],
    ['a quote that is never closed', 'a,b\n1,"2\n3,4\n', ['1: ["a","b"]', 'never closed: 2']],
    ['one that is opened further down in its row', '"a\nb","c\nd', ['never closed: 2']],
    ['a quote as the last character', 'a\n"', ['1: ["a"]', 'never closed: 2']],
  ])('%s', (_, text, rows) => expectRows(text, rows));

  test('other delimiters, and a first line that is not 1', () => {
    expectRows('a;b,c\n"d;e";f\n', ['5: ["a","b,c"]', '6: ["d;e","f"]'], { delimiter: ';', line: 5 });
    expectRows('a\tb\n\t\n', ['1: ["a","b"]', '2: ["",""]'], { delimiter: '\t' });
  });

  test('a row may be as long as allowed, and not longer, on any line', () => {
    expectRows('12345\n"12\n"\n123,5\r\n', ['1: ["12345"]', '2: ["12\\n"]', '4: ["123","5"]'], { maxLength: 5 });
    expectRows('12345\r\n12345\r\n', ['1: ["12345"]', '2: ["12345"]'], { maxLength: 5 });
    expectRows('1\n123456\n3\n', ['1: ["1"]', 'too long: 2'], { maxLength: 5 });
    expectRows('1\n2,"34\n', ['1: ["1"]', 'never closed: 2'], { maxLength: 6 });
    expectRows('1\n2,"345678\n"\n', ['1: ["1"]', 'too long: 2'], { maxLength: 6 });
  });
});

/** Texts of what matters: delimiters, quotes, line breaks, and a letter or two. */
const anyText = fc.string({ unit: fc.constantFrom(',', '"', '\n', '\r', 'a', 'é', ' '), maxLength: 40 });
const cells = fc.array(fc.array(anyText, { minLength: 1, maxLength: 4 }), { maxLength: 6 });

/** As a spreadsheet writes it: quotes where they are needed, or around all. */
function written(rows: readonly (readonly string[])[], lineBreak: string, all: boolean): string {
  const cell = (text: string): string => (all || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => row.map(cell).join(',') + lineBreak).join('');
}

test('what a spreadsheet writes is read back, in any pieces', () => {
  const lineBreaks = fc.constantFrom('\n', '\r\n', '\r');
  fc.assert(
    fc.property(cells, lineBreaks, fc.boolean(), fc.integer({ min: 1, max: 7 }), (rows, lineBreak, all, length) => {
      const found = cut(inPieces(written(rows, lineBreak, all), length));
      expect(found.map((row) => JSON.parse(row.slice(row.indexOf(' '))) as unknown)).toEqual(rows);
    }),
    { numRuns: 2_000 },
  );
});

test('any text gives the same in any pieces', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 5 }), (text, length) => {
      expect(cut(inPieces(text, length))).toEqual(cut([text]));
    }),
    { numRuns: 5_000 },
  );
});

test('the rows are those of csv-parse', () => {
  const lineBreaks = fc.constantFrom('\n', '\r\n');
  fc.assert(
    fc.property(cells, lineBreaks, fc.boolean(), (rows, lineBreak, all) => {
      const text = written(rows, lineBreak, all);
      const options = { record_delimiter: lineBreak, relax_column_count: true, relax_quotes: true } as const;
      const theirs = parse(text, options) as string[][];
      expect(cut([text]).map((row) => JSON.parse(row.slice(row.indexOf(' '))) as unknown)).toEqual(theirs);
    }),
    { numRuns: 2_000 },
  );
});
