import type { Files } from '../../src/config/files.js';

/** Files by absolute path, instead of a disk. */
export function memoryFiles(texts: Readonly<Record<string, string>>): Files {
  return {
    exists: (path) => Object.hasOwn(texts, path),
    realPath: (path) => path,
    read: (path) => {
      const text = texts[path];
      if (text !== undefined) return text;
      throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    },
  };
}
