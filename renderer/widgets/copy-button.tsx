/** Puts a text on the clipboard and says so. */
import { Button } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { announce } from "./announce.ts";

export interface CopyButtonProps {
  /** The text, or what makes it when it is wanted. */
  text: string | (() => string | Promise<string>);
  /** "Copy link" */
  label: string;
  /** Only the icon is shown; the label stays its name. */
  iconOnly?: boolean;
  variant?: "default" | "subtle" | "transparent";
}

/** How long "copied" is shown, in milliseconds. */
const shownFor = 1500;

export function CopyButton({ text, label, iconOnly = false, variant = "subtle" }: CopyButtonProps) {
  const [state, setState] = useState<"ready" | "copied" | "refused">("ready");
  useEffect(() => {
    if (state === "ready") return undefined;
    const timer = setTimeout(() => setState("ready"), shownFor);
    return () => clearTimeout(timer);
  }, [state]);
  async function copy() {
    const copied = await copyText(typeof text === "string" ? text : await text());
    setState(copied ? "copied" : "refused");
    announce(copied ? "Copied." : "The browser refused the clipboard.");
  }
  const words = { ready: label, copied: "Copied", refused: "Not copied" }[state];
  const Icon = state === "copied" ? IconCheck : IconCopy;
  return (
    <Button variant={variant} size="xs" onClick={copy} aria-label={label} title={iconOnly ? words : undefined}>
      <Icon size={14} stroke={1.4} aria-hidden="true" />
      {!iconOnly && <span style={{ marginLeft: 6 }}>{words}</span>}
    </Button>
  );
}

/** Copies where the page may; false when the browser refuses. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** Plain http pages have no clipboard interface; the old way still works there. */
function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  const copied = document.execCommand?.("copy") ?? false;
  area.remove();
  return copied;
}
