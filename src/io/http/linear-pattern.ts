/**
 * Patterns of a JSON Schema in an engine (RE2) whose time grows with the text and no faster: an answer that is made to
 * keep a backtracking engine busy (`^(a+)+$`) would stop the event loop, and with it timeouts and signals.
 */

import { RE2JS } from 're2js';

/** What a validator needs of a pattern. */
export interface Pattern {
  test(text: string): boolean;
  toString(): string;
}

/**
 * Compiles a pattern of ECMAScript. What RE2 does not have (lookaround, back references, more than 1,000 repetitions)
 * goes to the built-in engine. Throws for what is no pattern at all.
 */
export function compilePattern(pattern: string): Pattern {
  const native = nativePattern(pattern);
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(withUnicodeSpaces(pattern)));
    // The validator tells patterns apart by their text.
    return { test: (text) => compiled.matcher(text).find(), toString: () => pattern };
  } catch {
    return native;
  }
}

/** Many patterns, such as `^[\\w-.]+$`, are right without the `u` flag only. */
function nativePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return new RegExp(pattern);
  }
}

// What `\s` of ECMAScript has and that of RE2 has not.
const MORE_SPACES = String.raw`\x{0b}\x{a0}\x{feff}\x{2028}\x{2029}\p{Zs}`;

function withUnicodeSpaces(pattern: string): string {
  let isInClass = false;
  return pattern.replace(/\\[\s\S]|[[\]]/g, (token) => {
    if (token === '[') isInClass = true;
    else if (token === ']') isInClass = false;
    else if (token === String.raw`\s`) return isInClass ? token + MORE_SPACES : `[${token}${MORE_SPACES}]`;
    else if (token === String.raw`\S` && !isInClass) return String.raw`[^\s${MORE_SPACES}]`;
    return token;
  });
}
