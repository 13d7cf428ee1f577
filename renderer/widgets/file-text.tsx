/** Text that came out of a file: always plain, visible, and cut; the whole stands in the tooltip. */
import { shownCharacters, shownText } from "./visible-text.ts";

export interface FileTextProps {
  text: string;
  limit?: number;
  mono?: boolean;
}

export function FileText({ text, limit = shownCharacters, mono = false }: FileTextProps) {
  const { shown, whole } = shownText(text, limit);
  return (
    <bdi className={mono ? "mono" : undefined} title={whole}>
      {shown}
    </bdi>
  );
}
