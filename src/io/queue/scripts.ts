/** The scripts that Redis runs: constant texts, a file each, called by their hash. */

import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { packageFile } from '../../package-file.js';

export type ScriptName =
  | 'open'
  | 'enqueue'
  | 'invalid'
  | 'take'
  | 'adopt'
  | 'finish'
  | 'release'
  | 'beat'
  | 'gate'
  | 'pause'
  | 'stats';

export interface Script {
  readonly text: string;
  /** SHA-1 in hex, the name under which Redis keeps it. */
  readonly sha: string;
}

const loaded = new Map<ScriptName, Script>();

export function scriptNamed(name: ScriptName): Script {
  let script = loaded.get(name);
  if (script === undefined) {
    const text = readFileSync(packageFile(`lua/${name}.lua`), 'utf8');
    script = { text, sha: hash('sha1', text) };
    loaded.set(name, script);
  }
  return script;
}
