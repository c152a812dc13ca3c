import { existsSync, readFileSync } from 'node:fs';

/** The files that settings are read from: the configuration, `@FILE`, folders with .git. */
export interface Files {
  /** The file's text; throws the system's error. */
  read(path: string): string;
  exists(path: string): boolean;
}

export const realFiles: Files = {
  read: (path) => readFileSync(path, 'utf8'),
  exists: existsSync,
};
