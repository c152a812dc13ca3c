import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isStandardHeader, secretsOfHeaders, secretsOfLogin } from '../../../src/core/secrets.js';
import { createRedactor } from '../../../src/io/secrets/redact.js';

const SECRET = 'p/ä"s+s w';
const redactor = createRedactor([SECRET]);

describe('spellings', () => {
  test.each([
    ['raw', SECRET],
    ['JSON-escaped', JSON.stringify(SECRET).slice(1, -1)],
    ['JSON-escaped with slashes too', JSON.stringify(SECRET).slice(1, -1).replace('/', '\\/')],
    ['percent-encoded', encodeURIComponent(SECRET)],
    ['percent-encoded in small letters', encodeURIComponent(SECRET).replace(/%../g, (code) => code.toLowerCase())],
    ['as a form field', encodeURIComponent(SECRET).replaceAll('%20', '+')],
    ['base64', Buffer.from(SECRET).toString('base64')],
    ['base64url', Buffer.from(SECRET).toString('base64url')],
  ])('%s', (_what, spelled) => {
    expect(redactor.redact(`before ${spelled}, ${spelled} after`)).toBe('before ***, *** after');
  });

  test('signs that mean something to a pattern are taken literally', () => {
    expect(createRedactor(['a.*$^(b)[c]{2}|\\-']).redact('x a.*$^(b)[c]{2}|\\- aXXb')).toBe('x *** aXXb');
  });

  test('the longer secret goes first', () => {
    expect(createRedactor(['abcd', 'abcdefgh']).redact('abcdefgh abcd')).toBe('*** ***');
  });

  test.each([
    ['JSON with every character as a number', 'p\\u002fab', 'p/ab'],
    ['JSON as .NET and ensure_ascii write it', String.raw`a\u002Bb\u0026\u00e4\ud83d\ude00`, 'a+b&ä😀'],
    ['JavaScript', String.raw`a\x2bb\u{1f600}\'`, "a+b😀'"],
    ['HTML in hexadecimal', 'a&#x2B;b&#X3d;&#x0026;', 'a+b=&'],
    ['HTML in decimal', 'a&#43;b&#061;&#38;', 'a+b=&'],
    ['HTML by name', 'a&plus;b&equals;&amp;&sol;&quot;&lowbar;&auml;', 'a+b=&/"_ä'],
    ['percent, each letter in another way', 'a%2bb%3D&#61;\\u003d', 'a+b==='],
    ['Latin-1 in percent', 'p%E4ss', 'päss'],
    ['UTF-8 that was read as Latin-1', 'pÃ¤ss', 'päss'],
    ['Latin-1 that was read as UTF-8', 'p\ufffdss', 'päss'],
    ['old script escapes', 'p%u00e4ss%u002B', 'päss+'],
    ['JSON in a text of JSON', String.raw`a\\u002Bb\\\"c`, 'a+b"c'],
    ['HTML in JSON', String.raw`a\u0026#x2B;b`, 'a+bb'.replace('bb', 'b') + ''],
    ['percent in percent', 'a%252Bbc', 'a+bc'],
    ['a secret with escapes of its own', String.raw`a%2541\\n&amp;amp;`, String.raw`a%41\n&amp;`],
    ['a secret that begins with what an escape begins with', '%25%5Cn0pe', String.raw`%\n0pe`],
  ])('%s', (_what, spelled, secret) => {
    expect(
      createRedactor([secret.padEnd(4, '!')]).redact(
        `<${spelled.padEnd(spelled.length + Math.max(0, 4 - secret.length), '!')}>`,
      ),
    ).toBe('<***>');
  });

  test('in base64 of a longer text all of that is hidden, wherever in it the secret stands', () => {
    for (const before of ['', 'x', 'xy', 'xyz']) {
      const encoded = Buffer.from(`${before}s3cr3t-t0ken:more`).toString('base64');
      expect(createRedactor(['s3cr3t-t0ken']).redact(`"${encoded}"`)).toBe('"***"');
    }
  });

  test('secrets that overlap leave nothing of each other', () => {
    expect(createRedactor(['abcdef', 'defghi']).redact('-abcdefghi-')).toBe('-***-');
  });

  test('a header secret of 28 KB and more is hidden, and no error has it', () => {
    const secret = Array.from({ length: 6000 }, (_, at) => `k/${at}+`).join('');
    const long = createRedactor([secret]);
    expect(long.redact(`a ${encodeURIComponent(secret)} b ${JSON.stringify(secret)}`)).toBe('a *** b "***"');
    expect(long.redactCut(`a ${secret.slice(0, 500)}`)).toBe('a ***');
  });

  test('without secrets nothing changes', () => {
    expect(createRedactor(['', ' ']).redact('a b')).toBe('a b');
  });
});

describe('a secret that was changed on its way', () => {
  const token = 'AbCdEf12+XyZ=9Qw0RtY';
  const hidden = (text: string): string => createRedactor([token]).redact(text);

  test.each([
    ['in capitals', token.toUpperCase()],
    ['in small letters, as the host of a URL', token.toLowerCase()],
    ['in small letters and escaped', encodeURIComponent(token.toLowerCase())],
    ['with line breaks', token.replace('XyZ', 'X\r\nyZ')],
    ['with soft hyphens and zero width', token.replace('XyZ', 'X\u00ady\u200bZ')],
    ['with <wbr>', token.replace('XyZ', 'X<wbr>yZ')],
    ['with <wbr>, escaped once more', token.replace('XyZ', 'X&lt;wbr&gt;yZ')],
    ['as UTF-16 read byte by byte', token.split('').join('\0')],
    [
      'in base64 with line breaks',
      Buffer.from(token)
        .toString('base64')
        .replace(/(.{8})/g, '$1\n'),
    ],
  ])('is hidden %s', (_what, spelled) => {
    expect(hidden(`<i>${spelled}</i>`)).toBe('<i>***</i>');
  });

  test('a short value in another case is a word, and stays', () => {
    expect(createRedactor(['Open']).redact('Open open OPEN')).toBe('*** open OPEN');
  });

  test('a secret and a text of backslashes take no longer than the text: it is hidden as a whole', () => {
    expect(createRedactor(['\\'.repeat(500)]).redact(`${'\\'.repeat(3_000)}x`)).toMatch(/^\*\*\*x?$/);
  });
});

describe('a text that was cut off', () => {
  const cut = createRedactor(['supersecret']);

  test.each([
    ['in a secret', 'token: supersec', 'token: ***'],
    ['right after a secret', 'token: supersecret', 'token: ***'],
    ['elsewhere', 'token: super', 'token: ***'],
    ['too early to give anything away', 'token: sup', 'token: sup'],
    ['in other words', 'it is super fine', 'it is super fine'],
    ['in an escape', String.raw`token: supe\u007`, 'token: ***'],
    ['in an escape within an escape', 'token: supe%25', 'token: ***'],
    ['in base64', `token: ${Buffer.from('supersecret').toString('base64').slice(0, 9)}`, 'token: ***'],
  ])('%s', (_what, text, expected) => {
    expect(cut.redactCut(text)).toBe(expected);
  });
});

describe('a value of fewer than four characters', () => {
  const short = createRedactor([
    { name: 'v', value: '1' },
    { name: 'X-Tenant', value: 'ab' },
    { name: 'q', value: '/' },
    '7',
    'on',
  ]);

  test('does not blot out every 1: it is hidden where it stands as that header or query value', () => {
    const text = 'http://127.0.0.1:8101/1?v=1&w=1 v=12 vv=1 1 7 on';
    expect(short.redact(text)).toBe('http://127.0.0.1:8101/1?v=***&w=1 v=12 vv=1 1 7 on');
  });

  test.each([
    ['x-tenant: ab', 'x-tenant: ***'],
    ['{"X-TENANT":"ab","other":"ab"}', '{"X-TENANT":"***","other":"ab"}'],
    ['{"x-tenant":["ab"]}', '{"x-tenant":["***"]}'],
    [String.raw`"{\"x-tenant\": \"ab\"}"`, String.raw`"{\"x-tenant\": \"***\"}"`],
    ['x-tenant&#58; ab, x-tenant%3Dab', 'x-tenant&#58; ***, x-tenant%3D***'],
    ['q=%2F', 'q=***'],
    ['<x-tenant>ab</x-tenant>', '<x-tenant>***</x-tenant>'],
  ])('%s', (text, expected) => {
    expect(short.redact(text)).toBe(expected);
  });

  test('user and password as they stand in a URL', () => {
    expect(createRedactor(secretsOfLogin('u', 'p')).redact('http://u:p@h/ up u p')).toBe('http://***h/ up u p');
  });
});

describe('properties', () => {
  const ESCAPERS: readonly ((character: string, at: number) => string)[] = [
    (character) => character,
    (character) => encodeURIComponent(character),
    (character) => [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    (character) => JSON.stringify(character).slice(1, -1),
    (character) =>
      Array.from({ length: character.length }, (_, unit) => character.charCodeAt(unit).toString(16).padStart(4, '0'))
        .map((hex, unit) => String.raw`\u${(unit + hex.length) % 2 === 0 ? hex : hex.toUpperCase()}`)
        .join(''),
    (character) => `&#${character.codePointAt(0)};`,
    (character) => `&#x${character.codePointAt(0)?.toString(16)};`,
    (character) =>
      ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '+': '&plus;' })[character] ?? character,
  ];
  const secrets = fc
    .string({ unit: 'grapheme-composite', minLength: 4, maxLength: 20 })
    .filter((text) => text.trim().length >= 4 && !text.includes('\ufffd'))
    .map((text) => text.trim());
  // Nothing that could complete an escape at the seam.
  const texts = fc
    .string({ unit: fc.constantFrom(...Array.from('abc xyz ,.:{}[]"<>1é')), maxLength: 30 })
    .map((text) => `${text} `);

  const LANGUAGES: readonly (readonly [lead: string, escape: (character: string, at: number) => string])[] = [
    ['%', ESCAPERS[2] ?? String],
    ['\\', ESCAPERS[4] ?? String],
    ['&', ESCAPERS[6] ?? String],
  ];

  /** The secret with each character in an escape of its own, and that put into further languages, which escape at least their own sign. */
  function spelled(secret: string, choices: readonly number[], levels: number): string {
    const choice = (at: number): number => choices[at % choices.length] ?? 0;
    let text = Array.from(secret, (character, at) => ESCAPERS[choice(at)]?.(character, at) ?? character).join('');
    for (let level = 1; level < levels; level++) {
      const [lead, escape] = LANGUAGES[choice(level) % LANGUAGES.length] ?? ['', String];
      text = Array.from(text, (character, at) => {
        return character === lead || choice(at) % 3 === 0 ? escape(character, at) : character;
      }).join('');
    }
    return text;
  }

  test('a secret in any spelling does not survive in any text', () => {
    const choices = fc.array(fc.nat(ESCAPERS.length - 1), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        secrets,
        texts,
        texts,
        choices,
        fc.integer({ min: 0, max: 3 }),
        (secret, before, after, chosen, levels) => {
          const text = `${before}${spelled(secret, chosen, levels)} ${after}`;
          const shown = createRedactor([secret]).redact(text);
          expect(shown).toBe(`${before}*** ${after}`);
        },
      ),
      { seed: 10, numRuns: 500 },
    );
  });

  test('a text without the secret is left as it is', () => {
    const alphabet = fc.string({ unit: fc.constantFrom(...Array.from('abc%\\&;#x2u+41"')), maxLength: 200 });
    fc.assert(
      fc.property(alphabet, (text) => {
        expect(createRedactor(['QZQZ-secret', { name: 'zz', value: '1' }]).redact(text)).toBe(text);
      }),
      { seed: 10, numRuns: 500 },
    );
  });

  test('a secret that is cut off at any place leaves no four characters of itself', () => {
    const signs = fc.string({ unit: fc.constantFrom(...Array.from('Q/+é"&%K')), minLength: 8, maxLength: 30 });
    fc.assert(
      fc.property(signs, fc.nat(), fc.nat(ESCAPERS.length - 1), (secret, anywhere, escaper) => {
        const letters = Array.from(secret, (character) => ESCAPERS[escaper]?.(character, 0) ?? '');
        const cut = anywhere % letters.join('').length;
        const [tooLittle, telling] = [3, 4].map((count) => letters.slice(0, count).join('').length);
        const text = `a ${letters.join('').slice(0, cut)}`;
        const shown = createRedactor([secret]).redactCut(text);
        if (cut <= (tooLittle ?? 0)) expect(shown).toBe(text);
        else if (cut >= (telling ?? 0)) expect(shown).toBe('a ***');
        else expect([text, 'a ***']).toContain(shown);
      }),
      { seed: 10, numRuns: 500 },
    );
  });
});

describe('headers', () => {
  test('standard ones are no secret, others are', () => {
    expect(['Accept', 'content-type', 'X-Request-Id'].every(isStandardHeader)).toBe(true);
    expect(['authorization', 'x-api-key', 'cookie', 'x-tenant'].some(isStandardHeader)).toBe(false);
  });

  test('values are hidden whole and by their parts', () => {
    const basic = Buffer.from('me:passw0rd').toString('base64');
    const secrets = secretsOfHeaders([
      ['accept', 'text/plain'],
      ['Authorization', 'Bearer abcdef123'],
      ['x-auth', `Basic ${basic}`],
      ['cookie', 'session=s3ss10n; theme=dark'],
    ]);
    const text = `text/plain Bearer abcdef123 | abcdef123 | ${basic} | passw0rd | s3ss10n`;
    expect(createRedactor(secrets).redact(text)).toBe('text/plain *** | *** | *** | *** | ***');
  });
});
