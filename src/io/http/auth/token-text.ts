/** A token as commands print it and files hold it: a line, or JSON that also says when it ends. */

import { isoTimeMs } from '../../../core/cases/iso-time.js';
import type { Token } from '../../../core/ports.js';

/** Much more than any token; who prints more prints something else. */
export const LARGEST_TOKEN_TEXT = 64 * 1024;

/**
 * The token in a text that was asked for at this time (milliseconds since 1970). Throws an Error whose message completes
 * the sentence “the file …” and never shows the text.
 */
export function tokenIn(text: string, askedAtMs: number): Token {
  const clean = text.replace(/^\uFEFF/, '').trimStart();
  if (clean.startsWith('{')) return tokenOfJson(clean, askedAtMs);
  const value = (text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/, 1)[0] ?? '').trim();
  if (value !== '') return { value };
  throw new Error(clean === '' ? 'is empty' : 'has an empty first line, where the token should be');
}

/** When a token ends that lives for so many seconds; undefined where that says nothing. */
export function endOfLife(seconds: unknown, askedAtMs: number): number | undefined {
  const life = numberOf(seconds);
  return life !== undefined && life > 0 ? askedAtMs + life * 1000 : undefined;
}

function tokenOfJson(text: string, askedAtMs: number): Token {
  const json = parsed(text);
  const value = json['token'] ?? json['access_token'];
  if (typeof value !== 'string') throw new Error('is JSON without a text "token" or "access_token"');
  if (value === '') throw new Error('is JSON with an empty token');
  const expiresAt = endOfLife(json['expires_in'], askedAtMs) ?? instantOf(json['expires_at']);
  return expiresAt === undefined ? { value } : { value, expiresAt };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new Error('begins like JSON and is none');
  }
}

/** Milliseconds since 1970; undefined where nothing is said. */
function instantOf(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const seconds = numberOf(value);
  if (seconds !== undefined) return seconds > 0 ? seconds * 1000 : undefined;
  const ms = typeof value === 'string' ? isoTimeMs(value.replace(' ', 'T')) : Number.NaN;
  if (Number.isNaN(ms)) throw new Error('has an "expires_at" that is neither ISO 8601 nor seconds since 1970');
  return ms;
}

function numberOf(value: unknown): number | undefined {
  const isNumeric = typeof value === 'string' && /^\s*[+-]?\d+(?:\.\d+)?\s*$/.test(value);
  const number = typeof value === 'number' || isNumeric ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
