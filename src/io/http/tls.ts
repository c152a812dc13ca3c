/**
 * The TLS identity of a run: a client certificate and further authorities, checked before the first call and made into
 * one context that every connection to the endpoint, and to the token URL, uses. No proxy ever sees it.
 */

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { Socket } from 'node:net';
import { createSecureContext, type SecureContext, type SecureContextOptions, TLSSocket } from 'node:tls';
import { UsageError, systemCode } from '../../errors.js';
import { readNamedFile } from '../../named-file.js';
import { blocksOf, certificatesIn, hasPrivateKey, type PemFile, pemHint, reasonOf, textOf } from './pem.js';

/** PEM texts, or the bytes of such files; `pfx` is the bytes of a PKCS#12 file. */
export interface TlsOptions {
  /** The client certificate, with the intermediate ones after it, and its key if `key` is absent. */
  readonly cert?: PemFile;
  readonly key?: PemFile;
  /** Certificate and key in one; instead of `cert` and `key`. */
  readonly pfx?: Uint8Array;
  /** Of the key, or of the PKCS#12 file. */
  readonly passphrase?: string;
  /** Certificates to trust besides those that Node.js trusts. */
  readonly ca?: PemFile;
}

/** What messages call the parts, by their member in TlsOptions. */
export type TlsNames = Readonly<Record<keyof TlsOptions, string>>;

/** What is needed besides the options. */
export interface TlsSurroundings {
  /** Now, in milliseconds since 1970: a certificate that counts at another time only is refused. */
  readonly nowMs: number;
  /** The file of NODE_EXTRA_CA_CERTS. */
  readonly extraCaFile?: string | undefined;
  readonly names?: TlsNames;
}

/** A checked identity. Give `secureContext` to `tls.connect`. */
export interface TlsIdentity {
  readonly secureContext: SecureContext;
  /** Whether there is a client certificate. */
  readonly hasCertificate: boolean;
  /** When the client certificate ends, in milliseconds since 1970. */
  readonly endsMs?: number;
  /** Texts that must never be shown. */
  readonly secrets: readonly string[];
}

/** Checks the parts and puts them together; throws a UsageError that names the part which can't work. */
export function tlsIdentity(options: TlsOptions, around: TlsSurroundings): TlsIdentity {
  const names = around.names ?? MEMBER_NAMES;
  refuseOddParts(options, names);
  const authorities = options.ca === undefined ? [] : certificatesIn(options.ca, names.ca);
  const secureContext = contextOf(options, names, authorities.length > 0);
  if (authorities.length > 0) trust(secureContext, [...authorities, ...extraAuthorities(around.extraCaFile)]);
  const certificate = ownCertificate(secureContext);
  if (certificate !== undefined) refuseOtherTimes(certificate, options.pfx ? names.pfx : names.cert, around.nowMs);
  return {
    secureContext,
    hasCertificate: certificate !== undefined,
    ...(certificate && { endsMs: Date.parse(certificate.validTo) }),
    secrets: options.passphrase ? [options.passphrase] : [],
  };
}

const MEMBER_NAMES: TlsNames = {
  cert: 'tls.cert',
  key: 'tls.key',
  pfx: 'tls.pfx',
  passphrase: 'tls.passphrase',
  ca: 'tls.ca',
};

/** For programs; the command line has refused such combinations in its own words. */
function refuseOddParts({ cert, key, pfx }: TlsOptions, names: TlsNames): void {
  if (pfx !== undefined && (cert !== undefined || key !== undefined)) {
    throw new UsageError(`${names.pfx} holds a certificate and its key; ${names.cert} and ${names.key} are not needed`);
  }
  if (key !== undefined && cert === undefined) {
    throw new UsageError(`${names.key} is the key of a client certificate, and there is none`);
  }
}

function contextOf(options: TlsOptions, names: TlsNames, hasAuthorities: boolean): SecureContext {
  // Whoever names an intermediate certificate trusts what it has signed, without its root.
  const trusting = hasAuthorities ? { allowPartialTrustChain: true } : {};
  if (options.pfx !== undefined) return pfxContext(options.pfx, options.passphrase, names, trusting);
  if (options.cert === undefined) return createSecureContext(trusting);
  const certificates = certificatesIn(options.cert, names.cert);
  const key = keyOf(options, names);
  if (certificates[0]?.checkPrivateKey(key) !== true) throw notAPair(options, names);
  // The key goes in without its encryption: it is not unlocked again for each connection.
  const pem = key.export({ type: 'pkcs8', format: 'pem' });
  try {
    return createSecureContext({ ...trusting, cert: certificates.map(String).join(''), key: pem });
  } catch (cause) {
    throw new UsageError(`${names.cert} can't be used: ${reasonOf(cause)}`, { cause });
  }
}

function notAPair({ key }: TlsOptions, names: TlsNames): UsageError {
  const [one, other] = key === undefined ? ['its key', names.cert] : [names.key, names.cert];
  return new UsageError(`${one} is not the key of the certificate in ${other}`, {
    hint: "the first certificate of the file counts: the client's own, then the intermediate ones",
  });
}

/** The key, unlocked, from its own file or from that of the certificate. */
function keyOf({ cert = '', key, passphrase }: TlsOptions, names: TlsNames): KeyObject {
  const name = key === undefined ? names.cert : names.key;
  const pem = textOf(key ?? cert);
  if (!hasPrivateKey(pem)) throw noKey(key, pem, names);
  try {
    return createPrivateKey({ key: pem, format: 'pem', ...(passphrase !== undefined && { passphrase }) });
  } catch (cause) {
    throw lockedKey(cause, name, passphrase, names);
  }
}

function noKey(key: TlsOptions['key'], pem: string, names: TlsNames): UsageError {
  if (key === undefined) {
    return new UsageError(`${names.cert} has no private key in it`, { hint: `${flagOf(names.key)} names its file` });
  }
  const isCertificate = blocksOf(pem).length > 0;
  return new UsageError(`${names.key} has no private key in it${isCertificate ? ', but a certificate' : ''}`, {
    hint: isCertificate ? `${flagOf(names.cert)} and ${flagOf(names.key)} swapped?` : pemHint(key, 'pkey'),
  });
}

function lockedKey(cause: unknown, name: string, passphrase: string | undefined, names: TlsNames): UsageError {
  const code = systemCode(cause) ?? '';
  const isLocked = /BAD_DECRYPT|INTERRUPTED_OR_CANCELLED|BAD_PASSWORD|MISSING_PASSPHRASE|MAC_VERIFY/.test(code);
  if (!isLocked) return new UsageError(`the private key in ${name} can't be used: ${reasonOf(cause)}`, { cause });
  return passphraseError(`the private key in ${name}`, passphrase, names, cause);
}

function passphraseError(what: string, passphrase: string | undefined, names: TlsNames, cause: unknown): UsageError {
  if (passphrase !== undefined) {
    return new UsageError(`${names.passphrase} does not unlock ${what}`, {
      hint: 'its first line is the passphrase, spaces included',
      cause,
    });
  }
  const hint = names === MEMBER_NAMES ? 'tls.passphrase' : `${names.passphrase} @FILE`;
  return new UsageError(`${what} is locked by a passphrase`, { hint: `${hint} unlocks it`, cause });
}

function pfxContext(
  bytes: Uint8Array,
  passphrase: string | undefined,
  names: TlsNames,
  trusting: SecureContextOptions,
): SecureContext {
  try {
    return createSecureContext({
      ...trusting,
      pfx: Buffer.from(bytes),
      ...(passphrase !== undefined && { passphrase }),
    });
  } catch (cause) {
    throw pfxError(cause, bytes, passphrase, names);
  }
}

// Node.js has codes for some of these only; the words are OpenSSL's.
function pfxError(cause: unknown, bytes: Uint8Array, passphrase: string | undefined, names: TlsNames): UsageError {
  const reason = reasonOf(cause);
  if (/mac verify failure|bad decrypt|password/i.test(reason)) {
    return passphraseError(names.pfx, passphrase, names, cause);
  }
  if (/unsupported/i.test(reason)) {
    return new UsageError(`${names.pfx} is encrypted in a way that is no longer supported`, {
      hint:
        'openssl pkcs12 -legacy -in old.pfx -nodes -out both.pem, then --cert both.pem;\n' +
        'or openssl pkcs12 -export -in both.pem -out new.pfx',
      cause,
    });
  }
  const isPem = textOf(bytes).includes('-----BEGIN ');
  return new UsageError(`${names.pfx} is not PKCS#12 (.pfx, .p12)${isPem ? ', but PEM' : `: ${reason}`}`, {
    ...(isPem && { hint: `${flagOf(names.cert)} and ${flagOf(names.key)} take PEM` }),
    cause,
  });
}

/** The words of messages begin with the flag: `--cert client.pem`. */
function flagOf(name: string): string {
  return name.split(' ', 1)[0] ?? name;
}

/**
 * Adds authorities to those that Node.js trusts by itself. The option `ca` would replace them, and leave out what a
 * system's own store or NODE_EXTRA_CA_CERTS adds: the context's own method does not, but for the latter on Node.js 20.
 */
function trust({ context }: SecureContext, authorities: readonly (X509Certificate | string)[]): void {
  for (const authority of authorities) (context as { addCACert(pem: string): void }).addCACert(String(authority));
}

/** What NODE_EXTRA_CA_CERTS names. What can't be read there Node.js has warned of already. */
function extraAuthorities(file: string | undefined): readonly string[] {
  if (!file) return [];
  try {
    return blocksOf(textOf(readNamedFile(file)));
  } catch {
    return [];
  }
}

/** The client certificate that a context has; also one from PKCS#12, which nothing else in Node.js reads. */
function ownCertificate(secureContext: SecureContext): X509Certificate | undefined {
  const socket = new TLSSocket(new Socket(), { secureContext });
  try {
    return socket.getX509Certificate();
  } finally {
    socket.destroy();
  }
}

function refuseOtherTimes({ validFrom, validTo }: X509Certificate, name: string, nowMs: number): void {
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  if (nowMs > to) {
    const hint = 'no endpoint takes it any more: renew it, or name the new one';
    throw new UsageError(`the certificate in ${name} has expired, at ${isoTime(to)}`, { hint });
  }
  if (nowMs < from) {
    const hint = `is the clock of this machine right? It is ${isoTime(nowMs)}`;
    throw new UsageError(`the certificate in ${name} does not count before ${isoTime(from)}`, { hint });
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
