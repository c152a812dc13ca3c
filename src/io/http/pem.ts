/** Certificates and keys in PEM: what a file holds, and what is wrong with it. */

import { X509Certificate } from 'node:crypto';
import { UsageError } from '../../errors.js';

/** The text of a PEM file, or its bytes. */
export type PemFile = string | Uint8Array;

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/** True for a text with a private key in it, locked or not. */
export function hasPrivateKey(pem: string): boolean {
  return PRIVATE_KEY.test(pem);
}

/** The certificates in a text, each as a text of its own. */
export function blocksOf(pem: string): readonly string[] {
  return pem.match(CERTIFICATE) ?? [];
}

/** Every certificate in a PEM file, in its order; there is at least one. */
export function certificatesIn(file: PemFile, name: string): readonly X509Certificate[] {
  const pem = textOf(file);
  const blocks = blocksOf(pem);
  if (blocks.length === 0) throw noCertificate(file, pem, name);
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      const which = blocks.length === 1 ? 'the certificate' : `certificate ${index + 1}`;
      throw new UsageError(`${which} in ${name} is damaged: ${reasonOf(cause)}`, { cause });
    }
  });
}

function noCertificate(file: PemFile, pem: string, name: string): UsageError {
  if (hasPrivateKey(pem)) {
    return new UsageError(`${name} has no certificate in it, but a private key`, {
      hint: 'is it the file of the key?',
    });
  }
  return new UsageError(`${name} has no certificate in PEM in it`, { hint: pemHint(file, 'x509') });
}

/** How to come to PEM: from DER, where the file begins as DER does. */
export function pemHint(file: PemFile, command: 'x509' | 'pkey'): string {
  const isDer = typeof file !== 'string' && file[0] === 0x30;
  if (isDer) return `it looks like DER: openssl ${command} -inform der -in FILE -out FILE.pem`;
  return `PEM is text with a line -----BEGIN ${command === 'x509' ? 'CERTIFICATE' : 'PRIVATE KEY'}-----`;
}

/** A file as text: PEM is ASCII. */
export function textOf(file: PemFile): string {
  return typeof file === 'string' ? file : Buffer.from(file).toString('latin1');
}

/** OpenSSL's own words, without its numbers. */
export function reasonOf(error: unknown): string {
  const { reason, message } = error as Error & { readonly reason?: string };
  return reason ?? message;
}
