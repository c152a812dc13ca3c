/**
 * Patterns of a JSON Schemain RE2, whose time is linear in the length of the text: an answer crafted to
 * keep a backtracking engine busy (`^(a+)+$`) would stop the event loop, and with it timeouts and signals.
 */

import { RE2JS } from 're2js';

/** A compiled pattern as the schema validator uses it. */
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
    // The validator distinguishes patterns by their text.
    return { test: (text) => compiled.matcher(text).find(), toString: () => pattern };
  } catch {
    return native;
  }
}

/** Tried with and without the `u` flag: many patterns, such as `^[\\w-.]+$`, are valid only without it. */
function nativePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return new RegExp(pattern);
  }
}

// Characters that `\s` matches in ECMAScript but not in RE2.
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
