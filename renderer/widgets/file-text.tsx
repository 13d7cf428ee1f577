/** Text that came out of a file: always plain, visible, and cut; the whole stands in the tooltip. */
import { shortText } from "../../src/contract/text.ts";

export interface FileTextProps {
  text: string;
  /** Characters shown. */
  limit?: number;
  mono?: boolean;
}

/** Longer tooltips would cover the screen. */
const tooltipCharacters = 2000;
/** No more of a hostile text than this is looked at. */
const readCharacters = 5000;

export function FileText({ text, limit, mono = false }: FileTextProps) {
  const head = text.slice(0, readCharacters);
  const shown = shortText(head, limit);
  const whole = shortText(head, tooltipCharacters);
  return (
    <bdi className={mono ? "mono" : undefined} title={shown === whole ? undefined : whole}>
      {shown}
    </bdi>
  );
}
