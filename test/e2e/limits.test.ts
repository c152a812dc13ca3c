import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { ndjsonCases, runBinary } from '../helpers/binary.js';
import { answer, countingServer } from '../helpers/counting-server.js';
import { reportOf } from '../helpers/results.js';

const CASES = 500;

test.each([1, 3, 50])(
  '500 cases at --limit %i: the most calls at once is exactly that, connections never more',
  async (limit) => {
    // Nobody is answered before as many as the limit allows have come; then there is time for one too many.
    const held: ServerResponse[] = [];
    const { url, server, stats } = await countingServer((_, response) => {
      held.push(response);
      const isLast = stats.requests.length === CASES;
      if (held.length < limit && !isLast) return;
      setImmediate(() => held.splice(0).forEach((one) => answer(one)));
    });
    const args = ['enrich', '-', '--endpoint', url, '--limit', String(limit)];
    const { code, stdout } = await runBinary(args, { stdin: ndjsonCases(CASES) });
    const { summary } = reportOf(stdout);
    expect([code, summary.enriched, summary.attempts, summary.maxInFlight]).toEqual([0, CASES, CASES, limit]);
    expect([stats.requests.length, stats.mostInFlight]).toEqual([CASES, limit]);
    expect(server.connections).toBeLessThanOrEqual(limit);
  },
);
