import { describe, expect, test } from 'vitest';
import { globTest, parseQuery, searchAddress, searchInAddress } from '../../../../src/report/html/page/query.js';

describe('a query', () => {
  test('is words, phrases and fields', () => {
    expect(parseQuery('No "Second Word" KIND:http id:"a b" other:x')).toEqual([
      { source: 'No', field: undefined, value: 'no' },
      { source: '"Second Word"', field: undefined, value: 'second word' },
      { source: 'KIND:http', field: 'kind', value: 'http' },
      { source: 'id:"a b"', field: 'id', value: 'a b' },
      { source: 'other:x', field: undefined, value: 'other:x' },
    ]);
  });

  test.each([
    ['case-1', 'case-1', true],
    ['case-1', 'case-10', false],
    ['case-1*', 'case-10', true],
    ['*.ndjson:7', 'a.ndjson:7', true],
    ['*.ndjson:7', 'andjson:7', false],
    ['a*c', 'a\nb\nc', true],
    ['[*]', '[12]', true],
  ])('%j finds %j: %s', (pattern, text, expected) => {
    expect(globTest(pattern)(text)).toBe(expected);
  });
});

describe('the address', () => {
  test.each([
    { query: 'kind:http "a b" 100%', sort: '-time' },
    { query: 'ü&q=x', sort: '' },
    { query: '', sort: 'id' },
  ])('keeps %j', (search) => {
    expect(searchInAddress(searchAddress(search))).toEqual(search);
  });

  test('without a search holds none, and one with a lone surrogate can be written', () => {
    expect(searchInAddress('#timeline')).toBeUndefined();
    expect(searchAddress({ query: ' \ud800 ', sort: '' })).toBe('#q=*');
  });
});
