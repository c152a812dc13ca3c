import type { Entry } from '../case.js';
import type { SavedResult } from '../results/run-info.js';

/** The problem of a record whose id an earlier record of the input has. */
export function duplicateMessage(caseId: string): string {
  return `the id ${JSON.stringify(caseId)} was seen before`;
}

/** True for an invalid record that says nothing about the case with its id, which is another record. */
export function isDuplicate({ caseId, status, error }: Pick<SavedResult, 'caseId' | 'status' | 'error'>): boolean {
  return status === 'invalid' && caseId !== null && error?.message === duplicateMessage(caseId);
}

/** The same for a record that was just read. */
export function isDuplicateEntry(entry: Entry): boolean {
  return entry.kind === 'invalid' && entry.caseId !== null && entry.message === duplicateMessage(entry.caseId);
}
