/** Where to ask for answers that come later, as journals tell it: for a run that is resumed, and for several files. */

import { describe, expect, test } from 'vitest';
import type { PendingPlace } from '../../../src/core/case.js';
import { KeyedHash } from '../../../src/core/hash/keyed-hash.js';
import { MergeIndex } from '../../../src/core/merge/merge-index.js';
import { OpenPlaces } from '../../../src/core/merge/open-places.js';
import { ResumeIndex } from '../../../src/core/merge/resume-index.js';
import { Resumption } from '../../../src/core/merge/resumption.js';
import type { SavedResult } from '../../../src/core/results/run-info.js';
import { enriched, saved, unenriched } from '../../helpers/samples.js';

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 22, 9, minute)).toISOString();
const place = (poll: string, minute = 0, caseId = 'a'): PendingPlace => ({
  caseId,
  index: 0,
  at: at(minute),
  key: 'k',
  poll,
});
const isPlace = (line: PendingPlace | SavedResult): line is PendingPlace => !('status' in line);
const TIMEOUT = { kind: 'timeout', phase: 'poll', message: 'm', retryable: true } as const;
const failed = (poll?: string, minute = 0): SavedResult =>
  saved(
    unenriched('a', 'failed', { error: TIMEOUT, key: 'k', at: at(minute), ...(poll === undefined ? {} : { poll }) }),
  );
const refresh = (poll?: string, minute = 0): SavedResult => ({ ...failed(poll, minute), refresh: true });
const done = (minute = 0): SavedResult => saved(enriched('a', { key: 'k', at: at(minute) }));
const invalid = saved(unenriched('a', 'invalid', { source: { file: 'f', line: 1 } }));

describe('a resumed run', () => {
  const indexOf = (lines: readonly (PendingPlace | SavedResult)[]): ResumeIndex => {
    const index = new ResumeIndex(new KeyedHash(1, 2));
    for (const line of lines) {
      if (isPlace(line)) index.places.add(line);
      else index.add(line);
    }
    return index;
  };

  test.each<[string, (PendingPlace | SavedResult)[], string | undefined]>([
    ['where the line says', [place('u')], 'u'],
    ['where the newest line says', [place('u'), place('v')], 'v'],
    ['where a failed result says', [place('u'), failed('u')], 'u'],
    ['nowhere after a failure that leaves nothing', [place('u'), failed()], undefined],
    ['nowhere once it is enriched', [place('u'), done()], undefined],
    ['again after it was submitted anew', [failed(), place('u')], 'u'],
    ['still after an invalid record of the same id', [place('u'), invalid], 'u'],
  ])('asks %s', (_what, lines, url) => {
    const index = indexOf(lines);
    const resumption = new Resumption(index);
    expect(resumption.placeOf('a', 'k')).toBe(url);
    expect(resumption.placeOf('a', 'another request')).toBeUndefined();
    expect(resumption.counts.asked).toBe(url === undefined ? 0 : 1);
  });

  test('has no result of a case that is only pending', () => {
    const index = indexOf([place('u')]);
    expect([index.status('a'), index.isDone('a', 'k'), index.size, index.places.size]).toEqual([
      'missing',
      false,
      0,
      1,
    ]);
  });
});

describe('several files', () => {
  const openIn = (...files: (PendingPlace | SavedResult)[][]): string[] => {
    const index = new MergeIndex(new KeyedHash(1, 2));
    const places = new OpenPlaces(index);
    for (const [file, lines] of files.entries()) {
      for (const [position, line] of lines.entries()) {
        if (isPlace(line)) places.add(file, line);
        else {
          places.replaceBy(file, line);
          index.add(file, position, line);
        }
      }
    }
    return places.all.map(({ poll }) => poll);
  };

  test.each<[string, (PendingPlace | SavedResult)[][], string[]]>([
    ['a place', [[place('u')]], ['u']],
    ['a result after it', [[place('u', 5), done(3)]], []],
    ['a result before it, whatever the clock says', [[done(9), place('u', 5)]], ['u']],
    ['a newer result in another file', [[place('u', 5)], [done(6)]], []],
    ['an older result in another file', [[place('u', 5)], [done(4)]], ['u']],
    ['a newer result in an earlier file', [[done(6)], [place('u', 5)]], []],
    ['an older result in an earlier file', [[done(4)], [place('u', 5)]], ['u']],
    ['a newer place in another file', [[place('u', 5)], [place('v', 6)]], ['v']],
    ['an older place in another file', [[place('u', 5)], [place('v', 4)]], ['u']],
    ['other cases', [[place('u', 5, 'b'), done(6)]], ['u']],
    ['an invalid record of its id', [[place('u', 5), invalid]], ['u']],
    ['a refresh that came to nothing, and the enrichment stands', [[done(1), place('u', 5), refresh('u', 6)]], ['u']],
    ['such a refresh in another file', [[done(1)], [refresh('u', 6)]], ['u']],
    ['such a refresh in an earlier file', [[refresh('u', 6)], [done(1)]], ['u']],
    ['a later refresh that leaves nothing to ask for', [[done(1), refresh('u', 6), refresh(undefined, 7)]], []],
    ['an enrichment after such a refresh', [[done(1), refresh('u', 6), done(7)]], []],
    ['a refresh without an enrichment: its own line says where to ask', [[place('u', 5), refresh('u', 6)]], []],
  ])('with %s', (_what, files, open) => expect(openIn(...files)).toEqual(open));
});
