import { expect, test } from 'vitest';
import { UsageError } from '../../../src/errors.js';
import { loadCases } from '../../../src/io/sources/load.js';

test('a program that names a table is told that only the command line reads them, and no standard input is read', async () => {
  await expect(loadCases('postgres://localhost/db?table=cases')).rejects.toThrow(UsageError);
  await expect(loadCases(['postgres://localhost/db?table=cases'])).rejects.toThrow('command line only');
});
