/** The way from the page to the files behind it, and to QGIS. */

import { type City, FORMATS, type Format, layerAddress } from '../api';
import { element, link, paragraph } from '../dom';
import { getFile } from '../published';
import { around, say, type Word } from '../words';

/** What may be downloaded, in this order; each is called `layer_` and its name. */
const LAYERS = [
  'cells', 'cells-day', 'cells-night', 'hotspots', 'hotspots-night', 'zones', 'interventions', 'city', 'cells-now',
  'hotspots-now', 'zones-now', 'cells-reference', 'cells-history', 'gaps', 'dark-spots', 'incident-clusters',
] as const;

/** Download links of every layer in `published`; with a planner's key the page fetches them, as links carry no key. */
export function downloads({ slug }: City, published: ReadonlySet<string>, withKey: boolean): HTMLDetailsElement {
  const layers = LAYERS.filter((layer) => published.has(layer));
  return element('details', { properties: { className: 'downloads' } },
    element('summary', {}, element('span', { properties: { className: 'title' } }, say('download'))),
    paragraph(say('download_about')),
    element('dl', {}, ...layers.flatMap((layer) => [
      element('dt', {}, say(labelOf(layer))),
      element('dd', {}, ...FORMATS.map((format) => file(slug, layer, format, withKey))),
    ])),
    element('p', {}, link(say('for_programs'), '/api/docs')));
}

const labelOf = (layer: (typeof LAYERS)[number]): Word => `layer_${layer.replaceAll('-', '_')}` as Word;

function file(slug: string, layer: (typeof LAYERS)[number], format: Format, withKey: boolean): HTMLAnchorElement {
  const made = link(`.${format}`, layerAddress(slug, layer, format));
  made.setAttribute('aria-label', say('download_as', { layer: say(labelOf(layer)), ending: `.${format}` }));
  made.download = `${slug}-${layer}.${format}`;
  if (withKey) {
    made.addEventListener('click', (event) => {
      event.preventDefault();
      void save(slug, layerAddress(slug, layer, format), made.download);
    });
  }
  return made;
}

/** Save a file that needs a key under a name. Raises Unreachable or Refused. */
export async function save(slug: string, address: string, name: string): Promise<void> {
  const content = URL.createObjectURL(await getFile(slug, address));
  const made = link('', content);
  made.download = name;
  made.click();
  setTimeout(() => URL.revokeObjectURL(content), 60_000);
}

/** How to see the layers live in QGIS. */
export function openInQgis({ slug }: City): HTMLDetailsElement {
  const address = `${location.origin}/ogc/${encodeURIComponent(slug)}`;
  const [before, after] = around('qgis_address', 'address');
  return element('details', { properties: { className: 'qgis' } },
    element('summary', {}, element('span', { properties: { className: 'title' } }, say('open_in_qgis'))),
    element('ol', {},
      element('li', {}, say('qgis_add')),
      element('li', {}, before, element('code', { properties: { dir: 'ltr' } }, address), after),
      element('li', {}, say('qgis_key'))),
    element('p', {}, link(say('qgis_what'), `${address}?f=html`)));
}
