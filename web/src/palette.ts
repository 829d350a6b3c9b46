/**
 * Scores as colours and intervals as hatches: the one place both map and legend read. The scale itself is the
 * server's, from which the styles for other maps derive too.
 */

import scale from '../../server/styles/scale.json';

export const TOP_SCORE = scale.top;

/**
 * Colours of the scores 0, 1, … 5: burnt orange over sand to blue. Orange against blue stays apart in all
 * three common forms of colour blindness, and neither end reads as an alarm.
 */
export const SCORE_COLOURS: readonly string[] = scale.colours;

/** How sharply a score is known, by the width of its 95 % interval in points of the score. */
export type Certainty = 'close' | 'rough' | 'vague';

export function certaintyOf({ low, high }: { low: number; high: number }): Certainty {
  const width = high - low;
  if (width <= scale.closeWidth) return 'close';
  return width <= scale.roughWidth ? 'rough' : 'vague';
}

/** The scale as a CSS gradient from 0 to 5. */
export function scoreGradient(): string {
  return `linear-gradient(to right, ${SCORE_COLOURS.join(', ')})`;
}

/** The place of a score on the scale, in per cent from the left. */
export function scorePercent(score: number): number {
  return (100 * Math.min(Math.max(score, 0), TOP_SCORE)) / TOP_SCORE;
}
