import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { resolveSettings } from '../../src/config/resolve.js';
import { configObject, configSchema } from '../../src/config/schema.js';
import { configurationKeys } from '../../src/config/settings/index.js';
import { memoryFiles } from '../helpers/memory-files.js';

const schema = configSchema() as {
  $schema: string;
  additionalProperties: boolean;
  properties: Record<string, { description?: string }>;
};

test('is draft 2020-12 and has every key, described, and no other', () => {
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  expect(schema.additionalProperties).toBe(false);
  expect(Object.keys(schema.properties).toSorted()).toEqual(['$schema', ...configurationKeys().keys()].toSorted());
  for (const key of configurationKeys().keys()) expect(schema.properties[key]?.description).toBeTruthy();
});

test.each([
  ['limit', { type: 'integer', minimum: 1, maximum: 10_000, default: 10 }],
  ['timeout', { type: 'string', default: '5s' }],
  ['adaptive', { type: 'boolean', default: false }],
  ['allowFailures', { default: 0 }],
  ['onFailure', { type: 'string', enum: ['collect', 'skip', 'fail-fast'], default: 'collect' }],
  ['headers', { type: 'object', additionalProperties: { type: 'string' } }],
  ['format', { enum: expect.arrayContaining(['auto', 'html', 'github', 'text']) }],
])('%s', (key, shape) => expect(schema.properties[key]).toMatchObject(shape));

test('accepts the configuration file that uses everything', () => {
  const file = readFileSync(new URL('../../fixtures/config/full.json', import.meta.url), 'utf8');
  expect(configObject().safeParse(JSON.parse(file))).toMatchObject({ success: true });
});

describe('agrees with what is read', () => {
  const isRead = (config: object): boolean => {
    const files = memoryFiles({
      '/case-tracker.config.json': JSON.stringify({ endpoint: 'demo', files: ['a'], ...config }),
    });
    try {
      resolveSettings('enrich', {}, { env: {}, cwd: '/', files, stdin: { isTTY: true } });
      return true;
    } catch {
      return false;
    }
  };

  test.each<[object, boolean]>([
    [{ limit: 5 }, true],
    [{ limit: '5' }, false],
    [{ limit: 0 }, false],
    [{ limit: 1.5 }, false],
    [{ timeout: '5s' }, true],
    [{ timeout: 5 }, false],
    [{ timeout: '5' }, false],
    [{ maxTime: 'none' }, true],
    [{ rate: '50/s' }, true],
    [{ rate: '50' }, false],
    [{ maxFailures: 5 }, true],
    [{ maxFailures: '5%' }, true],
    [{ maxFailures: true }, false],
    [{ adaptive: true }, true],
    [{ adaptive: 1 }, false],
    [{ status: 'open' }, true],
    [{ status: ['open', 'closed'] }, true],
    [{ status: [1] }, false],
    [{ order: 'input' }, true],
    [{ order: 'random' }, false],
    [{ headers: { a: 'b' } }, true],
    [{ headers: { a: 1 } }, false],
    [{ headers: ['a: b'] }, false],
    [{ fieldNames: { title: 'summary' } }, true],
    [{ fieldNames: { titel: 'summary' } }, false],
    [{ pick: '/data' }, true],
    [{ pick: 'data' }, false],
    [{ maxResponseSize: '1MiB' }, true],
    [{ maxResponseSize: 1 }, false],
    [{ unknown: 1 }, false],
  ])('%j: %s', (config, valid) => {
    expect(configObject().safeParse(config).success).toBe(valid);
    expect(isRead(config)).toBe(valid);
  });
});
