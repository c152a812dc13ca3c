/** The middle value; of an even number of values the lower middle one. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value that `share` (0 to 1) of the values do not exceed; NaN without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** `0.91 (0.88 to 0.95)`: the median and the range. */
export function spread(values: readonly number[], digits = 2): string {
  if (values.length === 0) return '';
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}

/** `0.913 [0.908 to 0.921]`: the median and what the middle half of the values lies between. */
export function middle(values: readonly number[], digits = 3): string {
  if (values.length === 0) return '';
  const [low, high] = [percentile(values, 0.25), percentile(values, 0.75)];
  return `${median(values).toFixed(digits)} [${low.toFixed(digits)} to ${high.toFixed(digits)}]`;
}
