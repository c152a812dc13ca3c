/** What the system's codes for failed calls on files mean, in words. */

type Doing = 'reading' | 'writing';

const WORDS = new Map<string, string | Readonly<Record<Doing, string>>>([
  ['ENOENT', { reading: 'no such file', writing: 'its folder does not exist' }],
  ['EBADF', { reading: 'it is not open for reading', writing: 'it is not open, or not for writing' }],
  ['ENOTCONN', 'it is not open for reading'],
  ['ENXIO', 'it is a socket, or a device that is not there'],
  ['EACCES', 'no permission'],
  ['EPERM', 'not permitted'],
  ['EROFS', 'the file system is read-only'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of its path is not a folder'],
  ['ELOOP', 'its links lead in a circle'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['EIO', 'the disk or device reports an error'],
  ['ENOSPC', 'no space left on the disk'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EFBIG', 'the file is too large for this file system'],
  ['EMFILE', 'too many open files'],
  ['ENFILE', 'too many open files'],
  ['EPIPE', 'the reader is gone'],
  ['EBUSY', 'it is in use by the system'],
]);

/** The words for a code such as `ENOENT`; undefined for one that has none. */
export function errnoWords(code: string | undefined, doing: Doing): string | undefined {
  const words = WORDS.get(code ?? '');
  return typeof words === 'object' ? words[doing] : words;
}
