/** `POST /runs`: from a request to a run that is on the disk. */

import type { Clock } from '../../../core/ports.js';
import type { FileOps } from '../../files/file-ops.js';
import { Refused } from '../refusal.js';
import { type CaseReading, refuseWithoutCase } from './first-case.js';
import type { RunQueue } from './run-queue.js';
import type { NewRun, RunEntry, RunsFolder } from './runs-folder.js';
import type { BodyForm } from './shapes.js';
import { spool } from './spool.js';
import { tooLarge, unpacked } from './unpacked.js';

export interface IntakeOptions {
  readonly queue: RunQueue;
  readonly folder: RunsFolder;
  readonly ops: FileOps;
  readonly clock: Clock;
  /** Of a body, unpacked. */
  readonly maxBody: number;
  readonly reading: CaseReading;
}

/** Takes the run, or finds the one that came with the same key. Rejects with a Refused; then nothing is kept. */
export async function takeRun(request: Request, options: IntakeOptions): Promise<{ entry: RunEntry; isNew: boolean }> {
  const { queue, folder, clock } = options;
  const wanted = wantedOf(request.headers, options.maxBody);
  queue.refuseNew(wanted.key);
  const fresh = await folder.begin(clock.wallNow());
  let isTaken = false;
  try {
    const entry = await entryOf(request, fresh, wanted, options);
    const taken = await queue.add(fresh, entry);
    isTaken = taken.isNew;
    return taken;
  } finally {
    if (!isTaken) await folder.discard(fresh);
  }
}

async function entryOf(request: Request, fresh: NewRun, wanted: Wanted, options: IntakeOptions): Promise<RunEntry> {
  const { form, isGzip, key } = wanted;
  const path = fresh.casesPath(form);
  const pieces = unpacked(request.body ?? NOTHING, { isGzip, mostBytes: options.maxBody });
  const { bytes, hash } = await spool(pieces, { path, form }, options.ops);
  if (bytes === 0) throw new Refused(422, 'no_case', 'the body is empty: no case can be read in it');
  await refuseWithoutCase(path, form, options.reading, request.signal);
  return {
    schemaVersion: 1,
    id: fresh.id,
    status: 'queued',
    createdAt: new Date(options.clock.wallNow()).toISOString(),
    form,
    bytes,
    hash,
    exitCode: null,
    ...(key === undefined ? {} : { idempotencyKey: key }),
  };
}

const NOTHING: AsyncIterable<Uint8Array> = new ReadableStream({ start: (controller) => controller.close() });

/** What the headers say of the body. */
interface Wanted {
  readonly form: BodyForm;
  readonly isGzip: boolean;
  readonly key: string | undefined;
}

/** Throws a Refused: 400, 413 or 415. */
function wantedOf(headers: Headers, maxBody: number): Wanted {
  const wanted = { form: formOf(headers), isGzip: isGzip(headers), key: keyOf(headers) };
  // Packed cases are rarely fewer bytes than their package.
  if (Number(headers.get('content-length') ?? 0) > maxBody) throw tooLarge(maxBody);
  return wanted;
}

const FORMS: ReadonlyMap<string, BodyForm> = new Map([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  ['application/x-jsonlines', 'ndjson'],
]);

function formOf(headers: Headers): BodyForm {
  const [type = '', ...parameters] = (headers.get('content-type') ?? '').toLowerCase().split(';');
  const form = FORMS.get(type.trim());
  const charset = parameters.map((one) => one.trim()).find((one) => one.startsWith('charset='));
  const isText = charset === undefined || /^charset="?(?:utf-8|utf8|us-ascii)"?$/.test(charset);
  if (form !== undefined && isText) return form;
  throw new Refused(
    415,
    'unsupported_type',
    'cases are taken as application/x-ndjson (one a line) or application/json, in UTF-8',
  );
}

function isGzip(headers: Headers): boolean {
  const coding = (headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
  if (coding === 'gzip' || coding === 'x-gzip') return true;
  if (coding === 'identity' || coding === '') return false;
  throw new Refused(415, 'unsupported_encoding', 'the body may be gzip, or plain');
}

const MOST_KEY = 255;

function keyOf(headers: Headers): string | undefined {
  const key = headers.get('idempotency-key');
  if (key === null) return undefined;
  if (key.length <= MOST_KEY && /^[\x20-\x7e]+$/.test(key)) return key;
  throw new Refused(400, 'bad_key', `an Idempotency-Key has 1 to ${MOST_KEY} printable ASCII characters`);
}
