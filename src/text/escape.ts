/** Untrusted text made safe for the format it goes into. Control characters and bidirectional marks become visible. */

import { printable, printableJson } from './printable.js';

/** For HTML text and quoted attributes; on one line. */
export function escapeHtml(text: string): string {
  return escapeEntities(printable(text));
}

/** For XML text; line breaks stay. What XML 1.0 forbids (controls, U+FFFE, U+FFFF, lone surrogates) becomes visible. */
export function escapeXml(text: string): string {
  return text.split('\n').map(escapeXmlAttribute).join('\n');
}

/** For a quoted XML attribute; on one line. */
export function escapeXmlAttribute(text: string): string {
  const allowed = printable(text).replace(/[\ufffe\uffff]/g, (char) => (char === '\ufffe' ? '\\ufffe' : '\\uffff'));
  return escapeEntities(allowed);
}

/**
 * For Markdown text and table cells; on one line. Character references never have a meaning in Markdown, so nothing in
 * the text is markup, a link or HTML.
 */
export function escapeMarkdown(text: string): string {
  return printable(text)
    .replace(/[^\p{L}\p{N} ,;./%=+-]/gu, (char) => `&#${char.codePointAt(0) ?? 0};`)
    .replace(/www\./gi, (www) => `${www.slice(0, 3)}&#46;`);
}

/** For untrusted text in Markdown: inside `<code>` no renderer looks for mentions, issue numbers or emoji. */
export function markdownCode(text: string): string {
  return `<code>${escapeMarkdown(text) || ' '}</code>`;
}

/** A value as JSON inside a script element: nothing in it ends the element or a line of script, or hides or reorders text. */
export function scriptJson(value: unknown): string {
  return printableJson(JSON.stringify(value)).replace(/[<>]/g, (char) => (char === '<' ? '\\u003c' : '\\u003e'));
}

/** For the message of a GitHub workflow command. */
export function escapeCommandMessage(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** For a property of a GitHub workflow command (`file=`, `title=`). */
export function escapeCommandProperty(text: string): string {
  return escapeCommandMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** The five characters that end text or an attribute in HTML and XML, as references to them. */
export function escapeEntities(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES.get(character) ?? character);
}
