/** "Did you mean": the one candidate that a misspelled word is clearly nearest to. */

const LONGEST_WORD = 100;
/** The most candidates that are compared: data may have any number of field names. */
const MOST_CANDIDATES = 1000;

/**
 * The candidate that is clearly meant, or undefined: the only one at the least distance, at most 2 and at most a third
 * of the longer word's length; else its plural; else the only one that begins with the word. Upper and lower case are the same.
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.trim().toLowerCase();
  if (wanted === '' || wanted.length > LONGEST_WORD) return undefined;
  const unique = firstUnique(candidates);
  return nearest(wanted, unique) ?? pluralOf(wanted, unique) ?? onlyPrefixed(wanted, unique);
}

function firstUnique(candidates: Iterable<string>): string[] {
  const unique = new Set<string>();
  for (const candidate of candidates) {
    if (unique.size >= MOST_CANDIDATES) break;
    if (candidate.length <= LONGEST_WORD) unique.add(candidate);
  }
  return [...unique];
}

function nearest(wanted: string, candidates: readonly string[]): string | undefined {
  let least = Number.POSITIVE_INFINITY;
  let best: string | undefined;
  for (const candidate of candidates) {
    const most = mostEdits(wanted, candidate);
    if (Math.abs(wanted.length - candidate.length) > most) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance > most || distance > least) continue;
    best = distance < least ? candidate : undefined;
    least = distance;
  }
  return best;
}

function mostEdits(wanted: string, candidate: string): number {
  return Math.min(2, Math.floor(Math.max(wanted.length, candidate.length) / 3));
}

/** `retry` for `retries`; with an s alone it is near enough. */
function pluralOf(wanted: string, candidates: readonly string[]): string | undefined {
  const plural = wanted.replace(/y$/, 'ies');
  return candidates.find((candidate) => candidate.toLowerCase() === plural);
}

function onlyPrefixed(wanted: string, candidates: readonly string[]): string | undefined {
  if (wanted.replace(/^-+/, '').length < 2) return undefined;
  const prefixed = candidates.filter((candidate) => candidate.toLowerCase().startsWith(wanted));
  return prefixed.length === 1 ? prefixed[0] : undefined;
}

/**
 * Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other: the optimal string
 * alignment form of the Damerau-Levenshtein distance.
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const edits = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      row.push(swapped ? Math.min(edits, at(beforeLast, j - 2) + 1) : edits);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
