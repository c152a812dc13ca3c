import { readFileSync } from 'node:fs';
import { packageFile } from './package-file.js';

/** The version in package.json. */
export const VERSION = (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { readonly version: string })
  .version;
