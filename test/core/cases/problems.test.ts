import { describe, expect, test } from 'vitest';
import { ProblemCounts, problemKind, problemsOf } from '../../../src/core/cases/problems.js';
import { RecordShape } from '../../../src/core/cases/record.js';

function messageOf(text: string): string {
  const check = new RecordShape().check(JSON.parse(text), text);
  return check.ok ? '' : check.message;
}

describe('the problems of a record', () => {
  test.each([
    ['{"title":1}', ['no id', 'title is not a string']],
    ['{"id":""}', ['id is empty']],
    ['{"id":1.5,"tags":["a",1]}', ['id is not a non-empty string or an integer', 'tags is not an array of strings']],
    ['[1]', ['not an object']],
    [
      '{"id":1,"dueAt":"x; and y is 1; expected z","tags":"; and "}',
      ['tags is not an array of strings', 'dueAt is not an ISO 8601 date or date-time'],
    ],
  ])('of %s', (text, kinds) => {
    expect(problemsOf(messageOf(text)).map(problemKind)).toEqual(kinds);
  });

  test.each([
    ['the id "a\\"b" was seen before', 'the id … was seen before'],
    ['not JSON: Unexpected end', 'not JSON'],
    ['larger than 16 MiB', 'larger than 16 MiB'],
    ['the endpoint needs {x}, and it is empty', 'the endpoint needs {x}, and it is empty'],
  ])('%s', (message, kind) => {
    expect(problemsOf(message).map(problemKind)).toEqual([kind]);
  });

  test('are counted once a record, in bounded memory', () => {
    const counts = new ProblemCounts();
    for (let at = 0; at < 1000; at++) counts.add(`another problem ${at}`);
    expect(counts.counts()).toHaveLength(65);
    expect(counts.counts().at(-1)).toEqual(['other problems', 936]);
  });
});
