/** Devices as configurations name them: one, or several that share each step. */

/** More processes than cards or cores that one computer has are a slip of the finger. */
const mostProcesses = 64;

/** Whether a configuration may name it. */
export function isDeviceName(device: string): boolean {
  if (["auto", "cpu", "mps"].includes(device)) return true;
  const devices = devicesIn(device);
  const isKnown = /^cuda:\d{1,3}(,\d{1,3})*$/.test(device) || /^cpu:[1-9]\d?$/.test(device);
  const isPlain = device.startsWith("cpu") || new Set(devices).size === devices.length;
  return isKnown && isPlain && devices.length <= mostProcesses;
}

/** One for each process: `cuda:0,1` is cuda:0 and cuda:1, `cpu:2` the processor twice. */
export function devicesIn(device: string): string[] {
  const cards = /^cuda:(\d{1,3}(?:,\d{1,3})*)$/.exec(device)?.[1];
  if (cards !== undefined) return cards.split(",").map((card) => `cuda:${Number(card)}`);
  const count = Number(/^cpu:([1-9]\d?)$/.exec(device)?.[1] ?? 1);
  return Array.from({ length: count }, () => (device.startsWith("cpu:") ? "cpu" : device));
}
