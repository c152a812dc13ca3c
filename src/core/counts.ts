/** Counts as people read them. Not by Intl: it is slow to load, and formats by the machine's locale data. */

/** `2,947`; `–` for what is no number. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return '–';
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `2,947 cases`, `1 case`. */
export function formatCounted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}
