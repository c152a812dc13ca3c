/** What all workers of a queue must ask alike: as hashes, so that Redis knows nothing of endpoint and body. */

import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Resolved } from '../../config/resolved.js';
import type { RunClient } from './client.js';

const NAMES = [
  '--endpoint',
  '--method',
  '--body',
  '--pick',
  '--into',
  '--response-schema',
  '--batch',
  '--id-field',
] as const;

/** A hash for each of these settings, joined by commas. */
export function workerSettings({ values }: Resolved<'enrich'>, client: RunClient, cwd = '.'): string {
  const { method, body, pick, into, responseSchema, batch, batchKey, idField, fieldNames } = values;
  const schema = responseSchema === undefined ? '' : readFileSync(resolve(cwd, responseSchema), 'utf8');
  const parts = [client.endpointName, method, body, pick, into, schema, [batch, batchKey], [idField, fieldNames]];
  return parts.map((part) => hash('sha256', JSON.stringify(part ?? null), 'base64url').slice(0, 8)).join(',');
}

/** `other --endpoint and --into`. */
export function otherSettingsText(mine: string, others: string): string {
  const theirs = others.split(',');
  const differ = NAMES.filter((_, at) => mine.split(',')[at] !== theirs[at]);
  return `other ${differ.length === 0 ? 'settings' : differ.join(' and ')}`;
}
