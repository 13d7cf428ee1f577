/** The same labels, each but once: `lora`, `lora-2`. */
export function numberedLabels(labels: readonly string[]): string[] {
  const taken = new Set<string>();
  return labels.map((wanted) => {
    let label = wanted;
    for (let number = 2; taken.has(label); number += 1) label = `${wanted}-${number}`;
    taken.add(label);
    return label;
  });
}
