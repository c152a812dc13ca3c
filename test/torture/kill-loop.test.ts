import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { killRounds } from './kill-loop.js';

const ROUNDS = 20;
const folder = mkdtempSync(join(tmpdir(), 'case-tracker-torture-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a run that is killed at any moment loses no counted result, calls nothing twice, and can be finished', async () => {
  const figures = await killRounds(ROUNDS, { folder, lanes: 3 });
  expect(figures.rounds).toBe(ROUNDS);
  // Otherwise nothing was tried.
  expect(figures.kills).toBeGreaterThan(ROUNDS / 2);
  expect(figures.cuts).toBeGreaterThan(0);
}, 120_000);
