import { clip } from '../../text/clip.js';
import type { Setting } from '../view.js';
import { html, type Markup } from './markup.js';
import { tallTable } from './plain-table.js';

const MOST_SETTINGS = 200;

/** Effective values and where each came from. */
export function settingsTable(settings: readonly Setting[]): Markup {
  const rows = settings.slice(0, MOST_SETTINGS).map(
    ({ name, value, from }) =>
      html`<tr>
        <th scope="row"><code>${clip(name, 100)}</code></th>
        <td><code>${clip(value, 500)}</code></td>
        <td>${clip(from, 200)}</td>
      </tr>`,
  );
  return tallTable('Settings', [{ name: 'Setting' }, { name: 'Value' }, { name: 'From' }], rows);
}
