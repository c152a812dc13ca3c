/**
 * The part of the demo endpoint that works by jobs: a request to `/jobs` or `/jobs/ID` is taken on with 202 and a Location, and
 * the answer is there at the second time that it is asked for. The state is in memory and per id.
 */

/** What a path under `/jobs` asks for: a job to be taken on (of the body's id, where the path has none), or its answer. */
export type JobRequest =
  | { readonly do: 'submit'; readonly segment?: string }
  | { readonly do: 'ask'; readonly segment: string };

const PATH = /^\/jobs(?:\/([^/]+)(\/answer)?)?\/?$/;

/** Undefined for another path. Segments are still encoded. */
export function jobRequest(url: string): JobRequest | undefined {
  const match = PATH.exec(url.split('?', 1)[0] ?? '');
  if (match === null) return undefined;
  const [, segment, answer] = match;
  if (segment === undefined) return { do: 'submit' };
  return answer === undefined ? { do: 'submit', segment } : { do: 'ask', segment };
}

/** Where the answer for an id will be. */
export function answerPath(id: string): string {
  return `/jobs/${encodeURIComponent(id)}/answer`;
}

/** Which answers have been asked for once. */
export class Jobs {
  readonly #askedOnce = new Set<string>();

  /** True every second time. */
  isDone(id: string): boolean {
    if (this.#askedOnce.delete(id)) return true;
    this.#askedOnce.add(id);
    return false;
  }
}
