import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Slot, Slots } from '../../../src/core/run/slots.js';

const noFailure = (error: unknown): never => {
  throw error;
};

/** Begins calls in every free slot and returns the slots they got. */
async function fill(slots: Slots): Promise<Slot[]> {
  const got: Slot[] = [];
  while (slots.hasFree) {
    slots.take();
    slots.begin((slot) => got.push(slot));
  }
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return got;
}

test('as many calls begin as the limit allows, and each ended one makes room for another', async () => {
  const slots = new Slots(3, noFailure);
  const got = await fill(slots);
  expect([got.length, slots.inFlight, slots.hasFree]).toEqual([3, 3, false]);
  slots.end(got[0] as Slot);
  expect([slots.inFlight, slots.hasFree]).toEqual([2, true]);
  expect((await fill(slots)).length).toBe(1);
});

test('a slot is held until its result is written: calls and unwritten answers together stay within the limit', async () => {
  const slots = new Slots(2, noFailure);
  const got = await fill(slots);
  for (const slot of got) {
    slots.end(slot);
    slots.hold();
  }
  expect([slots.held, slots.isHalfHeld, slots.hasFree]).toEqual([2, true, false]);
  slots.release(1);
  expect((await fill(slots)).length).toBe(1);
});

test('after the limit was lowered p-limit still runs no more tasks than it allows', async () => {
  const slots = new Slots(10, noFailure);
  for (const slot of await fill(slots)) slots.end(slot);
  slots.setLimit(4);
  expect((await fill(slots)).length).toBe(4);
  expect(slots.inFlight).toBe(4);
  slots.setLimit(6);
  expect((await fill(slots)).length).toBe(2);
});

test('a call that throws as it begins is told', async () => {
  const told: unknown[] = [];
  const slots = new Slots(1, (error) => told.push(error));
  slots.take();
  slots.begin(() => {
    throw new Error('no descriptor');
  });
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect(told).toEqual([new Error('no descriptor')]);
});

test('never more calls than the limit in force when they began, whatever ends, is held or written', async () => {
  const moves = fc.array(fc.record({ move: fc.nat(4), limit: fc.integer({ min: 1, max: 6 }) }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(moves, async (steps) => {
      let limit = 3;
      const slots = new Slots(limit, noFailure);
      const running: Slot[] = [];
      let held = 0;
      for (const { move, limit: next } of steps) {
        if (move === 0) {
          const before = running.length;
          running.push(...(await fill(slots)));
          expect(running.length + held).toBeLessThanOrEqual(Math.max(limit, before + held));
        } else if (move === 1 && running.length > 0) slots.end(running.pop() as Slot);
        else if (move === 2 && running.length > 0) {
          slots.end(running.shift() as Slot);
          slots.hold();
          held++;
        } else if (move === 3 && held > 0) {
          slots.release(held);
          held = 0;
        } else if (move === 4) slots.setLimit((limit = next));
        expect([slots.inFlight, slots.held]).toEqual([running.length, held]);
        expect(slots.hasFree).toBe(running.length + held < limit);
      }
    }),
    { seed: 7, numRuns: 200 },
  );
});

test('spare slots are held without taking the place of calls: both together stay within limit and spare', async () => {
  const slots = new Slots(2, noFailure, 2);
  const hold = async (): Promise<void> => {
    const [slot] = await fill(slots);
    if (slot === undefined) throw new Error('no slot was free');
    slots.hold();
    slots.end(slot);
  };
  await hold();
  await hold();
  expect([slots.held, slots.inFlight, slots.hasFree]).toEqual([2, 1, true]);
  await hold();
  expect([slots.held, slots.inFlight, slots.hasFree]).toEqual([3, 1, false]);
  slots.release(1);
  expect(slots.hasFree).toBe(true);
});
