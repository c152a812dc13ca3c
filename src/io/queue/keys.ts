/** The keys of a queue in Redis. One hash tag, so that all of them are in one slot of a cluster. */

export interface QueueKeys {
  /** Stream of the cases that wait or are in work; its consumer group is `g`. */
  readonly jobs: string;
  /** Hash: what is known of each id. */
  readonly state: string;
  /** Stream of result lines. */
  readonly results: string;
  /** Hash of counters. */
  readonly counters: string;
  /** Hash: the queue's id and the version of its format. */
  readonly meta: string;
  /** Hash of the workers: their lease and when they were last heard of. */
  readonly workers: string;
  /** When the rate has a free slot, in microseconds. */
  readonly pace: string;
  /** The end of the endpoint's pause, in milliseconds; also the channel on which a pause is told. */
  readonly pause: string;
}

export const GROUP = 'g';

export function keysOf(name: string): QueueKeys {
  const key = (part: string): string => `ct:{${name}}:${part}`;
  return {
    jobs: key('jobs'),
    state: key('state'),
    results: key('results'),
    counters: key('ctr'),
    meta: key('meta'),
    workers: key('workers'),
    pace: key('pace'),
    pause: key('pause'),
  };
}

/** In the order in which every script gets them. */
export function keyList(keys: QueueKeys): readonly string[] {
  const { jobs, state, results, counters, meta, workers, pace, pause } = keys;
  return [jobs, state, results, counters, meta, workers, pace, pause];
}

/**
 * The name of an id in `state`. Redis keeps UTF-8, in which half a surrogate pair has no form: such an id is written with
 * escapes, so that two of them stay two.
 */
export function stateField(id: string): string {
  return /\p{Cs}/u.test(id) || id.startsWith(ESCAPED) ? ESCAPED + JSON.stringify(id) : id;
}

const ESCAPED = '\0json:';
