/** The way from the page to the files behind it. */

import { type City, FORMATS, layerAddress } from '../api';
import { element, link, paragraph } from '../dom';
import { PUBLIC_LAYERS } from './layers';

export function downloads({ slug }: City): HTMLDetailsElement {
  return element('details', { properties: { className: 'downloads' } },
    element('summary', {}, element('span', { properties: { className: 'title' } }, 'Download')),
    paragraph('The published layers as files. GeoPackage and FlatGeobuf open in QGIS, CSV in a spreadsheet.'),
    element('dl', {}, ...PUBLIC_LAYERS.flatMap(({ layer, label }) => [
      element('dt', {}, label),
      element('dd', {}, ...FORMATS.map((format) => {
        const file = link(`.${format}`, layerAddress(slug, layer, format));
        file.setAttribute('aria-label', `${label} as .${format}`);
        file.download = `${slug}-${layer}.${format}`;
        return file;
      })),
    ])),
    element('p', {}, link('Interface for programs', '/api/docs')));
}
