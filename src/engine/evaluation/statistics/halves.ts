/** Two halves of a task's items: one may choose (a best λ), the other reports, so that luck is not counted twice. */

export type Half = "choosing" | "reporting";

/** By a hash of the item's place and task, or of its group: stable whatever else is asked. */
export function halfOf(task: string, item: { index: number; group: string | undefined }): Half {
  const name = item.group === undefined ? `item ${item.index}` : `group ${item.group}`;
  return hashOf(`${task}\n${name}`) % 2 === 0 ? "choosing" : "reporting";
}

/** FNV-1a with the finish of MurmurHash3, which makes every bit depend on the whole text. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
