/** What a run would do with each case, without doing it: the journal, `--only` and `--skip-if` are asked as it would ask them. */

import type { CaseEntry } from '../../core/case.js';
import type { Resumption } from '../../core/merge/resumption.js';
import { EqualRequests, MOST_COMPARED } from '../../core/run/equal-requests.js';
import type { Resolved } from '../../config/resolved.js';
import type { DryRun } from '../../io/http/client.js';
import { HttpRequest } from '../../io/http/request.js';
import { formatCount, formatCounted } from '../../text/format.js';
import type { RunClient } from './client.js';
import { completeBy } from './pipeline-options.js';

type Values = Resolved<'enrich'>['values'];

/** A case that would be called, one for which no request can be made, or (null) one that would not be called. */
export type Plan = DryRun | { readonly problem: string } | null;

export class DryRunPlan {
  readonly #values: Values;
  readonly #client: RunClient;
  readonly #resumption: Resumption | undefined;
  readonly #isComplete: ReturnType<typeof completeBy>;
  readonly #requests: EqualRequests;
  #calls = 0;
  #invalid = 0;
  #skipped = 0;

  constructor(values: Values, client: RunClient, resumption: Resumption | undefined, seed: number) {
    this.#values = values;
    this.#client = client;
    this.#resumption = resumption;
    this.#isComplete = completeBy(values);
    this.#requests = new EqualRequests(seed);
  }

  /** Number of cases that would be called so far. */
  get calls(): number {
    return this.#calls;
  }

  get invalid(): number {
    return this.#invalid;
  }

  countInvalid(): void {
    this.#invalid++;
  }

  of({ case: aCase, source }: CaseEntry): Plan {
    const prepared = this.#client.prepare(aCase);
    if ('problem' in prepared) {
      this.#invalid++;
      return prepared;
    }
    const decision = this.#resumption?.decide(aCase.id, prepared.key, source) ?? 'call';
    if (decision === 'done' || decision === 'left-out') return null;
    if (this.#isComplete?.(aCase) === true) {
      this.#skipped++;
      return null;
    }
    this.#calls++;
    const planned = this.#client.dryRun(aCase);
    if (this.#values.poll && this.#resumption?.placeOf(aCase.id, prepared.key) !== undefined)
      return 'problem' in planned ? planned : asPoll(planned);
    if (this.#values.batch === undefined) this.#compare(aCase.id, prepared.request);
    return planned;
  }

  /** `8 cases would be called; 3 enriched before; nothing was sent`. */
  get countLine(): string {
    const cases = `${formatCounted(this.#calls, 'case')} would be called${this.#inCalls()}`;
    const invalid = this.#invalid;
    const bad = invalid === 0 ? [] : [`${formatCount(invalid)} more ${invalid === 1 ? 'is' : 'are'} invalid`];
    return [cases, ...this.#uncalled(), ...bad, 'nothing was sent'].join('; ');
  }

  /** Warns where several cases would get the same request; one that is meant to be shared is none. */
  get warnings(): readonly string[] {
    const { repeated, example, isPartial } = this.#requests;
    if (this.#values.shareRequests || repeated === 0) return [];
    const which = `${formatCounted(repeated, 'case')} would get the same request as another, first ${example}`;
    const partial = isPartial ? ` (only ${formatCount(MOST_COMPARED)} requests were compared)` : '';
    const share = this.#values.method === 'GET' ? ', and --share-requests makes equal ones once' : '';
    return [`${which}${partial}: {field} in --endpoint or --body makes them differ${share}`];
  }

  #compare(caseId: string, request: unknown): void {
    if (request instanceof HttpRequest) this.#requests.add(caseId, `${request.path}\0${request.body ?? ''}`);
  }

  #inCalls(): string {
    const { batch, shareRequests } = this.#values;
    const { asked = 0 } = this.#resumption?.counts ?? {};
    if (asked > 0) return `, ${formatCount(asked)} of these already submitted`;
    if (batch !== undefined && this.#calls > 0)
      return `, in ${formatCounted(Math.ceil(this.#calls / batch), 'call')} (--batch)`;
    if (!shareRequests || this.#requests.isPartial || this.#requests.repeated === 0) return '';
    return `, in ${formatCounted(this.#requests.distinct, 'call')} (--share-requests)`;
  }

  #uncalled(): string[] {
    const { done = 0, leftOut = 0 } = this.#resumption?.counts ?? {};
    const parts = [
      ...(done > 0 ? [`${formatCount(done)} enriched before`] : []),
      ...(leftOut > 0 ? [`${formatCount(leftOut)} left out (--only)`] : []),
      ...(this.#skipped > 0 ? [`${formatCount(this.#skipped)} skipped (--skip-if)`] : []),
    ];
    return parts.length === 0 ? [] : [parts.join(', ')];
  }
}

const OF_A_BODY: ReadonlySet<string> = new Set(['content-type', 'idempotency-key']);

/** A case that an earlier run has submitted is asked about there. The place can hold a token: it is not shown. */
function asPoll({ headers }: DryRun): DryRun {
  const kept = headers.filter(([name]) => !OF_A_BODY.has(name.toLowerCase()));
  return { method: 'GET', url: '(where the journal says: already submitted)', headers: kept, body: undefined };
}
