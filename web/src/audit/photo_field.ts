/** Photos of a spot, where the city takes them. */

import { button, element, paragraph } from '../dom';
import type { Audit, Photo } from './model';
import { addPhoto, NoPicture, photosOf, removePhoto } from './photos';
import type { Words } from './words';

/** The field; what goes wrong beyond a bad file is told to `onError`. */
export function photoField(words: Words, audit: Audit, onError: (error: unknown) => void): HTMLElement {
  const shown = element('div', { properties: { className: 'photos' } });
  const trouble = element('p', { attributes: { role: 'alert' } });
  const input = element('input', {
    properties: { type: 'file', name: 'photo', accept: 'image/*' }, attributes: { capture: 'environment' },
  });
  input.onchange = () => {
    trouble.textContent = '';
    const [file] = input.files ?? [];
    if (file) void addPhoto(audit, file).then((photo) => show(photo), fail);
    input.value = '';
  };
  const show = (photo: Photo): void => shown.append(thumbnail(words, photo));
  const fail = (error: unknown): void => {
    if (error instanceof NoPicture) trouble.textContent = words.say('photo_unreadable');
    else onError(error);
  };
  void photosOf(audit.id).then((photos) => photos.forEach(show));
  return element('div', { properties: { className: 'field photo' } },
    element('label', { properties: { className: 'field' } }, element('span', {}, words.say('photo')), input),
    paragraph(words.say('photo_hint'), 'quiet'), trouble, shown);
}

function thumbnail(words: Words, photo: Photo): HTMLElement {
  const address = URL.createObjectURL(new Blob([photo.bytes], { type: 'image/jpeg' }));
  const image = element('img', { properties: { src: address, alt: '', onload: () => URL.revokeObjectURL(address) } });
  const made = element('figure', {}, image,
    button(words.say('photo_remove'), () => void removePhoto(photo).then(() => made.remove())));
  return made;
}
