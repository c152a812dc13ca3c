/** Every sink, put through the conformance suite. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, ResultSink } from '../../src/core/ports.js';
import { AtomicFile, type TextOutput } from '../../src/io/files/atomic-file.js';
import { type FileOps, realFileOps } from '../../src/io/files/file-ops.js';
import { LineFile } from '../../src/io/files/line-file.js';
import { CasesSink } from '../../src/io/sinks/cases.js';
import { csvSink } from '../../src/io/sinks/csv.js';
import { DeadLetter } from '../../src/io/sinks/dead-letter.js';
import { JournalSink } from '../../src/io/sinks/journal.js';
import { JsonReportSink } from '../../src/io/sinks/json-report.js';
import { JsonStreamSink, NdjsonStreamSink, stdoutOutput } from '../../src/io/sinks/stream.js';
import { tableSink, TerminalTableSink } from '../../src/io/sinks/table.js';
import { temporaryFolder } from '../helpers/folder.js';
import { FakeClock } from '../helpers/clock.js';
import { fakeHost } from '../helpers/fake-host.js';
import { enriched } from '../helpers/samples.js';
import { recordsOf } from '../helpers/rows.js';
import { conforms } from './checks.js';
import { NAMES_UNSAVED, type SinkSubject, sinkChecks, TAKES_EVERY_STATUS } from './result-sink.js';

const SHEET = { form: 'csv', formulaGuard: true, into: 'enrichment', hasOther: true } as const;

type Place = Omit<SinkSubject, 'sink'>;

conforms('a journal', sinkChecks, () => {
  const disk = new Disk();
  const clock = new FakeClock();
  return { sink: disk.journal(clock), ...disk.place(idsInLines, () => clock.timers) };
});

conforms('a JSON report in a file', sinkChecks, () => {
  const disk = new Disk();
  return { sink: new JsonReportSink(disk.whole()), ...disk.place(idsInReport) };
});

conforms('NDJSON on a stream', sinkChecks, () => {
  const stream = new Stream();
  return { sink: new NdjsonStreamSink(stream.output()), ...stream.place(idsInLines) };
});

conforms('a JSON report on a stream', sinkChecks, () => {
  const stream = new Stream();
  return { sink: new JsonStreamSink(stream.output()), ...stream.place(idsInLines) };
});

conforms('a table on a stream', sinkChecks, () => {
  const stream = new Stream();
  return { sink: tableSink('enrichment', stream.output()), ...stream.place(idsInTable) };
});

conforms('a table in a file', sinkChecks, () => {
  const disk = new Disk();
  return { sink: tableSink('enrichment', disk.whole()), ...disk.place(idsInTable) };
});

conforms('a spreadsheet on a stream', sinkChecks, () => {
  const stream = new Stream();
  return { sink: csvSink(SHEET, stream.output()), ...stream.place(idsInRows) };
});

conforms('a spreadsheet in a file', sinkChecks, () => {
  const disk = new Disk();
  return { sink: csvSink(SHEET, disk.whole()), ...disk.place(idsInRows) };
});

conforms('a table on a terminal', sinkChecks, () => {
  const fake = fakeHost({ stdoutTTY: true });
  const stream = new Stream();
  const stdout = { ...fake.host.stdout, isTTY: true, columns: 80, write: stream.write };
  const sink = new TerminalTableSink({ into: 'enrichment', color: 'never' }, { ...fake.host, stdout });
  return { sink, ...stream.place(idsInTable) };
});

// It keeps the enriched cases alone: the suite's failures are given to it as if they were enriched.
conforms(
  'cases on a stream',
  sinkChecks,
  () => {
    const stream = new Stream();
    return { sink: allEnriched(new CasesSink(stream.output())), ...stream.place(idsOfEnriched) };
  },
  [TAKES_EVERY_STATUS],
);

conforms(
  'cases in a file',
  sinkChecks,
  () => {
    const disk = new Disk();
    return { sink: allEnriched(new CasesSink(disk.whole())), ...disk.place(idsOfEnriched) };
  },
  [TAKES_EVERY_STATUS],
);

// It is given results, and keeps the cases of those that failed.
conforms(
  'a dead letter',
  sinkChecks,
  () => {
    const disk = new Disk();
    const file = { name: 'dead.ndjson', path: disk.path };
    return {
      sink: new DeadLetter(new LineFile(file, disk.ops.open(disk.path, 'a'), disk.ops)),
      ...disk.place(idsOfCases),
    };
  },
  [NAMES_UNSAVED, TAKES_EVERY_STATUS],
);

function allEnriched(sink: CasesSink): ResultSink {
  return {
    storesOn: sink.storesOn,
    write: (results) => sink.write(results.map((one) => (one.status === 'failed' ? enriched(one.caseId ?? '') : one))),
    finish: () => sink.finish(),
    close: () => sink.close(),
  };
}

function noSpace(): Error {
  return Object.assign(new Error('no space left'), { code: 'ENOSPC' });
}

/** A file on a disk that can fill up, and what is open of it. */
class Disk {
  readonly path = join(temporaryFolder(), 'out');
  readonly #open = new Set<number>();
  #locks = 0;
  #isFull = false;
  readonly ops: FileOps = {
    ...realFileOps,
    open: (...args) => {
      const fd = realFileOps.open(...args);
      this.#open.add(fd);
      return fd;
    },
    close: (fd) => {
      this.#open.delete(fd);
      realFileOps.close(fd);
    },
    write: (...args) => {
      if (this.#isFull) throw noSpace();
      return realFileOps.write(...args);
    },
    sync: (fd) => (this.#isFull ? Promise.reject(noSpace()) : realFileOps.sync(fd)),
    syncData: (fd) => (this.#isFull ? Promise.reject(noSpace()) : realFileOps.syncData(fd)),
  };

  journal(clock: Clock): JournalSink {
    this.#locks++;
    const lock = { release: () => void this.#locks-- };
    const file = { name: 'run.ndjson', path: this.path, fd: this.ops.open(this.path, 'a'), lock };
    return new JournalSink(file, this.ops, clock);
  }

  whole(): AtomicFile {
    return new AtomicFile({ name: 'out', path: this.path }, 7, this.ops);
  }

  place(idsIn: (text: string) => string[], timers = (): number => 0): Place {
    return {
      stored: () => (existsSync(this.path) ? idsIn(readFileSync(this.path, 'utf8')) : []),
      breakDown: () => void (this.#isFull = true),
      mend: () => void (this.#isFull = false),
      held: () => this.#open.size + this.#locks + timers(),
    };
  }
}

/** A stream in memory that can stop taking anything. */
class Stream {
  #text = '';
  #isFull = false;
  readonly write = (text: string | Uint8Array): Promise<void> => {
    if (this.#isFull) return Promise.reject(noSpace());
    this.#text += String(text);
    return Promise.resolve();
  };

  output(): TextOutput {
    return stdoutOutput({ isTTY: false, write: this.write });
  }

  place(idsIn: (text: string) => string[]): Place {
    return {
      stored: () => idsIn(this.#text),
      breakDown: () => void (this.#isFull = true),
      mend: () => void (this.#isFull = false),
      held: () => 0,
    };
  }
}

function idsInLines(text: string): string[] {
  return [...text.matchAll(/^\{"caseId":"([^"]+)"/gm)].map((match) => match[1] ?? '');
}

function idsInReport(text: string): string[] {
  return (JSON.parse(text) as { results: { caseId: string }[] }).results.map(({ caseId }) => caseId);
}

function idsOfCases(text: string): string[] {
  return [...text.matchAll(/^\{"id":"([^"]+)"\}$/gm)].map((match) => match[1] ?? '');
}

function idsInRows(text: string): string[] {
  return recordsOf(text).map(({ id = '' }) => id);
}

/** The first cell of each row that says what became of a case. */
function idsInTable(text: string): string[] {
  return [...text.matchAll(/^ *(\S+) .*\b(?:enriched|failed|invalid|cancelled)\b/gm)].map((match) => match[1] ?? '');
}

function idsOfEnriched(text: string): string[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { id: string }).id);
}
