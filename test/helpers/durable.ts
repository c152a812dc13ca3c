/** What the tests of durable outputs share: results, runs, a folder of their own, and a disk that fails. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import {
  Case,
  EnrichedCase,
  type EnrichedResult,
  type EnrichmentResult,
  type UnenrichedResult,
} from '../../src/core/case.js';
import type { SavedResult } from '../../src/core/results/run-info.js';
import { resultLine } from '../../src/core/results/result-text.js';
import { type FileOps, realFileOps } from '../../src/io/files/file-ops.js';

export const AT = '2026-11-22T09:30:00.123Z';

export function enriched(caseId: string, more: Partial<EnrichedResult> = {}): EnrichedResult {
  const text = `{"id":${JSON.stringify(caseId)},"enrichment":{"big":12345678901234567890,"one":1.0}}`;
  return {
    caseId,
    status: 'enriched',
    index: 0,
    enrichedCase: new EnrichedCase(text),
    error: null,
    attempts: 1,
    durationMs: 12.4,
    at: AT,
    key: `key of ${caseId}`,
    ...more,
  };
}

export function unenriched(
  caseId: string | null,
  status: UnenrichedResult['status'] = 'failed',
  more: Partial<UnenrichedResult> = {},
): UnenrichedResult {
  const kind = { failed: 'http', invalid: 'case', cancelled: 'cancelled' } as const;
  return {
    caseId,
    status,
    index: 0,
    enrichedCase: null,
    error: { kind: kind[status], message: 'no luck', retryable: true },
    attempts: status === 'failed' ? 1 : 0,
    durationMs: 0,
    at: AT,
    ...(caseId !== null && { case: new Case(caseId, `{"id":${JSON.stringify(caseId)}}`) }),
    ...more,
  };
}

/** What a journal gives back for a result. */
export function saved(result: EnrichmentResult): SavedResult {
  return JSON.parse(resultLine(result)) as SavedResult;
}

/** A new folder, removed after the test; `/` at its end is left out. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'case-tracker-durable-'));
  folders.push(folder);
  return folder;
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export interface Fault {
  /** The calls that count. Default: all that change something. */
  readonly calls?: readonly (keyof FileOps)[];
  /** Which of them fails, from 1; and all later writes and syncs, as on a full disk, with `forGood`. */
  readonly at: number;
  readonly code?: string;
  readonly forGood?: boolean;
}

const CHANGES: readonly (keyof FileOps)[] = [
  'open',
  'write',
  'writeSlow',
  'truncate',
  'sync',
  'syncData',
  'rename',
  'link',
];

/** The file system with a fault. A write that fails takes half of its bytes first, as a disk does that fills up. */
export function faultyOps(fault: Fault): FileOps & { readonly faults: () => number } {
  const calls = fault.calls ?? CHANGES;
  let count = 0;
  let faults = 0;
  const fails = (name: keyof FileOps): boolean => {
    if (!calls.includes(name)) return false;
    count++;
    const hit = fault.forGood ? count >= fault.at : count === fault.at;
    if (hit) faults++;
    return hit;
  };
  const error = (name: string): Error => Object.assign(new Error(`${name} failed`), { code: fault.code ?? 'EIO' });
  const ops: FileOps = { ...realFileOps };
  for (const name of CHANGES) Object.assign(ops, { [name]: failing(name) });
  let tornWrite = false;
  ops.write = (fd, bytes, offset, length, position) => {
    if (tornWrite) {
      tornWrite = false;
      throw error('write');
    }
    if (!fails('write')) return realFileOps.write(fd, bytes, offset, length, position);
    if (length < 2) throw error('write');
    tornWrite = true;
    return realFileOps.write(fd, bytes, offset, length >> 1, position);
  };
  return Object.assign(ops, { faults: () => faults });

  function failing(name: keyof FileOps): (...args: unknown[]) => unknown {
    const real = realFileOps[name] as (...args: unknown[]) => unknown;
    const isAsync = name === 'sync' || name === 'syncData' || name === 'writeSlow';
    return (...args) => {
      if (!fails(name)) return real(...args);
      if (isAsync) return Promise.reject(error(name));
      throw error(name);
    };
  }
}
