import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** Which rooms a room may import from, and which libraries. The first prefix that fits a file is its room. */
const ROOMS: readonly { room: string; rooms: readonly string[]; libraries: readonly string[]; node: boolean }[] = [
  { room: 'core/case.ts', rooms: [], libraries: [], node: false },
  { room: 'core/shapes.ts', rooms: ['core/'], libraries: ['zod'], node: false },
  { room: 'core/json-schemas.ts', rooms: ['core/'], libraries: ['zod'], node: false },
  { room: 'core/slots.ts', rooms: ['core/'], libraries: ['p-limit'], node: false },
  { room: 'core/', rooms: ['core/'], libraries: [], node: false },
  { room: 'io/log.ts', rooms: ['core/', 'report/', 'host.ts'], libraries: ['pino'], node: false },
  { room: 'io/progress-display.ts', rooms: ['core/', 'report/', 'host.ts'], libraries: [], node: false },
  {
    room: 'io/',
    rooms: ['core/', 'io/', 'errors.ts', 'host.ts', 'package-file.ts', 'report/text.ts'],
    libraries: ['undici', 'pino', 'ajv', 'ajv-formats'],
    node: true,
  },
  { room: 'report/', rooms: ['core/', 'report/'], libraries: [], node: false },
  {
    room: 'config/',
    rooms: [
      'config/',
      'core/',
      'report/text.ts',
      'report/shell.ts',
      'report/file-arguments.ts',
      'errors.ts',
      'host.ts',
    ],
    libraries: ['zod'],
    node: true,
  },
  // The one place that knows every command, and loads each only when it is called.
  { room: 'cli/command-module.ts', rooms: ['commands/', 'config/', 'host.ts'], libraries: [], node: false },
  {
    room: 'cli/',
    rooms: ['cli/', 'config/', 'core/', 'report/', 'errors.ts', 'host.ts'],
    libraries: ['commander'],
    node: true,
  },
  {
    room: 'commands/',
    rooms: ['core/', 'io/', 'report/', 'config/', 'cli/', 'commands/', 'errors.ts', 'host.ts', 'verdict.ts'],
    libraries: [],
    node: true,
  },
  {
    room: 'main.ts',
    rooms: ['cli/', 'config/', 'io/redact.ts', 'io/version.ts', 'report/text.ts', 'errors.ts', 'host.ts'],
    libraries: ['commander'],
    node: true,
  },
  { room: 'index.ts', rooms: ['core/', 'io/', 'errors.ts', 'library.ts'], libraries: [], node: false },
  { room: 'library.ts', rooms: ['core/', 'io/', 'errors.ts', 'host.ts'], libraries: [], node: true },
  { room: 'host.ts', rooms: ['core/case.ts', 'errors.ts'], libraries: [], node: true },
  { room: 'errors.ts', rooms: [], libraries: [], node: false },
  { room: 'package-file.ts', rooms: [], libraries: [], node: true },
  { room: 'executable.ts', rooms: ['main.ts', 'host.ts'], libraries: [], node: true },
  { room: 'verdict.ts', rooms: ['core/', 'errors.ts', 'host.ts'], libraries: [], node: false },
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

test.each(files)('%s imports only what its room allows', (file) => {
  const room = ROOMS.find(({ room: prefix }) => file.startsWith(prefix));
  expect(room, 'a file without a room').toBeDefined();
  const refused = importsOf(file).filter((target) => {
    if (target.startsWith('node:')) return !room?.node;
    if (!target.startsWith('.')) return !room?.libraries.includes(target.replace(/^((?:@[^/]+\/)?[^/]+).*/, '$1'));
    const path = posix.normalize(posix.join(dirname(file), target)).replace(/\.js$/, '.ts');
    return !room?.rooms.some((prefix) => path.startsWith(prefix));
  });
  expect(refused).toEqual([]);
});

test('no command imports another, only its own parts and what is shared', () => {
  const commandOf = (path: string): string => /^commands\/([\w-]+)/.exec(path)?.[1] ?? 'shared';
  const crossing = files
    .filter((file) => file.startsWith('commands/'))
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
