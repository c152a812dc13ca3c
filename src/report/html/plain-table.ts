import { formatDecimal } from '../../text/format.js';
import { html, type Markup } from './markup.js';

export interface Column {
  readonly name: string;
  readonly className?: string;
  /** The name is there for screen readers only: what the column shows needs none. */
  readonly isNameHidden?: boolean;
}

/** A table that fits the page. `className` is for its own widths. */
export function plainTable(columns: readonly Column[], rows: readonly Markup[], className = ''): Markup {
  return html`<div class="scroll">${tableMarkup(columns, rows, className)}</div>`;
}

/** A table that may be long: it scrolls in a box, which `label` names. */
export function tallTable(label: string, columns: readonly Column[], rows: readonly Markup[], className = ''): Markup {
  return html`<div class="scroll tall" tabindex="0" role="region" aria-label="${label}">
    ${tableMarkup(columns, rows, className)}
  </div>`;
}

/** Two amounts, with the classes that colour them, as parts of a bar that is as long as `whole`. */
export function splitBar(parts: readonly (readonly [className: string, amount: number])[], whole: number): Markup {
  const width = (amount: number): string => formatDecimal((amount / whole) * 100, 2);
  return html`<span class="bar"
    >${parts.map(([className, amount]) => html`<i class="${className}" style="width:${width(amount)}%"></i>`)}</span
  >`;
}

function tableMarkup(columns: readonly Column[], rows: readonly Markup[], className: string): Markup {
  return html`<table class="plain ${className}">
    <thead>
      <tr>
        ${columns.map(headCell)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function headCell({ name, className = '', isNameHidden }: Column): Markup {
  return html`<th scope="col" class="${className}">${isNameHidden ? html`<span class="sr">${name}</span>` : name}</th>`;
}
