import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { temporaryFolder } from './folder.js';

/** Whether LibreOffice is installed. */
export const hasSoffice = spawnSync('soffice', ['--version'], { stdio: 'ignore' }).status === 0;

/** How LibreOffice is to read a file: delimiter and character set as numbers of its filter. */
export interface Import {
  readonly delimiter: string;
  readonly encoding: 'utf8' | 'utf16';
  /** How many columns are read as text, as by "Data → From Text"; the others as it thinks best. */
  readonly textColumns: number;
}

const CHARSETS = { utf8: 76, utf16: 65_535 };

/** What LibreOffice makes of a file, written by it as CSV in UTF-8 with every text quoted. */
export function throughSoffice(path: string, { delimiter, encoding, textColumns }: Import): string {
  const folder = temporaryFolder();
  const columns = Array.from({ length: textColumns }, (_, at) => `${at + 1}/2`).join('/');
  const reading = [delimiter.charCodeAt(0), 34, CHARSETS[encoding], 1, columns, 0, false, true].join(',');
  const writing = [44, 34, CHARSETS.utf8, 1, '', 0, true, true].join(',');
  const filter = 'Text - txt - csv (StarCalc)';
  const { status, stderr } = spawnSync(
    'soffice',
    [
      `-env:UserInstallation=file://${join(folder, 'profile')}`,
      '--headless',
      `--infilter=${filter}:${reading}`,
      '--convert-to',
      `csv:${filter}:${writing}`,
      '--outdir',
      join(folder, 'out'),
      path,
    ],
    { timeout: 120_000, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`soffice: ${stderr}`);
  return readFileSync(join(folder, 'out', basename(path).replace(/\.\w+$/, '.csv')), 'utf8');
}
