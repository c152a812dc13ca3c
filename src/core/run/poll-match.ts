/** A value in an answer: a scalar at a JSON Pointer whose text is one of these. */
export interface PollMatch {
  readonly pointer: string;
  readonly tokens: readonly string[];
  readonly values: readonly string[];
}
