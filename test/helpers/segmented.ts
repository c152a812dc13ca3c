import { onTestFinished, vi } from 'vitest';

/** How much text is handed to the grapheme segmenter until the test ends: its cost is the square of each text's length. */
export interface Segmented {
  /** Characters of all texts together. */
  readonly all: number;
  readonly longest: number;
}

export function countSegmented(): Segmented {
  const counted = { all: 0, longest: 0 };
  const original = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  const segment = original.segment.bind(original);
  const spy = vi.spyOn(Intl.Segmenter.prototype, 'segment').mockImplementation((text) => {
    counted.all += text.length;
    counted.longest = Math.max(counted.longest, text.length);
    return segment(text);
  });
  onTestFinished(() => spy.mockRestore());
  return counted;
}
