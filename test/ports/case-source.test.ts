/** Every source, put through the conformance suite. */

import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { Case, type Entry } from '../../src/core/case.js';
import type { CaseSource, SourceCounts } from '../../src/core/ports.js';
import { InputError } from '../../src/errors.js';
import { openSource, type ReadOptions } from '../../src/io/sources/file/file-source.js';
import { type CaseInput, GivenCases } from '../../src/io/sources/given-cases.js';
import { temporaryFolder } from '../helpers/folder.js';
import { LeasedCases } from '../helpers/leased-cases.js';
import { type SourceSubject, sourceChecks } from './case-source.js';
import { conforms } from './checks.js';

/** How records stand in a file. */
interface Form {
  readonly name: string;
  readonly begin: string;
  readonly between: string;
  readonly end: string;
  readonly root?: string;
}

const NDJSON: Form = { name: 'cases.ndjson', begin: '', between: '\n', end: '\n' };
const ARRAY: Form = { name: 'cases.json', begin: '[', between: ',\n', end: ']' };
const DOCUMENT: Form = { name: 'export.json', begin: '{"total":3,"cases":[', between: ', ', end: '],"next":null}' };
const NESTED: Form = {
  name: 'nested.json',
  begin: '{"data":{"items":[',
  between: ',',
  end: ']}}',
  root: '/data/items',
};

const inThread = { smallBytes: 0, hereBytes: 0 };
const inTurns = { smallBytes: 0, hereBytes: Number.MAX_SAFE_INTEGER };
const here = { smallBytes: Number.MAX_SAFE_INTEGER };

conforms('NDJSON, read by a thread', sourceChecks, () => fileSubject(NDJSON, inThread));
conforms('NDJSON, read without one', sourceChecks, () => fileSubject(NDJSON, here));
conforms('NDJSON, read in turns of the main thread', sourceChecks, () => fileSubject(NDJSON, inTurns));
conforms('an array in a file', sourceChecks, () => fileSubject(ARRAY, inThread));
conforms('a document with an array', sourceChecks, () => fileSubject(DOCUMENT, here));
conforms('a document with an array at --root', sourceChecks, () => fileSubject(NESTED, here));
conforms('a compressed file', sourceChecks, () => fileSubject(NDJSON, inThread, (text) => gzipSync(text)));
conforms('CSV, read by a thread', sourceChecks, () => sheetSubject('cases.csv', inThread));
conforms('CSV, read without one', sourceChecks, () => sheetSubject('cases.csv', here));
conforms('standard input', sourceChecks, stdinSubject);
conforms('an array of cases', sourceChecks, () => givenSubject((cases) => cases));
conforms('cases that are made when they are asked for', sourceChecks, () => givenSubject(generated));
conforms('cases that are leased', sourceChecks, () => new LeasedCases());

function fileSubject(
  form: Form,
  options: Partial<ReadOptions>,
  pack: (text: string) => string | Buffer = (text) => text,
): SourceSubject {
  const folder = temporaryFolder();
  const common = { cwd: folder, ...(form.root === undefined ? {} : { root: form.root }), ...options };
  const write = (records: readonly string[]): string => {
    writeFileSync(join(folder, form.name), pack(contentOf(form, records)));
    return form.name;
  };
  return {
    open: (records) => openSource({ files: [write(records)], ...common }),
    openBroken: (records) => openSource({ files: [write(records), 'not-there.json'], ...common }),
    openIdle(records) {
      const path = join(folder, 'idle');
      openPipe(path, beginOf(form, records));
      return openSource({ files: [path], inputFormat: form.name.endsWith('.csv') ? 'csv' : 'auto', ...common });
    },
  };
}

const SHEET: Form = { name: 'cases.csv', begin: 'id,record\r\n', between: '\r\n', end: '\r\n' };

/** Records as rows of their id and their text; what is read is made the records again. */
function sheetSubject(name: string, options: Partial<ReadOptions>): SourceSubject {
  const sheet = fileSubject({ ...SHEET, name }, options);
  const rows = (records: readonly string[]): string[] =>
    records.map((record) => {
      const { id = '' } = JSON.parse(record) as { id?: string | number };
      return `${id},"${record.replaceAll('"', '""')}"`;
    });
  return {
    open: async (records) => new Unwrapped(await sheet.open(rows(records))),
    openBroken: async (records) => new Unwrapped(await sheet.openBroken(rows(records))),
    openIdle: async (records) => new Unwrapped(await sheet.openIdle(rows(records))),
  };
}

/** The cases that stand in the column `record` of the cases of a source. */
class Unwrapped implements CaseSource {
  readonly #source: CaseSource;

  constructor(source: CaseSource) {
    this.#source = source;
  }

  get counts(): SourceCounts {
    return this.#source.counts;
  }

  get complete(): boolean {
    return this.#source.complete;
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly Entry[]> {
    const entries = this.#source[Symbol.asyncIterator]();
    return {
      async next() {
        const step = await entries.next();
        return step.done ? step : { done: false, value: step.value.map(unwrapped) };
      },
      return: () => entries.return?.() ?? Promise.resolve({ done: true, value: undefined }),
    };
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function unwrapped(entry: Entry): Entry {
  if (entry.kind === 'invalid') return entry;
  return { ...entry, case: new Case(entry.case.id, entry.case.value['record'] as string) };
}

function stdinSubject(): SourceSubject {
  const folder = temporaryFolder();
  const piped = (text: string, end: boolean): number => {
    const path = join(folder, 'stdin');
    execFileSync('rm', ['-f', path]);
    const writer = openPipe(path, text);
    const stdinFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (end) writer.close();
    return stdinFd;
  };
  const open = (records: readonly string[], more: readonly string[] = []) =>
    openSource({ files: ['-', ...more], cwd: folder, stdinFd: piped(contentOf(NDJSON, records), true) });
  return {
    open: (records) => open(records),
    openBroken: (records) => open(records, ['not-there.json']),
    openIdle: (records) => openSource({ files: ['-'], stdinFd: piped(beginOf(NDJSON, records), false) }),
  };
}

function contentOf({ begin, between, end }: Form, records: readonly string[]): string {
  if (records.length === 0 && begin === '') return '';
  return begin + records.join(between) + end;
}

/** The same, where another record may follow. */
function beginOf({ begin, between }: Form, records: readonly string[]): string {
  return begin + records.map((record) => record + between).join('');
}

/** A named pipe that holds a text and stays open for more until it is closed, or until the test ends. */
function openPipe(path: string, text: string): { close(): void } {
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, 'r+');
  writeSync(fd, text);
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
  onTestFinished(close);
  return { close };
}

function givenSubject(make: (cases: CaseInput[]) => Iterable<CaseInput> | AsyncIterable<CaseInput>): SourceSubject {
  const parsed = (records: readonly string[]): CaseInput[] => records.map((text) => JSON.parse(text) as CaseInput);
  return {
    open: (records) => new GivenCases(make(parsed(records))),
    openBroken: (records) => new GivenCases(endingIn(parsed(records), () => Promise.reject(new InputError('gone')))),
    openIdle(records) {
      let giveUp = (): void => {};
      const idle = new Promise<IteratorResult<CaseInput>>((resolve) => {
        giveUp = () => resolve({ done: true, value: undefined });
      });
      return new GivenCases(endingIn(parsed(records), () => idle, giveUp));
    },
  };
}

async function* generated(cases: readonly CaseInput[]): AsyncGenerator<CaseInput> {
  for (const given of cases) {
    await Promise.resolve();
    yield given;
  }
}

/** Cases, then whatever `last` gives; `giveUp` ends a wait for it. */
function endingIn(
  cases: readonly CaseInput[],
  last: () => Promise<IteratorResult<CaseInput>>,
  giveUp = (): void => {},
): AsyncIterable<CaseInput> {
  let at = 0;
  const next = (): Promise<IteratorResult<CaseInput>> => {
    const value = cases[at++];
    return value === undefined ? last() : Promise.resolve({ done: false, value });
  };
  const end = (): Promise<IteratorResult<CaseInput>> => {
    giveUp();
    return Promise.resolve({ done: true, value: undefined });
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
}
