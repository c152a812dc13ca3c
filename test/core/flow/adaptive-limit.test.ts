import { describe, expect, test } from 'vitest';
import { type Behaviour, http, NEVER_STOP, OK, type Overrides, simulate } from '../../helpers/simulation.js';

/** Serves so many calls at once; a further one is shed with 503. */
function capacity(atOnce: number, serviceMs: number): Behaviour {
  return (call) => (call.inFlight > atOnce ? { afterMs: 2, answer: http(503) } : { afterMs: serviceMs, answer: OK });
}

/** One queue: the more calls at once, the longer each takes. */
function queueing(atOnce: number, serviceMs: number): Behaviour {
  return (call) => ({ afterMs: serviceMs * Math.max(1, call.inFlight / atOnce), answer: OK });
}

describe('the adaptive limit', () => {
  interface Row {
    readonly name: string;
    readonly behave: Behaviour;
    readonly limit: number;
    readonly cases: number;
    /** Bands. */
    readonly settled: readonly [number, number];
    readonly rejectedShare: number;
  }
  const rows: Row[] = [
    {
      name: 'a healthy endpoint gets the whole limit',
      behave: () => ({ afterMs: 20, answer: OK }),
      limit: 64,
      cases: 4_000,
      settled: [64, 64],
      rejectedShare: 0,
    },
    {
      name: 'an endpoint that sheds above 8 is found out',
      behave: capacity(8, 50),
      limit: 200,
      cases: 4_000,
      settled: [4, 12],
      rejectedShare: 0.08,
    },
    {
      name: 'an endpoint that queues above 16 is not flooded',
      behave: queueing(16, 50),
      limit: 200,
      cases: 4_000,
      settled: [10, 60],
      rejectedShare: 0,
    },
    {
      name: 'fast errors never raise it',
      behave: (_, random) => ({ afterMs: 1, answer: random() < 0.95 ? http(500) : OK }),
      limit: 200,
      cases: 400,
      settled: [1, 16],
      rejectedShare: 1,
    },
  ];
  test.each(rows)('$name', async ({ behave, limit, cases, settled, rejectedShare }) => {
    const options: Overrides = { throttle: { limit, adaptive: true }, ...NEVER_STOP };
    const { pipeline, endpoint } = await simulate({ cases, behave, options });
    const { limit: found } = pipeline.figures;
    expect(found.settled).toBeGreaterThanOrEqual(settled[0]);
    expect(found.settled).toBeLessThanOrEqual(settled[1]);
    const rejected = endpoint.calls.length - cases;
    expect(rejected / endpoint.calls.length).toBeLessThanOrEqual(rejectedShare);
    expect(endpoint.maxInFlight).toBeLessThanOrEqual(limit);
    expect(found.course?.[0]).toEqual({ atMs: 0, limit: 4 });
    expect(found.course?.length).toBeLessThanOrEqual(200);
  });

  test('sheds far less than a fixed limit that is too high, at the throughput of the right one', async () => {
    const run = async (throttle: Overrides['throttle']) => {
      const { clock, endpoint } = await simulate({
        cases: 3_000,
        behave: capacity(8, 50),
        options: { throttle: throttle ?? {}, ...NEVER_STOP },
      });
      return { ms: clock.now(), rejected: endpoint.calls.length - 3_000 };
    };
    const adaptive = await run({ limit: 200, adaptive: true });
    const tooHigh = await run({ limit: 200 });
    const right = await run({ limit: 8 });
    expect(adaptive.rejected).toBeLessThan(tooHigh.rejected / 2);
    expect(adaptive.ms).toBeLessThan(right.ms * 1.6);
  });
});
