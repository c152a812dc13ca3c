import { expect, test } from 'vitest';

import { type Fault, FaultPlan, faultOf } from '../../../src/io/demo/faults.js';

const sampleIds = Array.from({ length: 40 }, (_, n) => `CASE-${String(n + 1).padStart(3, '0')}`);

test('the sample cases have a mixture of faults that is always the same', () => {
  const faults: Partial<Record<Fault, string[]>> = {};
  for (const id of sampleIds) {
    const fault = faultOf(id);
    if (fault !== undefined) (faults[fault] ??= []).push(id);
  }
  expect(faults).toEqual({
    unavailable: ['CASE-005', 'CASE-019', 'CASE-022'],
    missing: ['CASE-023', 'CASE-035'],
    stall: ['CASE-015'],
    garbled: ['CASE-039'],
    throttled: ['CASE-036'],
    later: ['CASE-009'],
  });
});

test('about a fifth of any other ids has a fault, and another seed chooses others', () => {
  const ids = Array.from({ length: 10_000 }, (_, n) => `ticket-${n}`);
  const faulty = ids.filter((id) => faultOf(id) !== undefined);
  expect(faulty.length).toBeGreaterThan(2_050);
  expect(faulty.length).toBeLessThan(2_250);
  expect(ids.filter((id) => faultOf(id, 1) !== undefined)).not.toEqual(faulty);
});

test('a passing fault comes with every other attempt of its id, whatever else is asked in between', () => {
  const plan = new FaultPlan();
  const attempts = ['CASE-005', 'CASE-006', 'CASE-005', 'CASE-036', 'CASE-005', 'CASE-036'].map((id) => plan.next(id));
  expect(attempts).toEqual(['unavailable', undefined, undefined, 'throttled', 'unavailable', undefined]);
});

test('a lasting fault stays', () => {
  const plan = new FaultPlan();
  expect([plan.next('CASE-015'), plan.next('CASE-015')]).toEqual(['stall', 'stall']);
  expect([plan.next('CASE-001'), plan.next('CASE-001')]).toEqual([undefined, undefined]);
});
