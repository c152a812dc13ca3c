import { expect, test } from 'vitest';

import { fieldRedactor } from '../../../src/io/watch/log-fields.js';

const hideSecrets = fieldRedactor(
  (text) => text.replaceAll('s3cret', '***'),
  false,
  ({ name, message, stack }) => ({ type: name, message, stack }),
);

test('hides secrets in names and texts at any depth', () => {
  expect(hideSecrets({ a: 's3cret', s3cret: ['s3cret', { s3cret: 's3cret' }] })).toEqual({
    a: '***',
    '***': ['***', { '***': '***' }],
  });
});

test('numbers, truth values, time and request id stay as they are', () => {
  const own = { time: 's3cret', requestId: 's3cret', attempt: 1, ok: true, none: null };
  expect(hideSecrets(own)).toEqual(own);
});

test('an error is what it is described as, without its stack', () => {
  expect(hideSecrets({ err: new TypeError('s3cret'), list: [new Error('gone')] })).toEqual({
    err: { type: 'TypeError', message: '***' },
    list: [{ type: 'Error', message: 'gone' }],
  });
});

test('what JSON does not have is left out or becomes text, and a value within itself ends', () => {
  const endless: Record<string, unknown> = { id: 7n, none: undefined, call: () => 1 };
  endless['self'] = endless;
  const copy = hideSecrets(endless);
  expect(copy).toMatchObject({ id: '7', self: { id: '7' } });
  expect(copy).not.toHaveProperty('call');
  expect(JSON.stringify(copy).length).toBeLessThan(1000);
});
