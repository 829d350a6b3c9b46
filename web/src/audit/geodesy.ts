/** Degrees and metres around one place: exact enough for the few kilometres that a phone shows. */

export interface LatLng {
  lat: number;
  lng: number;
}

/** Metres on a plane that touches the earth at a place: east and north of it. */
export interface Offset {
  east: number;
  north: number;
}

/** Mean radius of the earth in metres (IUGG). */
const EARTH_M = 6_371_008.8;
const DEGREE_M = (Math.PI / 180) * EARTH_M;

export function offset(from: LatLng, to: LatLng): Offset {
  const turn = ((to.lng - from.lng + 540) % 360) - 180;
  return { east: turn * DEGREE_M * Math.cos((from.lat * Math.PI) / 180), north: (to.lat - from.lat) * DEGREE_M };
}

export function moved(from: LatLng, { east, north }: Offset): LatLng {
  const lng = from.lng + east / (DEGREE_M * Math.cos((from.lat * Math.PI) / 180));
  return { lat: from.lat + north / DEGREE_M, lng: ((lng + 540) % 360) - 180 };
}

/** "3 km", "80 m". */
export function distanceText(metres: number, number: (value: number) => string): string {
  return metres >= 1000 ? `${number(metres / 1000)} km` : `${number(Math.round(metres))} m`;
}
