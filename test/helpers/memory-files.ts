import type { Files } from '../../src/config/files.js';

/** Files by absolute path, instead of a disk; those that others can read, too, are named. */
export function memoryFiles(texts: Readonly<Record<string, string>>, open: readonly string[] = []): Files {
  return {
    isOpenToOthers: (path) => open.includes(path),
    exists: (path) => Object.hasOwn(texts, path),
    realPath: (path) => path,
    read: (path) => {
      const text = texts[path];
      if (text !== undefined) return text;
      throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    },
  };
}
