import { readFileSync } from 'node:fs';

interface PackageFile {
  readonly version: string;
}

/** The version in package.json, which stands beside src and dist alike. */
export const VERSION = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as PackageFile)
  .version;
