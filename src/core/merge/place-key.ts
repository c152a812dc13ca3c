import type { Place } from '../case.js';

/** The file under the name that it has without a `./` in front. */
export function plainName(file: string): string {
  return file.replace(/^(?:\.\/+)+/, '');
}

/** What names the record at a place; of one without a place in its file, its number in the run. */
export function placeKey(source: Place | undefined, index: number): string {
  const { file = '', line = '', index: element = index } = source ?? {};
  return `${plainName(file)}\0${line}\0${line === '' ? element : ''}`;
}
