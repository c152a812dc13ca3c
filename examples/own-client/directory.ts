/**
 * A client of one's own: cases are enriched from a directory in memory, which could as well be LDAP or a database.
 * Limit, timeout, retries and the promise of exactly one result a case are those of case-tracker.
 */

import { type AttemptContext, type AttemptOutcome, type Case, enrichCases, loadCases } from 'case-tracker';

interface Owner {
  readonly name: string;
  readonly team: string;
}

export class Directory {
  readonly #owners: ReadonlyMap<string, Owner>;

  constructor(owners: ReadonlyMap<string, Owner>) {
    this.#owners = owners;
  }

  /** One attempt. What may help to repeat is said by `retryable`; when, and whether at all, is not decided here. */
  enrich({ value }: Case, { signal }: AttemptContext): Promise<AttemptOutcome> {
    if (signal.aborted) return failed('the run has ended', true);
    const assignee: unknown = value['assignee'];
    const owner = typeof assignee === 'string' ? this.#owners.get(assignee) : undefined;
    if (owner === undefined) return failed(`nobody is called ${JSON.stringify(assignee)}`, false);
    return Promise.resolve({ ok: true, text: JSON.stringify(owner) });
  }
}

function failed(message: string, retryable: boolean): Promise<AttemptOutcome> {
  return Promise.resolve({ ok: false, failure: { kind: 'response', message, retryable } });
}

const owners = new Map([
  ['amara', { name: 'Amara Obi', team: 'fraud' }],
  ['mira', { name: 'Mira Lund', team: 'privacy' }],
]);

const counts = { enriched: 0, other: 0 };
const cases = await loadCases(process.argv[2] ?? 'cases.json');
for await (const result of enrichCases(cases, new Directory(owners), { limit: 20, timeoutMs: 1_000 })) {
  if (result.status === 'enriched') counts.enriched += 1;
  else counts.other += 1;
}
console.log(JSON.stringify(counts));
