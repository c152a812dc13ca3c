import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { closest, editDistance } from '../../src/text/did-you-mean.js';

const COMMANDS = ['list', 'enrich', 'report', 'validate', 'serve', 'schema', 'completion', 'help'];
const FLAGS = ['--format', '--first', '--fields', '--limit', '--timeout', '--max-time', '--max-failures', '--retries'];

describe('did you mean', () => {
  test.each([
    ['two letters swapped', 'opne', ['open', 'closed', 'pending'], 'open'],
    ['one letter missing', 'priorty', ['priority', 'status'], 'priority'],
    ['a command', 'enrcih', COMMANDS, 'enrich'],
    ['the beginning of a word', 'val', COMMANDS, 'validate'],
    ['a flag', '--formt', FLAGS, '--format'],
    ['a plural', 'retry', ['retries', 'retry-unsafe'], 'retries'],
    ['capitals', 'Open', ['open', 'closed'], 'open'],
    ['a key', 'maxFailure', ['maxFailures', 'maxTime'], 'maxFailures'],
  ])('%s: %s', (_, word, candidates, expected) => {
    expect(closest(word, candidates)).toBe(expected);
  });

  test.each([
    ['nothing is near', 'banana', COMMANDS],
    ['two are equally near', 'bat', ['cat', 'hat', 'dog']],
    ['two begin so', '--fi', FLAGS],
    ['the word is too short to tell', 'a', ['b', 'all']],
    ['the word is empty', '', COMMANDS],
    ['the word is enormous', 'x'.repeat(1_000_000), COMMANDS],
    ['there are no candidates', 'list', []],
    ['only dashes are right', '--', FLAGS],
  ])('nothing when %s', (_, word, candidates) => {
    expect(closest(word, candidates)).toBeUndefined();
  });

  test('the distance is that of the textbook', () => {
    const table = [
      ['', '', 0],
      ['abc', '', 3],
      ['ca', 'ac', 1],
      ['kitten', 'sitting', 3],
    ] as const;
    for (const [a, b, expected] of table) expect(editDistance(a, b)).toBe(expected);
  });

  test('the distance is 0 only for equal words, symmetric, and never more than the longer word', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance === 0).toBe(a === b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

test('of any number of names only the first thousand are looked at', () => {
  let looked = 0;
  function* names(): Generator<string> {
    for (; looked < 1_000_000; looked++) yield `name${looked}`;
  }
  expect(closest('banana', names())).toBeUndefined();
  expect(looked).toBeLessThanOrEqual(1001);
});
