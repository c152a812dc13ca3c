/**
 * A client of one's own: cases are enriched from a directory in memory, which could as well be LDAP or a database.
 * Limit, timeout, retries and the promise of exactly one result a case are those of case-tracker.
 */

import { type Case, enrichCases, loadCases } from 'case-tracker';

interface Owner {
  readonly name: string;
  readonly team: string;
}

export class Directory {
  readonly #owners: ReadonlyMap<string, Owner>;

  constructor(owners: ReadonlyMap<string, Owner>) {
    this.#owners = owners;
  }

  /** What it returns, here or in a promise, is the enrichment; what it throws is the failure of this case alone. */
  enrich({ value: { assignee } }: Case): Owner {
    const owner = this.#owners.get(String(assignee));
    if (owner === undefined) throw new Error(`nobody is called ${JSON.stringify(assignee)}`);
    return owner;
  }
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
