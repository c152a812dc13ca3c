import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { optimizeParserLater } from '../../../src/io/http/parser-tiering.js';

function flagsFor(v8Version: string): string[] {
  const flags: string[] = [];
  optimizeParserLater(v8Version, (flag) => flags.push(flag));
  return flags;
}

test.each(['11.3.244.8-node.33', '12.4.254.21-node.33', '13.6.233.17-node.37'])('V8 %s is told', (version) => {
  expect(flagsFor(version)).toEqual(['--wasm-tiering-budget=2000000000']);
});

test.each(['10.2.154.26', '14.6.202.33', '1.2'])('V8 %s, which may not know the flag, is left alone', (version) => {
  expect(flagsFor(version)).toEqual([]);
});

test('the V8 that runs here takes the flag without a word', () => {
  const [flag] = flagsFor(process.versions.v8);
  const said = flag === undefined ? '' : execFileSync(process.execPath, [flag, '-e', '0'], { encoding: 'utf8' });
  expect(said).toBe('');
});
