import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  escapeCommandMessage,
  escapeCommandProperty,
  escapeHtml,
  escapeXml,
  escapeXmlAttribute,
  markdownCode,
  scriptJson,
} from '../../src/text/escape.js';

const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) });
const property = (check: (text: string) => void): void =>
  fc.assert(
    fc.property(anyText, (text) => {
      check(text);
    }),
    { seed: 1, numRuns: 500 },
  );

describe('escaped text', () => {
  test.each([
    [escapeHtml, `<a href="x" title='y'>&`, '&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;'],
    [escapeHtml, 'a\nb\u202ec\u0000', 'a\\nb\\u202ec\\x00'],
    [escapeXml, 'a\nb ]]> \u0001 \ufffe', 'a\nb ]]&gt; \\x01 \\ufffe'],
    [escapeXmlAttribute, 'a\nb\t"', 'a\\nb\\t&quot;'],
    [markdownCode, 'a|b `c` @d', '<code>a&#124;b &#96;c&#96; &#64;d</code>'],
    [markdownCode, 'CASE-1, 50% of a/b.json', '<code>CASE-1, 50% of a/b.json</code>'],
    [markdownCode, 'https://www.x.org', '<code>https&#58;//www&#46;x.org</code>'],
    [markdownCode, '', '<code> </code>'],
    [escapeCommandMessage, '50%\r\n: ,', '50%25%0D%0A: ,'],
    [escapeCommandProperty, 'a:b,c%', 'a%3Ab%2Cc%25'],
  ])('%o turns %j into %j', (escape, text, expected) => {
    expect(escape(text)).toBe(expected);
  });

  test('HTML never holds a character that could end text or a quoted attribute', () => {
    property((text) => expect(escapeHtml(text)).not.toMatch(/[<>"'\p{Cc}\u202a-\u202e]/u));
  });

  test('XML holds only characters of XML 1.0', () => {
    // Production 2 of XML 1.0, without surrogates that stand alone.
    const allowed = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
    property((text) => expect(escapeXml(text)).toMatch(allowed));
    property((text) => expect(escapeXml(text)).not.toMatch(/[<>"']/));
  });

  test('Markdown has no character of its syntax, on one line', () => {
    property((text) => expect(markdownCode(text).slice(6, -7)).not.toMatch(/[\n|`*_~[\](){}<>@:"'\\!]|#(?!\d)|&(?!#)/));
  });

  test('JSON in a script is the same value and holds nothing that ends the script', () => {
    property((text) => {
      expect(JSON.parse(scriptJson({ text }))).toEqual({ text });
      expect(scriptJson(text)).not.toMatch(/[<>\u2028\u2029]/);
    });
  });

  test('hides nothing: soft hyphens and tag characters are spelled out', () => {
    expect(scriptJson('a\u00adb\u{e0041}')).toBe(String.raw`"a\u00adb\udb40\udc41"`);
  });
});
