/** Photos, drawn anew on the phone: small, and without what the camera wrote into them. */

import { all, put, remove } from './database';
import type { Audit, Photo } from './model';

const LARGEST_BYTES = 200_000;
const LONGEST_SIDE_PX = 1280;
const SMALLEST_SIDE_PX = 320;
const QUALITIES = [0.8, 0.65, 0.5, 0.35];

/** The file is no picture that this browser can read. */
export class NoPicture extends Error {}

/** Keep a photo for an audit. Raises NoPicture or StorageFull. */
export async function addPhoto({ id, person, city }: Audit, file: Blob): Promise<Photo> {
  const bytes = await (await reduced(file)).arrayBuffer();
  const photo = { audit: id, person, city, sha256: hex(await crypto.subtle.digest('SHA-256', bytes)), bytes };
  await put('photos', photo);
  return photo;
}

export async function photosOf(audit: string): Promise<Photo[]> {
  return (await all('photos')).filter((photo) => photo.audit === audit);
}

export async function removePhoto({ audit, sha256 }: Photo): Promise<void> {
  await remove('photos', [audit, sha256]);
}

/** A JPEG of at most LARGEST_BYTES: first coarser, then smaller. */
async function reduced(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file).catch((cause: unknown) => {
    throw new NoPicture(file.type, { cause });
  });
  for (let side = LONGEST_SIDE_PX; side >= SMALLEST_SIDE_PX; side /= 2) {
    const canvas = drawn(picture, side);
    for (const quality of QUALITIES) {
      const jpeg = await new Promise<Blob | null>((resolve) => { canvas.toBlob(resolve, 'image/jpeg', quality); });
      if (jpeg && jpeg.size <= LARGEST_BYTES) return jpeg;
    }
  }
  throw new NoPicture('it cannot be made small enough');
}

function drawn(picture: ImageBitmap, side: number): HTMLCanvasElement {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function hex(buffer: ArrayBuffer): string {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
