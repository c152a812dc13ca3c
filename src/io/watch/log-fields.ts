/** What stands beside the message of a log line, without secrets. */

export type LogFields = Readonly<Record<string, unknown>>;

// Deeper values are left out: one that is a part of itself has no end.
const DEEPEST = 8;

/**
 * Makes copies of fields, as values that JSON has, with the secrets taken out of every name and text. Numbers stay, and
 * so do time and request id, which are our own: a secret may well be `1`. `describe` makes an object of an error.
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
