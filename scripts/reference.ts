/** Writes the generated parts of README.md and docs/flags.md: `npx tsx scripts/reference.ts`. A test compares them. */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { exitCodeTable, readmeFlagTable } from '../src/cli/markdown.js';
import { COMMAND_TREE, type CommandNode } from '../src/cli/tree.js';

/** The README with its tables as the command tree has them now. */
export function withTables(readme: string): string {
  const filled = withTable(readme, 'enrich', readmeFlagTable('enrich', 'common'));
  return withTable(filled, 'exit codes', exitCodeTable());
}

/** docs/flags.md: every flag of every command. */
export function flagsPage(): string {
  return [
    '# Flags\n',
    'Made from the command tree by `npx tsx scripts/reference.ts`; `case-tracker COMMAND --help` says the same.',
    'Durations carry a unit (`250ms`, `5s`, `2m`, `1h`, `30d`), so do sizes (`64KiB`, `1MB`) and rates (`50/s`, `600/m`).',
    'A flag without a value is turned off again with `--no-FLAG`, any setting with `--unset NAME`. Each can be set',
    'in the environment or in a file too:',
    'see [configuration.md](configuration.md).\n',
    '## Every command\n',
    readmeFlagTable(),
    ...COMMAND_TREE.filter(({ groups }) => groups.length > 0).flatMap(commandSection),
  ].join('\n');
}

function commandSection({ name, usage, summary }: CommandNode): readonly string[] {
  const table = readmeFlagTable(name);
  if (table.split('\n').length <= 3) return [];
  return [`## case-tracker ${name} ${usage}`.trimEnd(), '', `${summary}.`, '', table];
}

function withTable(readme: string, name: string, table: string): string {
  const begin = `<!-- generated: ${name} -->\n`;
  const end = '<!-- /generated -->';
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`README.md has no place for the table “${name}”`);
  return `${readme.slice(0, from + begin.length)}\n${table}\n${readme.slice(to)}`;
}

function writeReference(): void {
  const root = new URL('../', import.meta.url);
  const readme = new URL('README.md', root);
  writeFileSync(readme, withTables(readFileSync(readme, 'utf8')));
  writeFileSync(new URL('docs/flags.md', root), flagsPage());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeReference();
