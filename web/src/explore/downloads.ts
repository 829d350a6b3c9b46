/** The way from the page to the files behind it, and to QGIS. */

import { type City, FORMATS, type Format, layerAddress } from '../api';
import { element, link, paragraph } from '../dom';
import { getFile } from '../published';

/** What everybody may download, in words. */
const LABELS: Record<string, string> = {
  cells: 'Places, all hours',
  'cells-day': 'Places by day',
  'cells-night': 'Places by night',
  hotspots: 'Hotspots',
  'hotspots-night': 'Hotspots by night',
  zones: 'Zones',
  interventions: 'Work and its effect',
  city: 'The city as a whole',
  'cells-now': 'Places, all audits',
  'hotspots-now': 'Hotspots, all audits',
  'zones-now': 'Zones, all audits',
  'cells-reference': 'Gi* reference',
  'cells-history': 'Places by quarter',
  gaps: 'Where to audit next',
  'dark-spots': 'Dark places',
  'incident-clusters': 'Incidents and hazards',
};

/** Download links of every layer in `published`; with a planner's key the page fetches them, as links carry no key. */
export function downloads({ slug }: City, published: ReadonlySet<string>, withKey: boolean): HTMLDetailsElement {
  const layers = Object.entries(LABELS).filter(([layer]) => published.has(layer));
  return element('details', { properties: { className: 'downloads' } },
    element('summary', {}, element('span', { properties: { className: 'title' } }, 'Download')),
    paragraph('The published layers as files. GeoPackage and FlatGeobuf open in QGIS, CSV in a spreadsheet.'),
    element('dl', {}, ...layers.flatMap(([layer, label]) => [
      element('dt', {}, label),
      element('dd', {}, ...FORMATS.map((format) => file(slug, layer, label, format, withKey))),
    ])),
    element('p', {}, link('Interface for programs', '/api/docs')));
}

function file(slug: string, layer: string, label: string, format: Format, withKey: boolean): HTMLAnchorElement {
  const made = link(`.${format}`, layerAddress(slug, layer, format));
  made.setAttribute('aria-label', `${label} as .${format}`);
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
  return element('details', { properties: { className: 'qgis' } },
    element('summary', {}, element('span', { properties: { className: 'title' } }, 'Open in QGIS')),
    element('ol', {},
      element('li', {}, 'In QGIS: Layer, Add Layer, Add WFS / OGC API Features Layer.'),
      element('li', {}, 'New connection, with this address: ', element('code', {}, address)),
      element('li', {}, 'Planners add an authentication of the kind API Header: Authorization, Bearer and their key.')),
    element('p', {}, link('What is there', `${address}?f=html`)));
}
