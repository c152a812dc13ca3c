import { escapeHtml } from '../../text/escape.js';

/** HTML that is safe to put into a page as it is. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Markup | string | number | false | undefined | readonly Content[];

/** A template tag: values are escaped, markup and lists of it are not, `false` and `undefined` leave nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = parts[0] ?? '';
  values.forEach((value, index) => (text += contentText(value) + (parts[index + 1] ?? '')));
  return new Markup(text);
}

/** Text that this package wrote itself, taken as markup. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/** Where a place has to be broken, it is in the file's name: the number stays whole, with what is before it. */
export function breakablePlace(place: string): Markup {
  const at = place.search(/.{0,16}(?::\d+|\[\d+\])$/u);
  return at === -1 ? html`${place}` : html`${place.slice(0, at)}<span class="whole">${place.slice(at)}</span>`;
}

function contentText(value: Content): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(contentText).join('');
  return escapeHtml(String(value));
}
