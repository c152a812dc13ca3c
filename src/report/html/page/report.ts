/** What the HTML report does with JavaScript: numbers at the charts, local times, and the table of all failed cases. */

import { showNumbersAtPointer } from './chart-tips.js';
import { find } from './elements.js';
import type { FailureData } from './failure-data.js';
import { startFailureTable } from './failure-table.js';

for (const time of document.querySelectorAll('time')) addLocalTime(time);
for (const figure of document.querySelectorAll<HTMLElement>('figure.chart')) showNumbersAtPointer(figure);
if (document.querySelector('#rows') !== null) {
  startFailureTable(JSON.parse(find('#failure-data').textContent) as FailureData);
}

function addLocalTime(time: HTMLTimeElement): void {
  const date = new Date(time.dateTime);
  if (!Number.isNaN(date.getTime())) time.title = `${date.toLocaleString()} here`;
}
