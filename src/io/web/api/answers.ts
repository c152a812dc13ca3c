/** Answers of the API that are no run: each a status and `{ error, message }`. */

import { systemCode } from '../../../errors.js';
import { reasonOf } from '../../files/file-ops.js';
import { Refused } from '../refusal.js';

export function jsonResponse(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  const type = { 'content-type': 'application/json; charset=utf-8' };
  return new Response(`${JSON.stringify(value)}\n`, { status, headers: { ...type, ...headers } });
}

export function noSuchRun(): Refused {
  return new Refused(404, 'not_found', 'there is no such run');
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The refusal for a folder that can't be written: 507 when the disk is full. */
export function storageRefused(error: unknown): Refused {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const isFull = FULL.has(systemCode(cause) ?? '');
  const message = `the runs folder cannot be written, and nothing was kept: ${reasonOf(cause)}`;
  return isFull ? new Refused(507, 'disk_full', message) : new Refused(500, 'storage_failed', message);
}
