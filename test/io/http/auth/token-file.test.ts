import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../../src/errors.js';
import { TokenFile } from '../../../../src/io/http/auth/token-file.js';
import { FakeClock, START } from '../../../helpers/clock.js';
import { temporaryFolder } from '../../../helpers/folder.js';

/** A folder with a token file in it, on a clock that stands still. */
class World {
  readonly clock = new FakeClock();
  readonly folder = temporaryFolder();
  readonly path = join(this.folder, 'token');

  /** Writes the file, so long ago. */
  write(text: string, agoMs = 10_000): void {
    writeFileSync(this.path, text);
    this.touch(agoMs);
  }

  touch(agoMs: number): void {
    const seconds = (this.clock.wallNow() - agoMs) / 1000;
    utimesSync(this.path, seconds, seconds);
  }

  open(path = this.path): TokenFile {
    return new TokenFile({ path, name: 'the token file token', clock: this.clock });
  }
}

function worldWith(text: string, agoMs?: number): World {
  const world = new World();
  world.write(text, agoMs);
  return world;
}

test('a token is the first line, or JSON whose life counts from when it was written', () => {
  expect(worldWith('abc\nmore\n').open().current()).toEqual({ value: 'abc' });
  const json = worldWith('{"token":"abc","expires_in":60}', 5_000).open();
  expect(json.current()).toEqual({ value: 'abc', expiresAt: START - 5_000 + 60_000 });
  expect(json.checkEveryMs).toBe(1_000);
});

test('it stays the same object until the file has another one', () => {
  const world = worldWith('one');
  const file = world.open();
  const first = file.current();
  expect(file.current()).toBe(first);
  world.touch(9_000);
  expect(file.current()).toBe(first);
  world.write('two', 8_000);
  expect(file.current()).toEqual({ value: 'two' });
});

test('a file of the same size and time is another one behind a link that is set anew, as in Kubernetes', () => {
  const world = new World();
  for (const [name, token] of [
    ['v1', 'aaa'],
    ['v2', 'bbb'],
  ] as const) {
    mkdirSync(join(world.folder, name));
    writeFileSync(join(world.folder, name, 'token'), token);
    utimesSync(join(world.folder, name, 'token'), 1_000, 1_000);
  }
  symlinkSync('v1', join(world.folder, '..data'));
  symlinkSync('..data/token', world.path);
  const file = world.open();
  expect(file.current().value).toBe('aaa');
  symlinkSync('v2', join(world.folder, '..data_tmp'));
  renameSync(join(world.folder, '..data_tmp'), join(world.folder, '..data'));
  expect(file.current().value).toBe('bbb');
});

describe('while the file has nothing better, the last token stays', () => {
  test.each<[string, (world: World) => void]>([
    ['empty', (world) => world.write('')],
    ['gone', (world) => rmSync(world.path)],
    ['a folder', (world) => (rmSync(world.path), mkdirSync(world.path))],
    ['half-written JSON', (world) => world.write('{"token":"tw')],
    ['written a moment ago', (world) => world.write('tw', 100)],
    ['huge', (world) => world.write('x'.repeat(70_000))],
    ['endless', (world) => world.write('x'.repeat(1_100_000))],
  ])('%s', (_, change) => {
    const world = worldWith('one');
    const file = world.open();
    const first = file.current();
    change(world);
    expect(file.current()).toBe(first);
    rmSync(world.path, { recursive: true, force: true });
    world.write('two');
    expect(file.current()).toEqual({ value: 'two' });
  });

  test('what was written a moment ago is taken once it has come to rest', () => {
    const world = worldWith('one');
    const file = world.open();
    file.current();
    world.write('two', 0);
    expect(file.current().value).toBe('one');
    world.clock.advance(499);
    expect(file.current().value).toBe('one');
    world.clock.advance(1);
    expect(file.current().value).toBe('two');
  });
});

describe('where there is no good one, it says why', () => {
  test.each<[string, (world: World) => void, string]>([
    ['empty', (world) => world.write(''), 'the token file token is empty'],
    ['gone', (world) => rmSync(world.path), 'cannot read the token file token: no such file'],
    ['half-written', (world) => world.write('{"tok'), 'the token file token begins like JSON and is none'],
    ['huge', (world) => world.write('x'.repeat(70_000)), 'the token file token has more than 64 KiB: that is no token'],
    [
      'endless',
      (world) => world.write('x'.repeat(1_100_000)),
      'cannot read the token file token: it is larger than 1 MiB',
    ],
  ])('%s', (_, change, message) => {
    const world = worldWith('one');
    const [fresh, used] = [world.open(), world.open()];
    used.refused(used.current());
    change(world);
    expect(() => fresh.current()).toThrow(message);
    expect(() => used.current()).toThrow(message);
  });

  test('a refused token is not waited with: what was written a moment ago is tried, and read again', () => {
    const world = worldWith('one');
    const file = world.open();
    file.refused(file.current());
    expect(file.current().value).toBe('one');
    world.write('tw', 0);
    expect(file.current().value).toBe('tw');
    // The same time and size, as when both were written within one tick of the disk's clock.
    world.write('ab', 0);
    expect(file.current().value).toBe('tw');
    world.clock.advance(500);
    expect(file.current().value).toBe('ab');
  });
});

describe('at the start', () => {
  test('a file that is empty is waited for', () => {
    const world = worldWith('');
    const file = world.open();
    expect(() => file.current()).toThrow('is empty');
    world.write('one', 0);
    expect(file.current()).toEqual({ value: 'one' });
  });

  test.each<[string, (world: World) => string, string]>([
    [
      'missing',
      ({ folder }) => join(folder, 'toke'),
      'cannot read the token file token: no such file | there is token in this folder',
    ],
    [
      'missing by far',
      ({ folder }) => join(folder, 'other/secret'),
      'cannot read the token file token: no such file | a file that comes later has to be there already, empty',
    ],
    [
      'a folder',
      ({ folder }) => folder,
      'the token file token is no regular file, and it is read again and again | --token-command takes what prints a token',
    ],
    [
      'a device',
      () => '/dev/zero',
      'the token file token is no regular file, and it is read again and again | --token-command takes what prints a token',
    ],
  ])('one that is %s is refused', (_, pathIn, message) => {
    const world = worldWith('one');
    let said = '';
    try {
      world.open(pathIn(world));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      said = `${error.message} | ${error.hint ?? ''}`;
    }
    expect(said).toBe(message);
  });
});
