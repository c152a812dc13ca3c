/** Files of this package, found from `src`, `dist` and the bundle alike, however deep the asking file stands. */

import { existsSync } from 'node:fs';

let root: URL | undefined;

/** The URL of a file of this package, by its path from the package's folder. */
export function packageFile(path: string): URL {
  root ??= folderOfPackage(new URL('./', import.meta.url));
  return new URL(path, root);
}

function folderOfPackage(folder: URL): URL {
  const above = new URL('../', folder);
  return existsSync(new URL('package.json', folder)) || above.href === folder.href ? folder : folderOfPackage(above);
}
