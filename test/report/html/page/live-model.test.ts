import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LiveMessage } from '../../../../src/core/live/messages.js';
import { follow, type LiveModel } from '../../../../src/report/html/page/live-model.js';
import { readMessage } from '../../../../src/report/html/page/live-message.js';
import {
  liveEnd,
  liveFailure,
  liveGroup,
  liveRow,
  liveSnapshot,
  liveState,
  liveUpdate,
} from '../../../helpers/live-messages.js';
import { runInfo, summary } from '../../../helpers/samples.js';

function after(...messages: readonly LiveMessage[]): LiveModel | undefined {
  return messages.reduce<LiveModel | undefined>((model, message) => follow(model, message), undefined);
}

describe('the model of a run', () => {
  test('an update replaces the state and what it names, and keeps the rest', () => {
    const first = liveSnapshot({ seq: 4, groups: [liveGroup(1, 5), liveGroup(2, 3)], failures: [liveFailure(1)] });
    const update = liveUpdate(5, {
      state: liveState({ done: 9 }),
      groups: [liveGroup(2, 8), liveGroup(3, 1)],
      failures: [liveFailure(2), liveFailure(3)],
    });
    const model = after(first, update);
    expect(model?.state.done).toBe(9);
    expect(model?.groups.map(({ number, count }) => [number, count])).toEqual([
      [2, 8],
      [1, 5],
      [3, 1],
    ]);
    expect(model?.failures.map(({ caseId }) => caseId)).toEqual(['CASE-3', 'CASE-2', 'CASE-1']);
  });

  test('rows replace those from their number on; beyond the known ones something is missing', () => {
    const first = liveSnapshot();
    const [a, b, c, d] = [liveRow(1, 0, 0), liveRow(2, 0, 0), liveRow(3, 0, 0), liveRow(4, 0, 0)] as const;
    const known = { ...first, series: { ...first.series, rows: [a, b] } };
    expect(after(known, liveUpdate(2, { firstRow: 1, rows: [c, d] }))?.series.rows).toEqual([a, c, d]);
    expect(after(known, liveUpdate(2, { firstRow: 2, rows: [c] }))?.series.rows).toEqual([a, b, c]);
    expect(after(known, liveUpdate(2, { firstRow: 3, rows: [c] }))).toBeUndefined();
  });

  test('without the message before only a snapshot helps', () => {
    expect(after(liveUpdate(2))).toBeUndefined();
    expect(after(liveSnapshot({ seq: 1 }), liveUpdate(3))).toBeUndefined();
    expect(after(liveSnapshot({ seq: 1 }), liveSnapshot({ seq: 9 }), liveUpdate(10))?.seq).toBe(10);
  });

  test('a snapshot of the same run repeats failures that are known, and keeps older ones; of another run nothing stays', () => {
    const [one, two, three] = [liveFailure(1), liveFailure(2), liveFailure(3)];
    const first = liveSnapshot({ failures: [one, two] });
    expect(after(first, liveSnapshot({ seq: 5, failures: [two, three] }))?.failures).toEqual([three, two, one]);
    expect(after(first, liveSnapshot({ run: runInfo({ id: 'run-2' }), failures: [three] }))?.failures).toEqual([three]);
  });

  test('the end is taken whatever is missing, its counts are the summary, and nothing follows it', () => {
    const end = liveEnd({ seq: 70, exitCode: 1, summary: summary({ total: 9, enriched: 8, failed: 1 }) });
    for (const model of [after(end), after(liveSnapshot(), end), after(liveSnapshot(), end, liveUpdate(71))]) {
      expect(model?.end).toBe(end);
      expect(model?.state).toMatchObject({
        verdict: 'failing',
        done: 9,
        total: 9,
        enriched: 8,
        failed: 1,
        inFlight: 0,
      });
    }
  });

  test('however much comes, it stays small', () => {
    const amounts = fc.array(fc.record({ failures: fc.nat(120), groups: fc.nat(60), rows: fc.nat(900) }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(amounts, (all) => {
        let model = after(liveSnapshot());
        all.forEach(({ failures, groups, rows }, at) => {
          const update = liveUpdate(at + 2, {
            failures: Array.from({ length: failures }, (_, index) => liveFailure(at * 1000 + index)),
            groups: Array.from({ length: groups }, (_, index) => liveGroup(at * 1000 + index, index)),
            firstRow: model?.series.rows.length ?? 0,
            rows: Array.from({ length: rows }, () => liveRow(1, 0, 0)),
          });
          model = follow(model, update);
          expect(model?.failures.length).toBeLessThanOrEqual(50);
          expect(model?.groups.length).toBeLessThanOrEqual(20);
          expect(model?.series.rows.length).toBeLessThanOrEqual(1000);
        });
      }),
      { numRuns: 40 },
    );
  });
});

describe('a message as text', () => {
  test.each([
    ['not JSON', undefined],
    ['null', undefined],
    ['[]', undefined],
    ['{"v":1,"type":"update"}', undefined],
    ['{"v":1,"type":"later","seq":1}', undefined],
    ['{"type":"update","seq":1}', undefined],
    ['{"v":2,"type":"update","seq":1}', 'other version'],
    [new ArrayBuffer(3), undefined],
  ])('%j is %j', (text, expected) => {
    expect(readMessage(text)).toBe(expected);
  });

  test.each([liveSnapshot(), liveUpdate(2), liveEnd()])('one that is whole is taken: $type', (message) => {
    expect(readMessage(JSON.stringify(message))).toEqual(message);
  });
});
