/**
 * Scores as colours and intervals as hatches: the one place both map and legend read. The scale itself is the
 * server's, from which the styles for other maps derive too.
 */

import scale from '../../server/styles/scale.json';

export { scale };

export const TOP_SCORE = scale.top;

/**
 * Colours of the scores 0, 1, … 5: burnt orange over sand to blue. Orange against blue stays apart in all
 * three common forms of colour blindness, and neither end reads as an alarm.
 */
export const SCORE_COLOURS: readonly string[] = scale.colours;

/** What has no scale of its own. */
export const PLAIN_COLOUR = scale.colours[1] as string;

/** The seven bins of Gi*, low scores in burnt orange. */
export const BIN_COLOURS = [
  { bin: -3, colour: scale.colours[0] as string, confidence: 0.99 },
  { bin: -2, colour: scale.colours[1] as string, confidence: 0.95 },
  { bin: -1, colour: scale.colours[2] as string, confidence: 0.9 },
  { bin: 0, colour: scale.unknown, confidence: 0 },
  { bin: 1, colour: '#b7d0e0', confidence: 0.9 },
  { bin: 2, colour: scale.colours[4] as string, confidence: 0.95 },
  { bin: 3, colour: scale.colours[5] as string, confidence: 0.99 },
] as const;

/** Why a place calls for audits; a place with several reasons has the colour of the first. */
export const REASON_COLOURS = [
  { why: 'unknown', colour: scale.unknown, words: 'reason_unknown' },
  { why: 'undecided', colour: scale.colours[2] as string, words: 'why_undecided' },
  { why: 'voices', colour: scale.colours[4] as string, words: 'why_voices' },
] as const;

/** How sharply a score is known, by the width of its 95 % interval in points of the score. */
export type Certainty = 'close' | 'rough' | 'vague';

/** The scale as a CSS gradient from 0 to 5. */
export function scoreGradient(): string {
  return `linear-gradient(to right, ${SCORE_COLOURS.join(', ')})`;
}

/** The place of a score on the scale, in per cent from the left. */
export function scorePercent(score: number): number {
  return (100 * Math.min(Math.max(score, 0), TOP_SCORE)) / TOP_SCORE;
}
