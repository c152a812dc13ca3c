/** Files as arguments of a command that is printed to be pasted. */

/** What the shell has opened for this one run: `-`, `/dev/stdin`, `<(…)` as `/dev/fd/63`. */
const OPENED_ONCE = /^(-|\/dev\/stdin|\/dev\/fd\/\d+|\/proc\/(self|\d+)\/fd\/\d+)$/;

/** True for an input that is gone when the run is over. */
export function isReadOnce(file: string): boolean {
  return OPENED_ONCE.test(file);
}

/** The file so that no command takes its name for a flag. */
export function fileArgument(file: string): string {
  return file.startsWith('-') && file !== '-' ? `./${file}` : file;
}
