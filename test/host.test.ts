import { expect, test } from 'vitest';
import { realHost } from '../src/host.js';

test('Ctrl-Break, which only Windows has, ends a run as SIGTERM does', () => {
  const seen: string[] = [];
  const stop = realHost().onSignal((signal) => seen.push(signal));
  process.emit('SIGBREAK');
  stop();
  process.emit('SIGBREAK');
  expect(seen).toEqual(['SIGTERM']);
});
