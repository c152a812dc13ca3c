import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OutputError, isStdoutClosed } from '../../../src/errors.js';
import type { OutputStream } from '../../../src/host.js';
import { realFileOps } from '../../../src/io/files/file-ops.js';
import {
  JsonStreamSink,
  NdjsonStreamSink,
  descriptorOutput,
  openDevice,
  stdoutOutput,
} from '../../../src/io/sinks/stream.js';
import { FakeClock } from '../../helpers/clock.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { enriched, runInfo, saved, summary, unenriched } from '../../helpers/samples.js';

/** A stream that takes a text when the test says so. */
class SlowStream implements OutputStream {
  readonly isTTY = false;
  readonly texts: string[] = [];
  #pending: (() => void)[] = [];
  error: Error | undefined;

  write(text: string | Uint8Array): Promise<void> {
    if (this.error !== undefined) return Promise.reject(this.error);
    this.texts.push(String(text));
    return new Promise((resolve) => this.#pending.push(resolve));
  }

  take(): void {
    this.#pending.shift()?.();
  }
}

function instantStream(): OutputStream & { text: string } {
  const stream = {
    isTTY: false,
    text: '',
    write(text: string | Uint8Array): Promise<void> {
      stream.text += String(text);
      return Promise.resolve();
    },
  };
  return stream;
}

describe('results on a stream', () => {
  const groups = [[enriched('a'), unenriched('b')], [], [enriched('c')]];

  test('as NDJSON are lines and nothing else', async () => {
    const stream = instantStream();
    const sink = new NdjsonStreamSink(stdoutOutput(stream));
    for (const group of groups) await sink.write(group);
    await sink.finish();
    const lines = stream.text.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(groups.flat().map(saved));
  });

  test.each([
    ['with results', groups],
    ['without', []],
  ])('as JSON are one document, %s', async (_, given) => {
    const stream = instantStream();
    const sink = new JsonStreamSink(stdoutOutput(stream));
    for (const group of given) await sink.write(group);
    await sink.finish(runInfo(), summary());
    const results = given.flat().map(saved);
    expect(JSON.parse(stream.text)).toEqual({ schemaVersion: 1, run: runInfo(), results, summary: summary() });
  });

  test('wait for a slow reader, and what comes meanwhile leaves together', async () => {
    const stream = new SlowStream();
    const sink = new NdjsonStreamSink(stdoutOutput(stream));
    const written: string[] = [];
    const write = async (id: string): Promise<void> => {
      await sink.write([enriched(id)]);
      written.push(id);
    };
    const writes = [write('a')];
    await expect.poll(() => stream.texts.length).toBe(1);
    writes.push(write('b'), write('c'));
    expect(written).toEqual([]);
    stream.take();
    await expect.poll(() => stream.texts.length).toBe(2);
    expect(stream.texts[1]?.match(/"caseId":"."/g)).toEqual(['"caseId":"b"', '"caseId":"c"']);
    stream.take();
    await Promise.all(writes);
    expect(written).toEqual(['a', 'b', 'c']);
  });

  test('whose reader has gone end with an error that is known for it', async () => {
    const stream = new SlowStream();
    stream.error = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    const sink = new NdjsonStreamSink(stdoutOutput(stream));
    const error = await sink.write([enriched('a')]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OutputError);
    expect(isStdoutClosed(error)).toBe(true);
    await expect(sink.finish()).rejects.toSatisfy(isStdoutClosed);
    await expect(sink.close()).resolves.toBeUndefined();
  });

  test('an error of another kind is not taken for a closed pipe', () => {
    const causedBy = (code: string): Error => new OutputError('x', { cause: Object.assign(new Error(), { code }) });
    expect([causedBy('ENOSPC'), causedBy('EPIPE'), 'EPIPE'].map(isStdoutClosed)).toEqual([false, false, false]);
  });
});

describe('a named pipe', () => {
  function newPipe(): string {
    const path = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    return path;
  }

  test('is waited for until its reader is there, and carries more than it can hold', async () => {
    const path = newPipe();
    const clock = new FakeClock();
    const opening = openDevice(path, realFileOps, clock);
    await expect.poll(() => clock.timers).toBe(1);
    const reading = readFile(path, 'utf8');
    let fd: number | undefined;
    void opening.then((opened) => (fd = opened));
    while (fd === undefined) {
      clock.advanceToNext();
      await new Promise(setImmediate);
    }
    const output = descriptorOutput('pipe', fd, realFileOps, true);
    const text = 'x'.repeat(300_000);
    await output.write(text);
    await output.finish();
    expect(await reading).toBe(text);
  });

  test('without a reader is given up when the run ends', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const opening = openDevice(newPipe(), realFileOps, clock, controller.signal);
    await expect.poll(() => clock.timers).toBe(1);
    controller.abort(new Error('the run ended'));
    clock.advanceToNext();
    await expect(opening).rejects.toThrow('the run ended');
  });

  test('whose reader leaves is an error: only the reader of stdout says enough', async () => {
    const path = newPipe();
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const output = descriptorOutput('pipe', await openDevice(path, realFileOps, new FakeClock()), realFileOps, true);
    closeSync(reader);
    const error: unknown = await Promise.resolve(output.write('x')).catch((thrown: unknown) => thrown);
    expect([String(error), isStdoutClosed(error)]).toEqual([
      'OutputError: cannot write pipe: the reader is gone (EPIPE)',
      false,
    ]);
    await output.close();
  });
});

test('a descriptor that was lent is written where it stands, and stays open', async () => {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, 'before\n');
  const fd = openSync(path, 'a');
  const output = descriptorOutput('/dev/fd/3', fd, realFileOps, false);
  await output.write('after\n');
  await output.finish();
  closeSync(fd);
  expect(readFileSync(path, 'utf8')).toBe('before\nafter\n');
});

test('/dev/null takes everything', async () => {
  const fd = await openDevice('/dev/null', realFileOps, new FakeClock());
  const sink = new JsonStreamSink(descriptorOutput('/dev/null', fd, realFileOps, true));
  await sink.write([enriched('a')]);
  await sink.finish(runInfo(), summary());
});
