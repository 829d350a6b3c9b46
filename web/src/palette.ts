/** Scores as colours and intervals as hatches: the one place both map and legend read. */

export const TOP_SCORE = 5;

/**
 * Colours of the scores 0, 1, … 5: burnt orange over sand to blue. Orange against blue stays apart in all
 * three common forms of colour blindness, and neither end reads as an alarm.
 */
export const SCORE_COLOURS = ['#97370a', '#cf6a1f', '#eda857', '#ecdcb8', '#86b5d3', '#2a6a9c'] as const;

/** How sharply a score is known, by the width of its 95 % interval in points of the score. */
export type Certainty = 'close' | 'rough' | 'vague';

const CLOSE_WIDTH = 1;
const ROUGH_WIDTH = 2;

export function certaintyOf({ low, high }: { low: number; high: number }): Certainty {
  const width = high - low;
  if (width <= CLOSE_WIDTH) return 'close';
  return width <= ROUGH_WIDTH ? 'rough' : 'vague';
}

/** The scale as a CSS gradient from 0 to 5. */
export function scoreGradient(): string {
  return `linear-gradient(to right, ${SCORE_COLOURS.join(', ')})`;
}

/** The place of a score on the scale, in per cent from the left. */
export function scorePercent(score: number): number {
  return (100 * Math.min(Math.max(score, 0), TOP_SCORE)) / TOP_SCORE;
}
