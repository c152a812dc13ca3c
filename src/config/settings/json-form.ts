/** The forms of values in the configuration file. */

/** How a value is written in the configuration file. */
export type JsonForm =
  | { readonly form: 'boolean' }
  | { readonly form: 'integer'; readonly min: number; readonly max: number }
  | { readonly form: 'string'; readonly pattern?: RegExp }
  | { readonly form: 'choice'; readonly choices: readonly string[] }
  | { readonly form: 'strings'; readonly choices?: readonly string[] }
  | { readonly form: 'share' }
  | { readonly form: 'hooks' }
  | { readonly form: 'names'; readonly joiner: ': ' | '='; readonly keys?: readonly string[] };
