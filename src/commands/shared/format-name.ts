import type { Resolved } from '../../config/resolved.js';

/** The formats of `report` by name. */
export type FormatName = Exclude<Resolved<'report'>['values']['format'], 'auto'>;
