/** The files of `--cert`, `--key`, `--pfx` and `--ca`, read and checked before anything is opened. */

import { resolve } from 'node:path';
import type { Resolved } from '../../config/resolved.js';
import { systemCode, UsageError } from '../../errors.js';
import type { Host } from '../../host.js';
import { cannotRead } from '../../io/files/file-problem.js';
import type { TlsIdentity, TlsNames } from '../../io/http/tls.js';
import { readNamedFile } from '../../named-file.js';

/** The TLS identity of the settings; undefined when they have none. Throws a UsageError for one that can't work. */
export async function openIdentity(settings: Resolved<'enrich'>, host: Host): Promise<TlsIdentity | undefined> {
  const { cert, pfx, ca, keyPassphrase: passphrase } = settings.values;
  if (cert === undefined && pfx === undefined && ca === undefined) return undefined;
  const { tlsIdentity } = await import('../../io/http/tls.js');
  const parts = Object.fromEntries(FILES.flatMap((key) => readPart(key, settings, host)));
  const options = { ...parts, ...(passphrase !== undefined && { passphrase }) };
  const around = { nowMs: host.clock.wallNow(), extraCaFile: host.env['NODE_EXTRA_CA_CERTS'] };
  return tlsIdentity(options, { ...around, names: namesOf(settings) });
}

const FILES = ['cert', 'key', 'pfx', 'ca'] as const;
type FileKey = (typeof FILES)[number];

function readPart(key: FileKey, settings: Resolved<'enrich'>, host: Host): readonly (readonly [FileKey, Buffer])[] {
  const file = settings.values[key];
  if (file === undefined) return [];
  const path = resolve(host.cwd, file);
  try {
    return [[key, readNamedFile(path)]];
  } catch (error) {
    const { message, hint } = cannotRead(shownFile(key, settings), error, path);
    const similar = systemCode(error) === 'ENOENT' ? hint : undefined;
    throw new UsageError(`--${key}: ${message}`, {
      hint: similar ?? `--${key} takes the path of a file`,
      cause: error,
    });
  }
}

/** How messages call the parts: `--cert client.pem`, or the flag alone where there is none. */
function namesOf(settings: Resolved<'enrich'>): TlsNames {
  const nameOf = (key: FileKey): string => {
    return settings.values[key] === undefined ? `--${key}` : `--${key} ${shownFile(key, settings)}`;
  };
  const [cert, key, pfx, ca] = FILES.map(nameOf) as [string, string, string, string];
  return { cert, key, pfx, ca, passphrase: '--key-passphrase' };
}

/** A variable such as CASE_TRACKER_KEY may hold a secret that was meant for something else: its value is not shown. */
function shownFile(key: FileKey, { values, sources }: Resolved<'enrich'>): string {
  const source = sources[key];
  return source?.from === 'environment' ? `the file of ${source.where}` : (values[key] ?? '');
}
