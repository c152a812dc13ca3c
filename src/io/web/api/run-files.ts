/** Reading back what the runs folder holds about a run. */

import { z } from 'zod';
import { type FileOps, reasonOf } from '../../files/file-ops.js';
import { RUN_RECORD, type RunRecord } from './shapes.js';

/** The record in a `run.json`, or what is wrong with it. */
export function readRecord(path: string, ops: FileOps): RunRecord | string {
  let text: string;
  try {
    text = ops.readText(path);
  } catch (error) {
    return reasonOf(error, 'reading');
  }
  const parsed = RUN_RECORD.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data as RunRecord;
  const [issue] = parsed.error.issues;
  const at = z.core.toDotPath(issue?.path ?? []);
  return `it is not what was written there${at === '' ? '' : ` (${at}: ${issue?.message ?? ''})`}`;
}

/** The last message about a run; undefined where there is none. */
export function readEnd(path: string, ops: FileOps): string | undefined {
  try {
    const text = ops.readText(path);
    return (jsonOf(text) as { type?: unknown } | undefined)?.type === 'end' ? text : undefined;
  } catch {
    return undefined;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
