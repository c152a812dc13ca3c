import { isMeantAsEnd, isMeantAsPlace } from '../../core/results/saved-shape.js';
import type { JsonObject } from '../../json/text.js';

/** Text where a result or the end of a run should be, and what is wrong with it: as text, or to be found by the schemas. */
export type Misfit =
  | { readonly kind: 'misfit'; readonly why: string }
  | { readonly kind: 'misfit'; readonly value: JsonObject };

/** What was expected and why it does not match, as `a result: no caseId`. Loads the schemas: only for an error message. */
export async function explainMisfit(misfit: Misfit): Promise<string> {
  if ('why' in misfit) return `a result: ${misfit.why}`;
  const { endProblem, placeProblem, resultProblem } = await import('../../core/results/shapes.js');
  const { value } = misfit;
  if (isMeantAsEnd(value)) return `the end of a run: ${endProblem(value) ?? UNKNOWN}`;
  if (isMeantAsPlace(value)) return `the place of a pending case: ${placeProblem(value) ?? UNKNOWN}`;
  return `a result: ${resultProblem(value) ?? UNKNOWN}`;
}

const UNKNOWN = 'it has another shape';
