import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { flagsPage, withTables } from '../scripts/reference.js';
import { nodeOf } from '../src/cli/tree.js';
import { configObject } from '../src/config/schema.js';
import { SCHEMA_NAMES } from '../src/config/settings/other.js';
import { RESULT_SCHEMA } from '../src/core/results/json-schemas.js';
import { STOP_REASONS } from '../src/core/results/stop-reason.js';
import { type CodeBlock, codeBlocks, unknownWords } from './helpers/markdown-blocks.js';
import { type Outcome, Reader } from './helpers/reader.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'examples/README.md', ...docs()];
const hasJq = spawnSync('jq', ['--version']).status === 0;

/** `run` as it stands, `shows` a part of what that printed, or is only checked for flags, as a configuration, as a result. */
const RULE = /^(run( in the clone)?( exit \d+)?|shows|flags|config|result)$/;

const texts = pages.map((page) => ({ page, text: readFileSync(join(root, page), 'utf8') }));
describe.each(texts)('$page', ({ page, text }) => {
  const blocks = codeBlocks(text);

  test('says of every block of code how it is tested', () => {
    expect(blocks.filter(({ rule = '' }) => !RULE.test(rule))).toEqual([]);
    expect(text.match(/^```/gm) ?? []).toHaveLength(2 * blocks.length);
  });

  test('names no command and no flag that does not exist', () => {
    const prose = [...text.matchAll(/`(case-tracker [^`]*)`/g)].map((match) => match[1]).join('\n');
    expect([...blocks.map(({ code }) => code), prose].flatMap(unknownWords)).toEqual([]);
  });

  test('has no line over 120 characters but in tables and code', () => {
    const prose = text.replace(/^```[\s\S]*?^```$/gm, '').split('\n');
    expect(prose.filter((line) => line.length > 120 && !line.startsWith('|'))).toEqual([]);
  });

  test('links only to files that are there', () => {
    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
    expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
  });
});

// Several readers at once; each goes through a page from top to bottom, in one folder.
describe.concurrent('a reader who types the blocks of', () => {
  const walks = texts.flatMap(({ page, text }) =>
    ['at home', 'in the clone'].flatMap((place) => {
      const typed = codeBlocks(text).filter(({ code }) => hasJq || !code.includes('jq '));
      const blocks = typed.filter(({ rule = '' }) => /^(run|shows)/.test(rule) && placeOf(rule) === place);
      return blocks.length === 0 ? [] : [{ page, place, blocks }];
    }),
  );

  test.each(walks)('$page $place sees what it says', { timeout: 120_000 }, async ({ place, blocks }) => {
    const reader = new Reader();
    await reader.open();
    try {
      let before: Outcome = { stdout: '', stderr: '', exits: [] };
      for (const block of blocks) {
        if (block.rule !== 'shows') before = await typed(block, place, reader);
        expect({ line: block.line, ...before }).toEqual(expectedOf(block));
      }
    } finally {
      await reader.close();
    }
    expect(reader.requests.filter((request) => request.includes('7f3a9c0e'))).toEqual([]);
    expect(repeated(reader.requests.filter((request) => request.startsWith('GET /owners/')))).toEqual([]);
  });
});

describe('docs/output.md', () => {
  const text = readFileSync(join(root, 'docs/output.md'), 'utf8');

  test('has every reason for which a run stops', () => {
    expect(STOP_REASONS.filter((reason) => !text.includes(`\`${reason}\``))).toEqual([]);
  });

  test('and the help have every schema', () => {
    const [, chapter = ''] = text.split('## Schemas');
    expect(SCHEMA_NAMES.filter((name) => !chapter.includes(name))).toEqual([]);
    const summary = nodeOf('schema').summary.toLowerCase();
    expect(SCHEMA_NAMES.filter((name) => !summary.includes(name))).toEqual([]);
  });
});

describe('README.md', () => {
  test('has under 320 lines', () => {
    expect(readme.trimEnd().split('\n').length).toBeLessThan(320);
  });

  test('has the tables of flags and exit codes that the program has', () => {
    expect(withTables(readme)).toBe(readme);
  });

  test('has every flag in docs/flags.md', () => {
    expect(readFileSync(join(root, 'docs/flags.md'), 'utf8')).toBe(flagsPage());
  });

  test('and the documents show configurations that are accepted', () => {
    const shown = texts.flatMap(({ text }) => codeBlocks(text).filter(({ rule }) => rule === 'config'));
    expect(shown.length).toBeGreaterThan(0);
    for (const { code } of shown) expect(() => configObject().parse(JSON.parse(code))).not.toThrow();
  });

  test('shows a picture of the command that it names, with the end that it has', () => {
    const picture = readFileSync(join(root, 'docs/run.svg'), 'utf8');
    expect(picture).toContain('case-tracker enrich --endpoint demo:flaky --timeout 500ms -o run.ndjson');
    expect(picture).toContain('35 enriched · 5 failed · 0 invalid · 0 cancelled');
    expect(picture).toMatch(/✗ 5 of 40 cases were not enriched \(exit 1; --allow-failures 0\)/);
  });

  test('shows a result that the schema of results accepts', () => {
    const ajv = new Ajv2020();
    addFormats.default(ajv);
    const shown = codeBlocks(readme).filter(({ rule }) => rule === 'result');
    expect(shown.map(({ code }) => ajv.validate(RESULT_SCHEMA, JSON.parse(code)))).toEqual([true]);
  });
});

const TROUBLE = /this is a bug|^error:/m;

function typed({ language, code }: CodeBlock, place: string, reader: Reader): Promise<Outcome> {
  if (language === 'js') return reader.program(code);
  return reader.shell(code, place === 'in the clone' ? reader.clone : reader.folder);
}

function placeOf(rule: string): string {
  return rule.includes('in the clone') ? 'in the clone' : 'at home';
}

/** What the outcome of a block, or what it shows of the one before it, must look like. */
function expectedOf({ rule = '', line, code }: CodeBlock): object {
  if (rule === 'shows') {
    const shown = expect.toSatisfy((text: string) => isPartOf(code, text));
    return { line, exits: expect.anything(), stdout: expect.any(String), stderr: shown };
  }
  const exits = /exit (\d+)/.exec(rule)?.slice(1) ?? [];
  return { line, exits, stdout: expect.any(String), stderr: expect.not.stringMatching(TROUBLE) };
}

/** Whether each line occurs in the text, numbers and spaces aside. */
function isPartOf(lines: string, text: string): boolean {
  const shape = (one: string): string =>
    one
      .replace(/\d+(?:[.,]\d+)*(?:ms|s)?/g, '0')
      .replace(/\s+/g, ' ')
      .trim();
  const shapes = new Set(text.split('\n').map(shape));
  return lines.split('\n').every((line) => shapes.has(shape(line)));
}

function repeated(texts: readonly string[]): string[] {
  return texts.filter((text, at) => texts.indexOf(text) !== at);
}

function docs(): string[] {
  return readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
}
