/** `--allow-failures` as reports show it. */

import type { Resolved } from '../../config/resolved.js';
import type { Summary } from '../../core/results/run-info.js';
import { isWithin, type Threshold, unenriched } from '../../core/run/stop-rules.js';
import { formatCount } from '../../text/format.js';
import type { CheckedThreshold } from '../../core/results/run-end.js';

/** The limits that the user set, and whether they held; undefined when none is set. */
export function thresholdsOf(
  { values, sources }: Resolved<'enrich' | 'report'>,
  summary: Summary,
): CheckedThreshold[] | undefined {
  if (sources['allowFailures']?.from === 'default') return undefined;
  const missing = unenriched(summary);
  const share = summary.total === 0 ? 0 : (missing / summary.total) * 100;
  return [
    {
      flag: `--allow-failures ${shareText(values.allowFailures)}`,
      measured: `${formatCount(missing)} of ${formatCount(summary.total)} (${Number(share.toFixed(1))}%)`,
      ok: isWithin(values.allowFailures, missing, summary.total),
    },
  ];
}

/** `16`, `1%` or `none`, as the flag takes it. */
export function shareText(share: Threshold | 'none'): string {
  if (share === 'none') return 'none';
  return 'count' in share ? String(share.count) : `${share.percent}%`;
}
