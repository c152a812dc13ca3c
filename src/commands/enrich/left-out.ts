/** Which results `--on-failure skip` leaves out of the output. */

import type { EnrichmentResult, PendingPlace } from '../../core/case.js';

/**
 * Failed ones, but for one whose job can't be asked about any more while the journal says where to ask: without its line every
 * later run would ask there again, and the case would never be submitted anew.
 */
export class LeftOut {
  readonly #isOn: boolean;
  readonly #hadPlace: (caseId: string) => boolean;
  /** Cases whose place this run has stored, without a result so far. */
  readonly #open = new Set<string>();

  /** @param hadPlace whether the journal of earlier runs says where to ask for this case. */
  constructor(isOn: boolean, hadPlace: (caseId: string) => boolean) {
    this.#isOn = isOn;
    this.#hadPlace = hadPlace;
  }

  /** The journal says where to ask for these. */
  kept(places: readonly PendingPlace[]): void {
    if (!this.#isOn) return;
    for (const { caseId } of places) this.#open.add(caseId);
  }

  /** The results that are written. */
  shown(results: readonly EnrichmentResult[]): readonly EnrichmentResult[] {
    return this.#isOn ? results.filter((result) => this.#isShown(result)) : results;
  }

  #isShown({ caseId, status, poll }: EnrichmentResult): boolean {
    if (caseId === null || status === 'invalid') return true;
    const hasPlace = this.#open.delete(caseId) || this.#hadPlace(caseId);
    return status !== 'failed' || (hasPlace && poll === undefined);
  }
}
