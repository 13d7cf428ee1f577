/** Buttons that take each other's place: whoever pressed one by keyboard stands on the one that came in its place. */
import { type ReactNode, useEffect, useRef } from "react";

interface KeptFocusProps {
  /** What the buttons depend on. */
  state: string;
  children: ReactNode;
}

export function KeptFocus({ state, children }: KeptFocusProps) {
  const box = useRef<HTMLDivElement>(null);
  const pressed = useRef(false);
  useEffect(() => {
    if (!pressed.current || document.activeElement !== document.body) return;
    box.current?.querySelector<HTMLElement>("button:not(:disabled)")?.focus();
    pressed.current = false;
  }, [state]);
  return (
    <div
      ref={box}
      style={{ display: "contents" }}
      onClickCapture={() => {
        pressed.current = true;
      }}
    >
      {children}
    </div>
  );
}
