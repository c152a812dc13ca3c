import { causeOf, failureLabel } from '../../core/results/failure-label.js';
import type { FailureGroup } from '../../core/results/failure-groups.js';
import type { CauseData } from './page/failure-data.js';

/** What the page knows of a group of failures, under the names of its search box. */
export function causeData(group: FailureGroup): CauseData {
  const { kind, httpStatus, code, phase, notRetried } = group;
  const fields = { kind, status: httpStatus, code, phase, 'not-retried': notRetried };
  return { label: failureLabel(group), fields, tokens: tokensFor(group) };
}

/** What finds the group's cases in the search box: `kind:http`, `status:503`. */
function tokensFor(group: FailureGroup): string[] {
  const causeField = group.kind === 'http' ? 'status' : group.kind === 'timeout' ? 'phase' : 'code';
  const values = [
    ['kind', group.kind],
    [causeField, causeOf(group)],
    ['not-retried', group.notRetried],
  ] as const;
  return values.flatMap(([field, value]) => (value === undefined ? [] : `${field}:${quoted(value)}`));
}

/** `*` stands for what can't be typed or put into a URL. */
function quoted(value: string): string {
  const typed = value.replace(/["\p{Cs}\p{Cc}]/gu, '*');
  return /[\s*]/.test(typed) ? `"${typed}"` : typed;
}
