/** What time it is, also where the phone's clock is wrong. */

/** Below it the server's answer may simply have been slow. */
const TOLERATED_MS = 120_000;

let aheadMs = 0;

/** Take in the time that an answer of the server carries. */
export function hearServer(date: string | null): void {
  const server = Date.parse(date ?? '');
  if (Number.isFinite(server)) aheadMs = Date.now() - server;
}

/** Whether the server's time is known to be another than the phone's. */
export const isClockWrong = (): boolean => Math.abs(aheadMs) > TOLERATED_MS;

/** The moment, by the server's clock where the phone's is known to be wrong: RFC 3339 with the phone's offset. */
export function now(): string {
  const wall = new Date(Date.now() - (isClockWrong() ? aheadMs : 0));
  const offsetMin = -wall.getTimezoneOffset();
  const local = new Date(wall.getTime() + offsetMin * 60_000).toISOString().slice(0, 19);
  const two = (value: number): string => String(Math.trunc(Math.abs(value))).padStart(2, '0');
  return `${local}${offsetMin < 0 ? '-' : '+'}${two(offsetMin / 60)}:${two(offsetMin % 60)}`;
}
