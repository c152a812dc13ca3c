import { UsageError } from '../../src/errors.js';

/** Message and hint of the usage error that this throws; `none` when it throws nothing. */
export function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof UsageError) return `${error.message} | ${error.hint ?? ''}`;
    throw error;
  }
  return 'none';
}
