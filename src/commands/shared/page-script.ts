import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { packageFile } from '../../package-file.js';
import type { PageScript } from '../../report/html/document.js';

/** The script of a page, as built from `src/report/html/page/NAME.ts`. */
export function pageScript(name: 'report' | 'live'): PageScript {
  const text = readFileSync(packageFile(`dist/page/${name}.js`), 'utf8');
  return { text, source: `'sha256-${hash('sha256', text, 'base64')}'` };
}
