/** Fields whose text stands in the address: typed here, and written there a moment later. */
import { useEffect, useRef, useState } from "react";
import { useStillHere } from "./use-still-here.ts";

/** Time without a key after which the text is applied, in milliseconds. */
const typingPause = 150;

/**
 * Text that follows the address, and that the address follows after a pause. The address itself changes too late to
 * hold the text of a field: letters typed meanwhile would be lost, and the cursor would jump to the end.
 * @param apply writes the text into the address
 */
export function useTypedText(stored: string, apply: (text: string) => void) {
  const [text, setText] = useState(stored);
  const applied = useRef(stored);
  const newest = useRef(apply);
  newest.current = apply;
  const isStillHere = useStillHere();
  useEffect(() => {
    if (stored === applied.current) return;
    applied.current = stored;
    setText(stored);
  }, [stored]);
  useEffect(() => {
    if (text === applied.current) return undefined;
    const timer = setTimeout(() => {
      if (!isStillHere()) return;
      applied.current = text;
      newest.current(text);
    }, typingPause);
    return () => clearTimeout(timer);
  }, [text, isStillHere]);
  return [text, setText] as const;
}
