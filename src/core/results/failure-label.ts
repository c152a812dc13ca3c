import { clip } from '../../text/clip.js';
import type { SavedFailure } from './run-info.js';

/** What names a failure; the kind `other` gathers different ones. */
export type Labelled = Pick<SavedFailure, 'httpStatus' | 'code' | 'phase' | 'kind'>;

const LONGEST_CODE = 40;

/** The failure in two words: `http 422`, `network ECONNRESET`, `timeout body`, `response`. Raw, like the code in it. */
export function failureLabel(failure: Labelled): string {
  const cause = causeOf(failure);
  const kind = clip(failure.kind, LONGEST_CODE);
  return cause === undefined || cause === 'response' ? kind : `${kind} ${clip(cause, LONGEST_CODE)}`;
}

/** What tells one cause from another within a kind: the status, the phase or the code. */
export function causeOf({ kind, httpStatus, code, phase }: Labelled): string | undefined {
  if (kind === 'http') return httpStatus?.toString();
  return kind === 'timeout' ? phase : code;
}
