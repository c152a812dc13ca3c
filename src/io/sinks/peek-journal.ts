import { KeyedHash } from '../../core/hash/keyed-hash.js';
import { ResumeIndex } from '../../core/merge/resume-index.js';
import { Resumption } from '../../core/merge/resumption.js';
import { realFileOps } from '../files/file-ops.js';
import { findTarget, sizeOf } from '../files/output-target.js';
import { freshnessAt, futureNotes } from '../saved/journal-freshness.js';
import { readContent } from '../saved/journal-repair.js';
import { type OutputOptions, type OutputWorld, refuseFlags, resultFormatOf } from './open.js';

/** What a run would know from its journal, and notices about that. */
export interface PeekedJournal {
  readonly resumption: Resumption;
  readonly notices: readonly string[];
}

/**
 * Reads the journal that a run with these flags would resume, as it would: but nothing is locked, repaired or written.
 * undefined where nothing would be resumed. Throws as `openOutputs` does.
 */
export async function peekJournal(options: OutputOptions, world: OutputWorld): Promise<PeekedJournal | undefined> {
  const { ops = realFileOps, host } = world;
  if (options.resume !== true) return undefined;
  const target = findTarget(options.path, host.cwd, ops);
  refuseFlags(options, target, options.format ?? resultFormatOf(options.path));
  const freshness = freshnessAt(options.refreshAfterMs, host.clock.wallNow());
  const index = new ResumeIndex(KeyedHash.random(host.random), freshness);
  if (target.kind === 'file' && sizeOf(target.path, ops) > 0) await readContent(target, ops, index);
  return {
    resumption: new Resumption(index, options.only),
    notices: freshness === undefined ? [] : futureNotes(freshness, target.name),
  };
}
