/** What is measured, from the command line: `npm run bench -- --cases 200000 --rounds 7 throughput startup`. */

import { parseArgs } from 'node:util';
import { OURS, type Program } from './programs.js';

export const SECTIONS = [
  'throughput',
  'cpu',
  'costs',
  'latency',
  'batch',
  'https',
  'large',
  'csv',
  'queue',
  'table',
  'watched',
  'startup',
  'reading',
  'timeouts',
  'memory',
] as const;
export type SectionName = (typeof SECTIONS)[number];

export interface BenchOptions {
  readonly sections: readonly SectionName[];
  /** Cases in the sections about throughput. */
  readonly cases: number;
  /** Paired rounds; the medians are shown. */
  readonly rounds: number;
  /** Calls in flight. */
  readonly limit: number;
  /** Records in the sections about reading and memory. */
  readonly records: number;
  /** Leave out the clients that are slow. */
  readonly quick: boolean;
  /** Revisions to build and measure beside this checkout. */
  readonly against: readonly string[];
  /** This checkout, and the other revisions. */
  readonly programs: readonly Program[];
}

/** Throws a TypeError for an unknown flag or section. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      cases: { type: 'string', default: '20000' },
      rounds: { type: 'string', default: '5' },
      limit: { type: 'string', default: '50' },
      records: { type: 'string', default: '1000000' },
      quick: { type: 'boolean', default: false },
      against: { type: 'string', multiple: true, default: [] },
    },
  });
  return {
    sections: positionals.length === 0 ? SECTIONS : positionals.map(sectionNamed),
    cases: count('cases', values.cases),
    rounds: count('rounds', values.rounds),
    limit: count('limit', values.limit),
    records: count('records', values.records),
    quick: values.quick,
    against: values.against,
    programs: [OURS],
  };
}

function sectionNamed(name: string): SectionName {
  const found = SECTIONS.find((section) => section === name);
  if (found === undefined) throw new TypeError(`no section ${name}; there are ${SECTIONS.join(', ')}`);
  return found;
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new TypeError(`--${name} ${text} is no number from 1`);
  return value;
}
