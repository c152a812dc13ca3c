/** The fields of a log line besides its message, without secrets. */

export type LogFields = Readonly<Record<string, unknown>>;

// Deeper values are left out; this also ends circular ones.
const DEEPEST = 8;

/**
 * Copies fields as JSON values, with secrets redacted in every name and text. Numbers are kept, as are time and request
 * id, which this program makes: a secret may well be `1`. `describe` turns an error into an object.
 */
export function fieldRedactor(
  redact: (text: string) => string,
  showsStacks: boolean,
  describe: (error: Error) => object,
): (fields: LogFields) => LogFields {
  const valueOf = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return redact(value);
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > DEEPEST) return '…';
    if (Array.isArray(value)) return value.map((element) => valueOf(element, depth + 1));
    return membersOf(value instanceof Error ? describe(value) : value, depth + 1);
  };
  const membersOf = (value: object, depth: number): LogFields => {
    const shown = Object.entries(value).filter(
      ([name, member]) => isShown(member) && (showsStacks || name !== 'stack'),
    );
    return Object.fromEntries(shown.map(([name, member]) => [redact(name), valueOf(member, depth)]));
  };
  return (fields) => {
    const { time, requestId } = fields;
    return { ...membersOf(fields, 0), time, ...(requestId === undefined ? {} : { requestId }) };
  };
}

function isShown(value: unknown): boolean {
  return !['undefined', 'function', 'symbol'].includes(typeof value);
}
