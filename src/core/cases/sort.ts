/** The order of `list --sort`: numbers by value, dates by time, priorities by weight, other text in natural order. */

import type { Case } from '../case.js';
import { isoTimeMs } from './iso-time.js';
import { textAtName } from '../../json/text.js';
import { exportName } from './record.js';

export interface SortOrder {
  readonly field: string;
  readonly descending: boolean;
}

type Key = { readonly rank: 0; readonly number: number } | { readonly rank: 1; readonly text: string } | null;

const WEIGHTS: ReadonlyMap<string, number> = new Map(
  [
    ['lowest', 'trivial'],
    ['low', 'minor'],
    ['normal', 'medium', 'moderate'],
    ['high', 'major'],
    ['highest', 'urgent', 'critical', 'blocker'],
  ].flatMap((words, weight) => words.map((word) => [word, weight])),
);
const TIMES: ReadonlySet<string> = new Set(['openedAt', 'dueAt']);

/** The cases in order; those without the field come last either way. Equal ones stay in input order. */
export function sortCases(
  cases: readonly Case[],
  order: SortOrder,
  fieldNames: Readonly<Record<string, string | undefined>> = {},
): Case[] {
  const keyed = cases.map((aCase) => ({ aCase, key: keyOf(aCase, order.field, fieldNames) }));
  const direction = order.descending ? -1 : 1;
  const natural = new Intl.Collator('en', { numeric: true });
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    return direction * compare(a.key, b.key, natural);
  });
  return keyed.map(({ aCase }) => aCase);
}

function compare(a: NonNullable<Key>, b: NonNullable<Key>, natural: Intl.Collator): number {
  if (a.rank === 0 && b.rank === 0) return a.number - b.number;
  if (a.rank === 1 && b.rank === 1) return natural.compare(a.text, b.text);
  return a.rank - b.rank;
}

function keyOf(aCase: Case, field: string, fieldNames: Readonly<Record<string, string | undefined>>): Key {
  if (field === 'id') return { rank: 1, text: aCase.id };
  const source = textAtName(aCase.text, exportName(field, fieldNames));
  if (source === undefined || source === 'null') return null;
  if (!source.startsWith('"')) return numberOr(source);
  const text = JSON.parse(source) as string;
  if (field === 'priority') return weightOr(text);
  return TIMES.has(field) ? { rank: 0, number: isoTimeMs(text) } : { rank: 1, text };
}

function numberOr(source: string): Key {
  const number = Number(source);
  return Number.isNaN(number) ? { rank: 1, text: source } : { rank: 0, number };
}

function weightOr(text: string): Key {
  const weight = WEIGHTS.get(text.toLowerCase());
  return weight === undefined ? { rank: 1, text } : { rank: 0, number: weight };
}
