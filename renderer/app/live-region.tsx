/** Speaks to screen readers: finished runs, new findings, errors; at most one sentence each five seconds. */
import { useEffect, useState } from "react";
import { onAnnounce } from "../widgets/announce.ts";

/** Milliseconds between two sentences. */
const pause = 5000;
/** More than this is old news when its turn comes. */
const mostWaiting = 4;

export function LiveRegion() {
  const [sentence, setSentence] = useState("");
  useEffect(() => speaker(setSentence), []);
  return (
    <output className="visually-hidden" aria-live="polite">
      {sentence}
    </output>
  );
}

/** Hands sentences on one by one. Returns what stops it. */
export function speaker(speak: (sentence: string) => void): () => void {
  let waiting: string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  function next(): void {
    const sentence = waiting.shift();
    timer = sentence === undefined ? undefined : setTimeout(next, pause);
    if (sentence !== undefined) speak(sentence);
  }
  const stop = onAnnounce((sentence) => {
    waiting = [...waiting.filter((other) => other !== sentence), sentence].slice(-mostWaiting);
    if (timer === undefined) next();
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}
