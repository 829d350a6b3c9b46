/** What a level looks like, drawn in a few lines; words always stand beside it. */

type Shape = readonly [tag: string, attributes: Record<string, string>];
type Drawing = (level: number) => Shape[];

const SVG = 'http://www.w3.org/2000/svg';
const SIDE = 48;

const line = (d: string): Shape => ['path', { d }];
const dashed = (d: string): Shape => ['path', { d, 'stroke-dasharray': '3 5' }];
const filled = (d: string): Shape => ['path', { d, class: 'filled' }];
const dot = (cx: number, cy: number, r: number): Shape =>
  ['circle', { cx: String(cx), cy: String(cy), r: String(r), class: 'filled' }];
const ring = (cx: number, cy: number, r: number): Shape =>
  ['circle', { cx: String(cx), cy: String(cy), r: String(r) }];

/** Drawings of four levels each, for the questions of `safetipin-9`. */
const DRAWINGS: Record<string, Drawing> = {
  lighting: (level) => [
    line('M12 44V8h16'), line('M24 8h10l4 7H20z'),
    ...level === 0 ? [line('M20 22l18 18M38 22L20 40')] : [line('M29 21v8'), line('M29 21v18'), line('M23 21l-4 18M35 21l4 18')].slice(level - 1, level),
    ...level === 3 ? [line('M29 21v20'), line('M18 21l-6 12M40 21l6 12')] : [],
    ...level === 2 ? [line('M24 21l-2 14M34 21l2 14')] : [],
  ],
  openness: (level) => [
    dot(24, 24, 4),
    ...[line('M8 40V8h32v32z'), line('M8 8v32h32V8'), line('M8 40h32')].slice(level, level + 1),
    ...level >= 1 ? [arrow(0, -1)] : [],
    ...level >= 2 ? [arrow(-1, 0), arrow(1, 0)] : [],
    ...level >= 3 ? [arrow(0, 1)] : [],
  ],
  visibility: (level) => [
    line('M6 44V4h36v40z'),
    ...grid(3, 3).map(([column, row], index) => {
      const window = `M${11 + 10 * column} ${10 + 11 * row}h6v7h-6z`;
      return index < 3 * level ? filled(window) : line(window);
    }),
  ],
  people: (level) => (level === 0
    ? [dashed('M16 44V30q0-6 8-6t8 6v14'), ['circle', { cx: '24', cy: '14', r: '6', 'stroke-dasharray': '3 4' }]]
    : ([[16, 32], [8, 24, 40], [8, 24, 40, 16, 32]][level - 1] ?? []).flatMap((x, index) => figure(x, index < 3 ? 0 : -12))),
  security: (level) => [
    line('M4 44h40'), ...figure(10, 8),
    ...level === 0 ? [dashed('M32 12l8 3v8q0 8-8 11-8-3-8-11v-8z')] : [
      ...level === 1 ? [line('M40 26l4 2v4q0 5-4 6-4-1-4-6v-4z')] : [],
      ...level >= 2 ? [line('M30 8l10 4v10q0 10-10 14-10-4-10-14V12z')] : [],
      ...level === 3 ? [line('M24 22l5 5 8-10')] : [],
    ],
  ],
  walk_path: (level) => [
    ...level === 0 ? [line('M8 20h22l6 8h6v8H6v-10z'), ring(14, 37, 4), ring(34, 37, 4)] : [
      ...figure(24, -4),
      ...[line('M4 44h8l3-4 4 6 4-5M31 44h4l3-4 6 5'), line('M4 44h14l3-3 5 3h18'), line('M4 43h40M4 47h40')].slice(level - 1, level),
    ],
  ],
  transport: (level) => [
    line('M18 10h22v24H18zM18 22h22M22 34v4M36 34v4'),
    ...level === 0 ? [line('M10 6l34 36')] : [],
    ...Array.from({ length: 3 - level }, (_, index) => dot(4 + 5 * index, 42, 2)),
    ...level === 3 ? figure(7, 2) : [],
  ],
  gender_usage: (level) => [8, 24, 40, 8, 24, 40].flatMap((x, index) => person(x, index < 3 ? 4 : 28, index < level)),
  feeling: (level) => [
    ring(24, 24, 19), dot(17, 19, 2.5), dot(31, 19, 2.5),
    line(`M14 ${[36, 34, 31, 29][level] ?? 30}Q24 ${[24, 30, 34, 41][level] ?? 30} 34 ${[36, 34, 31, 29][level] ?? 30}`),
  ],
};

/** The picture of a level; as many bars as the level has steps where the question has no drawing of its own. */
export function picture(question: string, level: number, top: number): SVGSVGElement {
  const drawing = top === 3 ? DRAWINGS[question] : undefined;
  return icon(drawing ? drawing(level) : bars(level, top));
}

/** A line drawing that the words beside it explain. */
export function icon(shapes: readonly Shape[]): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${SIDE} ${SIDE}`);
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'picture');
  for (const [tag, attributes] of shapes) {
    const shape = svg.appendChild(document.createElementNS(SVG, tag));
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
  }
  return svg;
}

export const PIN: readonly Shape[] = [line('M24 45S9 29 9 18a15 15 0 0 1 30 0c0 11-15 27-15 27z'), ring(24, 18, 5)];
export const LIST: readonly Shape[] = [line('M8 12h4M20 12h20M8 24h4M20 24h20M8 36h4M20 36h20')];
export const GEAR: readonly Shape[] = [line('M6 14h20M34 14h8M6 34h8M22 34h20'), ring(30, 14, 4), ring(18, 34, 4)];
export const SPEAKER: readonly Shape[] = [line('M6 18h8l10-8v28l-10-8H6z'), line('M31 17q5 7 0 14M37 11q10 13 0 26')];
export const LEAVE: readonly Shape[] = [line('M20 8H8v32h12M18 24h24M34 15l9 9-9 9')];

function bars(level: number, top: number): Shape[] {
  const width = SIDE / (top + 1);
  return Array.from({ length: top + 1 }, (_, index) => {
    const height = 8 + (32 * index) / top;
    const bar = `M${index * width + 2} 44h${width - 4}v${-height}h${4 - width}z`;
    return index <= level ? filled(bar) : line(bar);
  });
}

function arrow(right: number, down: number): Shape {
  const [x, y] = [24 + 20 * right, 24 + 20 * down];
  const wing = (sign: number): string => `M${x} ${y}l${-5 * right - 4 * sign * down} ${-5 * down - 4 * sign * right}`;
  return line(`M${24 + 9 * right} ${24 + 9 * down}L${x} ${y}${wing(1)}${wing(-1)}`);
}

function figure(x: number, y: number): Shape[] {
  return [dot(x, 20 + y, 4), line(`M${x - 5} ${40 + y}v-8q0-5 5-5t5 5v8`)];
}

/** A small figure: with a skirt, or without and only drawn in outline. */
function person(x: number, y: number, skirt: boolean): Shape[] {
  return skirt
    ? [dot(x, y, 3.5), filled(`M${x} ${y + 4}l6 12h-12z`)]
    : [ring(x, y, 3.5), line(`M${x - 4} ${y + 15}v-8h8v8`)];
}

function grid(columns: number, rows: number): [number, number][] {
  return Array.from({ length: columns * rows }, (_, index) => [index % columns, Math.floor(index / columns)]);
}
