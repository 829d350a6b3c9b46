/** SVG with less ceremony. */

const SVG = 'http://www.w3.org/2000/svg';

export function svgElement<Tag extends keyof SVGElementTagNameMap>(tag: Tag | string, attributes: Record<string, string>): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS(SVG, tag) as SVGElementTagNameMap[Tag];
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
