import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

interface Room {
  /** The beginning of its files' paths; the longest one that fits a file is its room. */
  readonly room: string;
  /** What it may import: paths or beginnings of paths. */
  readonly imports: readonly string[];
  readonly libraries?: readonly string[];
  readonly node?: boolean;
}

const CORE = ['core/', 'json/', 'text/clip.ts', 'text/format.ts'];
const IO = ['core/', 'json/', 'text/', 'errors.ts', 'host.ts', 'named-file.ts', 'package-file.ts', 'io/'];

/** The house: which rooms a room may import from, and which libraries. */
const ROOMS: readonly Room[] = [
  { room: 'json/', imports: ['json/', 'text/'] },
  { room: 'text/', imports: ['json/', 'text/'] },
  { room: 'text/printable.ts', imports: ['json/', 'text/'], libraries: ['get-east-asian-width'] },
  { room: 'core/case.ts', imports: [] },
  { room: 'core/secrets.ts', imports: ['core/case.ts'] },
  { room: 'core/', imports: CORE },
  // What others see of a run is made printable before it leaves.
  { room: 'core/live/', imports: [...CORE, 'text/printable.ts'] },
  { room: 'core/results/shapes.ts', imports: CORE, libraries: ['zod'] },
  { room: 'core/results/notification-shape.ts', imports: CORE, libraries: ['zod'] },
  { room: 'core/results/json-schemas.ts', imports: CORE, libraries: ['zod'] },
  { room: 'core/run/slots.ts', imports: CORE, libraries: ['p-limit'] },
  { room: 'io/', imports: IO, node: true },
  { room: 'io/http/', imports: IO, node: true, libraries: ['undici', 'ajv', 'ajv-formats', 're2js'] },
  { room: 'io/queue/connection.ts', imports: IO, node: true, libraries: ['@redis/client'] },
  { room: 'io/http/auth/oauth2.ts', imports: IO, node: true, libraries: ['oauth4webapi'] },
  {
    room: 'io/web/',
    imports: [...IO, 'report/html/', 'report/view.ts'],
    node: true,
    libraries: ['hono', 'ws'],
  },
  // The shapes of its answers, from which the OpenAPI document is made.
  { room: 'io/web/api/', imports: IO, node: true, libraries: ['hono', 'zod'] },
  { room: 'io/postgres/driver.ts', imports: IO, node: true, libraries: ['pg', 'pg-copy-streams'] },
  { room: 'io/sinks/table.ts', imports: [...IO, 'report/terminal/'], node: true },
  { room: 'io/sinks/csv.ts', imports: [...IO, 'report/sheet/'], node: true },
  { room: 'io/watch/', imports: [...IO, 'report/'], node: true, libraries: ['pino'] },
  { room: 'report/', imports: ['core/', 'json/', 'text/', 'report/'] },
  // What runs in a browser. Of core it knows only how a place is written, and what a live run says.
  {
    room: 'report/html/page/',
    imports: ['core/case.ts', 'core/live/messages.ts', 'json/', 'text/', 'report/html/page/'],
  },
  {
    room: 'config/',
    imports: ['config/', 'core/', 'json/', 'text/', 'errors.ts', 'host.ts', 'named-file.ts'],
    libraries: ['zod'],
    node: true,
  },
  { room: 'cli/', imports: ['cli/', 'config/', 'text/', 'errors.ts', 'host.ts'], libraries: ['commander'], node: true },
  {
    room: 'commands/',
    imports: [
      'core/',
      'io/',
      'report/',
      'json/',
      'text/',
      'config/',
      'cli/',
      'commands/',
      'errors.ts',
      'host.ts',
      'package-file.ts',
      'named-file.ts',
      'verdict.ts',
      'version.ts',
    ],
    node: true,
  },
  {
    room: 'main.ts',
    imports: [
      'commands/index.ts',
      'config/',
      'cli/',
      'io/secrets/redact.ts',
      'io/sinks/print.ts',
      'text/printable.ts',
      'text/table-url.ts',
      'version.ts',
      'errors.ts',
      'host.ts',
    ],
    node: true,
  },
  { room: 'index.ts', imports: ['core/', 'io/', 'errors.ts', 'library.ts'] },
  { room: 'library.ts', imports: ['core/', 'io/', 'text/clip.ts', 'errors.ts', 'host.ts', 'version.ts'], node: true },
  { room: 'host.ts', imports: ['core/ports.ts', 'errors.ts'], node: true },
  { room: 'errors.ts', imports: [] },
  // What config, io and commands read in the same way.
  { room: 'named-file.ts', imports: ['text/errno-words.ts'], node: true },
  { room: 'package-file.ts', imports: [], node: true },
  { room: 'version.ts', imports: ['package-file.ts'], node: true },
  { room: 'executable.ts', imports: ['main.ts', 'host.ts'] },
  { room: 'verdict.ts', imports: ['core/', 'errors.ts', 'host.ts'] },
];

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'));

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g,
  );
  return [...found].map((match) => match[1] ?? match[2] ?? '');
}

const imports = new Map(files.map((file) => [file, importsOf(file)]));

test.each(files)('%s imports only what its room allows', (file) => {
  const fitting = ROOMS.filter(({ room }) => file.startsWith(room));
  const room = fitting.toSorted((a, b) => b.room.length - a.room.length)[0];
  expect(room, 'a file without a room').toBeDefined();
  const refused = (imports.get(file) ?? []).filter((target) => {
    if (target.startsWith('node:')) return !room?.node;
    if (!target.startsWith('.')) return !room?.libraries?.includes(target.replace(/^((?:@[^/]+\/)?[^/]+).*/, '$1'));
    return !room?.imports.some((prefix) => pathOf(file, target).startsWith(prefix));
  });
  expect(refused).toEqual([]);
});

/** The path in src that a relative import means. */
function pathOf(file: string, target: string): string {
  return posix.normalize(posix.join(dirname(file), target)).replace(/\.js$/, '.ts');
}

test('no file is on a circle of imports, types counted', () => {
  expect(files.flatMap(circleFrom)).toEqual([]);
});

/** The shortest circle that a file is on, as one line; none when it is on none. */
function circleFrom(start: string): string[] {
  const paths = [[start]];
  const seen = new Set<string>();
  for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
    const file = path.at(-1) ?? '';
    for (const target of (imports.get(file) ?? []).filter((name) => name.startsWith('.'))) {
      const next = pathOf(file, target);
      if (next === start) return [[...path, start].join(' → ')];
      if (seen.has(next)) continue;
      seen.add(next);
      paths.push([...path, next]);
    }
  }
  return [];
}

test('no command imports another, only its own parts and what is shared', () => {
  const commandOf = (path: string): string => /^commands\/([\w-]+)/.exec(path)?.[1] ?? 'shared';
  const crossing = files
    .filter((file) => file.startsWith('commands/') && file !== 'commands/index.ts')
    .flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith('.'))
        .map((target) => ({ file, path: posix.normalize(posix.join(dirname(file), target)) }))
        .filter(({ path }) => ![commandOf(file), 'shared'].includes(commandOf(path))),
    );
  expect(crossing).toEqual([]);
});

test.each(files.filter((file) => file !== 'host.ts'))('%s has no clock, randomness or exit of its own', (file) => {
  const text = readFileSync(join(SRC, file), 'utf8').replaceAll(/\/\/.*|\/\*[\s\S]*?\*\//g, '');
  const own = text.match(
    /\b(Date\.now|Math\.random|process\.exit|performance\.now|AbortSignal\.(?:timeout|any)|console\.\w+)\b/g,
  );
  expect(own).toBeNull();
});

test.each(files.filter((file) => !file.startsWith('report/html/page/')))(
  '%s has no program for browsers in it',
  (file) => {
    const text = readFileSync(join(SRC, file), 'utf8');
    // A script's text comes from a file of report/html/page: a tag that opens is followed by a value.
    expect(text).not.toMatch(/<script\b(?![^>]*application\/json)[^>]*>(?!\$\{)|\son[a-z]+=(?:"|'|\$\{)/);
    expect(text).not.toMatch(/\b(?:querySelector|createElement|getElementById|innerHTML)/);
  },
);
