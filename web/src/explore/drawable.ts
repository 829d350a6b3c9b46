/** Whether a map can be drawn at all. */

let drawable: boolean | null = null;

/** Whether this browser has what the map engine needs; found out once, as without a graphics card it takes a while. */
export function canDraw(): boolean {
  if (drawable === null) {
    const context = document.createElement('canvas').getContext('webgl2');
    drawable = context !== null;
    context?.getExtension('WEBGL_lose_context')?.loseContext();
  }
  return drawable;
}
