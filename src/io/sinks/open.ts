import { dirname } from 'node:path';
import { formatCounted } from '../../text/format.js';
import { KeyedHash } from '../../core/hash/keyed-hash.js';
import type { RunInfo } from '../../core/results/run-info.js';
import type { ResultSink } from '../../core/ports.js';
import { type OnlyKind, ResumeIndex } from '../../core/merge/resume-index.js';
import { Resumption } from '../../core/merge/resumption.js';
import { CaseTrackerError, InputError, UsageError } from '../../errors.js';
import { isJournalName } from '../../text/file-endings.js';
import type { Host } from '../../host.js';
import { AtomicFile, type TextOutput } from '../files/atomic-file.js';
import { DeadLetter } from './dead-letter.js';
import { type FileOps, outputError, realFileOps, syncFolder } from '../files/file-ops.js';
import { JournalSink } from './journal.js';
import { JsonReportSink } from './json-report.js';
import { LineFile } from '../files/line-file.js';
import { lockForRun } from '../files/lock-life.js';
import { type PlannedOutput, formerPath, refuseConflicts } from '../files/output-conflicts.js';
import { type FileTarget, type OutputTarget, findTarget, inputIdentities, sizeOf } from '../files/output-target.js';
import type { Processes } from '../files/processes.js';
import { openEmptied, openToAppend, refuseForeign } from '../files/side-file.js';
import { freshnessAt, futureNotes } from '../saved/journal-freshness.js';
import { readContent, repairEnd } from '../saved/journal-repair.js';
import {
  JsonStreamSink,
  NdjsonStreamSink,
  descriptorOutput,
  openDevice,
  stderrOutput,
  stdoutOutput,
} from './stream.js';

export type ResultFormat = 'json' | 'ndjson';

/** The destinations of results, as given by the flags. */
export interface OutputOptions {
  /** `-o`; absent or `-` is standard output. */
  readonly path?: string | undefined;
  /** Absent: by the ending of `path`. */
  readonly format?: ResultFormat | undefined;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
  readonly only?: readonly OnlyKind[];
  /** Enrichments older than that are asked for again; never when absent. */
  readonly refreshAfterMs?: number | undefined;
  /** Answers that come later are asked for. */
  readonly poll?: boolean;
  readonly deadLetter?: string | undefined;
  /** The input files as they were named; `-` is standard input. */
  readonly inputs: readonly string[];
}

/** The outside world as outputs need it. */
export interface OutputWorld {
  readonly host: Pick<Host, 'stdin' | 'stdout' | 'stderr' | 'cwd' | 'pid' | 'clock' | 'random'>;
  readonly ops?: FileOps;
  readonly processes?: Processes;
  /** Aborts the wait for the reader of a named pipe. */
  readonly signal?: AbortSignal;
}

/** Open destinations. */
export interface Outputs {
  /** `journal`: an NDJSON file that can be resumed. `report`: a JSON file, whole or not at all. `stream`: neither. */
  readonly kind: 'journal' | 'report' | 'stream';
  /** The destination as the user named it. */
  readonly name: string;
  readonly sink: ResultSink;
  readonly deadLetter: DeadLetter | undefined;
  /** Only with `--resume`. */
  readonly resumed: ResumedRun | undefined;
  /** Notices for the user about what was done to files. */
  readonly notices: readonly string[];
}

/** What a resumed run knows from the journal. */
export interface ResumedRun {
  readonly resumption: Resumption;
  /** The run of the last closing line; comparing its `settings` shows whether they have changed. */
  readonly lastRun: RunInfo | undefined;
}

/**
 * Opens the destinations of a run, before its first call. Throws a UsageError where data would be lost or mixed
 * up, an OutputError where a destination can't be written, an InputError for a journal with a bad line.
 */
export async function openOutputs(options: OutputOptions, world: OutputWorld): Promise<Outputs> {
  const ops = world.ops ?? realFileOps;
  const { cwd, stdin } = world.host;
  const target = findTarget(options.path, cwd, ops);
  const letter = options.deadLetter === undefined ? undefined : findTarget(options.deadLetter, cwd, ops);
  const format = options.format ?? resultFormatOf(options.path);
  refuseFlags(options, target, format);
  const inputs = inputIdentities(options.inputs, cwd, stdin.fd, ops);
  const role = target.kind === 'file' && format === 'ndjson' ? 'journal' : 'other';
  refuseConflicts([{ flag: '-o', target, role }, ...deadLetterAt(letter)], inputs, ops);
  const notices: string[] = [];
  const opened = await openSink(target, format, options, { ...world, ops }, notices);
  try {
    const deadLetter = letter && new DeadLetter(await openDeadLetter(letter, { ...world, ops }, notices));
    return { ...opened, name: target.name, deadLetter, notices };
  } catch (error) {
    await opened.sink.close();
    throw error;
  }
}

/** `.ndjson` and `.jsonl` are NDJSON, everything else JSON. */
export function resultFormatOf(path: string | undefined): ResultFormat {
  return isJournalName(path) ? 'ndjson' : 'json';
}

/** The destination of a text, as given by the flags. */
export interface TextOptions {
  /** `-o`; absent or `-` is standard output. */
  readonly path?: string | undefined;
  /** The files that the text is made from. */
  readonly inputs: readonly string[];
  /** Refuse a file that exists and is not empty. */
  readonly keepExisting?: boolean;
  /** The text is JSON or NDJSON. */
  readonly isJson?: boolean;
  /** Default UTF-8. */
  readonly encoding?: BufferEncoding;
  /** Where failed cases go in the same run; must be another file. */
  readonly deadLetter?: string | undefined;
}

/** Opens the destination of a text, as for `report -o`. A file is written whole or not at all. */
export async function openTextOutput(options: TextOptions, world: OutputWorld): Promise<TextOutput> {
  const ops = world.ops ?? realFileOps;
  const { cwd, stdin, pid } = world.host;
  const target = findTarget(options.path, cwd, ops);
  const letter = options.deadLetter === undefined ? undefined : findTarget(options.deadLetter, cwd, ops);
  const inputs = inputIdentities(options.inputs, cwd, stdin.fd, ops);
  refuseConflicts([{ flag: '-o', target, role: 'other' }, ...deadLetterAt(letter)], inputs, ops);
  const { isJson, encoding } = options;
  if (target.kind !== 'file') return openStream(target, { ...world, ops }, isJson, encoding);
  if (options.keepExisting) refuseExisting(target, ops);
  return new AtomicFile(target, pid, ops, encoding);
}

function deadLetterAt(target: OutputTarget | undefined): PlannedOutput[] {
  return target === undefined ? [] : [{ flag: '--dead-letter', target, role: 'dead letter' }];
}

type World = OutputWorld & { readonly ops: FileOps };
type OpenedSink = Pick<Outputs, 'kind' | 'sink' | 'resumed'>;

/** Throws a UsageError for flags that ask for a journal where there can be none. */
export function refuseFlags(
  { resume, overwrite, only }: OutputOptions,
  target: OutputTarget,
  format: ResultFormat,
): void {
  const hint = 'case-tracker enrich … -o run.ndjson --resume';
  if (resume && overwrite) throw new UsageError('--resume goes on, --overwrite starts again: choose one of them');
  if (only !== undefined && only.length > 0 && !resume) throw new UsageError('--only needs --resume', { hint });
  if (!resume) return;
  if (target.kind !== 'file') throw new UsageError('--resume needs a journal to go on from', { hint });
  if (format !== 'ndjson') {
    throw new UsageError(`--resume needs a journal, and ${target.name} is a JSON report`, { hint });
  }
}

async function openSink(
  target: OutputTarget,
  format: ResultFormat,
  options: OutputOptions,
  world: World,
  notices: string[],
): Promise<OpenedSink> {
  if (target.kind !== 'file') {
    const output = await openStream(target, world, true);
    const sink = format === 'ndjson' ? new NdjsonStreamSink(output) : new JsonStreamSink(output);
    return { kind: 'stream', sink, resumed: undefined };
  }
  if (format === 'ndjson') return openJournal(target, options, world, notices);
  if (!options.overwrite) refuseExisting(target, world.ops);
  const sink = new JsonReportSink(new AtomicFile(target, world.host.pid, world.ops));
  return { kind: 'report', sink, resumed: undefined };
}

function refuseExisting({ name, path }: FileTarget, ops: FileOps): void {
  if (sizeOf(path, ops) > 0) throw new UsageError(`${name} already exists`, { hint: '--overwrite replaces it' });
}

async function openStream(
  target: Exclude<OutputTarget, FileTarget>,
  world: World,
  isJson = false,
  encoding?: BufferEncoding,
): Promise<TextOutput> {
  const { host, ops, signal } = world;
  if (target.kind === 'stdout') return stdoutOutput(host.stdout, isJson, encoding);
  if (target.kind === 'stderr') return stderrOutput(host.stderr, isJson, encoding);
  if (target.kind === 'descriptor') return descriptorOutput(target.name, target.fd, ops, false, encoding);
  return descriptorOutput(target.name, await openDevice(target.path, ops, host.clock, signal), ops, true, encoding);
}

async function openJournal(
  target: FileTarget,
  options: OutputOptions,
  { host, ops, processes, signal }: World,
  notices: string[],
): Promise<OpenedSink> {
  const lock = await lockForRun(target, { pid: host.pid, clock: host.clock, ops, processes, signal }, notices);
  try {
    const freshness = freshnessAt(options.refreshAfterMs, host.clock.wallNow());
    const index = options.resume ? new ResumeIndex(KeyedHash.random(host.random), freshness) : undefined;
    const lastRun = options.overwrite ? undefined : await readFormer(target, ops, index, notices);
    if (freshness !== undefined) notices.push(...futureNotes(freshness, target.name));
    if (index !== undefined && !options.poll) refusePending(target, index);
    const fd = await openJournalFile(target, options.overwrite === true, ops);
    return {
      kind: 'journal',
      sink: new JournalSink({ name: target.name, path: target.path, fd, lock }, ops, host.clock),
      resumed: index && { resumption: new Resumption(index, options.only), lastRun },
    };
  } catch (error) {
    lock.release();
    throw error instanceof CaseTrackerError ? error : outputError(target.name, error);
  }
}

/** Reads the results of an earlier run into the index; without an index only to refuse the file. */
async function readFormer(
  target: FileTarget,
  ops: FileOps,
  index: ResumeIndex | undefined,
  notices: string[],
): Promise<RunInfo | undefined> {
  if (sizeOf(target.path, ops) === 0) return undefined;
  const content = index ? await readContent(target, ops, index) : await readToRefuse(target, ops);
  const notice = await repairEnd(target, content.end, ops);
  if (notice !== undefined) notices.push(notice);
  return content.lastRun;
}

/** Without polling these cases would be submitted a second time. */
function refusePending({ name }: FileTarget, { places }: ResumeIndex): void {
  if (places.size === 0) return;
  const waits = places.size === 1 ? 'waits' : 'wait';
  throw new UsageError(`${formatCounted(places.size, 'case')} of ${name} ${waits} for an answer that comes later`, {
    hint: '--poll goes on asking for it; without, they would be submitted a second time',
  });
}

async function readToRefuse(target: FileTarget, ops: FileOps): ReturnType<typeof readContent> {
  const content = await readContent(target, ops).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    throw new UsageError(`${target.name} already exists and is no journal`, {
      details: [error.message],
      hint: 'choose another file; --overwrite discards what is in it',
      cause: error,
    });
  });
  if (content.results + content.places === 0) return content;
  const results =
    content.results === 0 ? formatCounted(content.places, 'pending case') : formatCounted(content.results, 'result');
  throw new UsageError(`${target.name} already holds ${results} of an earlier run`, {
    hint: '--resume goes on from them; --overwrite starts again and discards them',
  });
}

async function openJournalFile(target: FileTarget, empty: boolean, ops: FileOps): Promise<number> {
  const fd = empty ? openEmptied(target.path, ops) : openToAppend(target.path, ops);
  try {
    if (!target.exists) await syncFolder(ops, dirname(target.path));
    return fd;
  } catch (error) {
    ops.close(fd);
    throw error;
  }
}

/** Opens the dead letter of this run; one of an earlier run is renamed and kept beside it. */
async function openDeadLetter(target: OutputTarget, world: World, notices: string[]): Promise<TextOutput> {
  if (target.kind !== 'file') return openStream(target, world, true);
  const { ops } = world;
  try {
    const mode = ops.statPath(target.path)?.mode ?? 0o666;
    if (sizeOf(target.path, ops) > 0) {
      const former = { name: formerPath(target.name), path: formerPath(target.path) };
      refuseForeign(former, ops);
      ops.rename(target.path, former.path);
      notices.push(`the cases that an earlier run left in ${target.name} are now in ${former.name}`);
    }
    const fd = openToAppend(target.path, ops, mode & 0o777);
    return new LineFile(target, fd, ops);
  } catch (error) {
    throw outputError(target.name, error);
  }
}
