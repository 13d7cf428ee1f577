/** Copies the address of what is on screen. */
import { IconCheck, IconLink } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { announce } from "./announce.ts";
import { copyText } from "./copy-button.tsx";
import { IconButton } from "./icon-button.tsx";

/** How long the tick is shown, in milliseconds. */
const shownFor = 1500;

export function CopyLink({ link }: { link: () => string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), shownFor);
    return () => clearTimeout(timer);
  }, [copied]);
  async function copy() {
    const done = await copyText(link());
    setCopied(done);
    announce(done ? "Link copied." : "The browser refused the clipboard.");
  }
  const Icon = copied ? IconCheck : IconLink;
  return (
    <IconButton label={copied ? "Link copied" : "Copy link"} onClick={copy}>
      <Icon size={16} stroke={1.4} aria-hidden="true" />
    </IconButton>
  );
}
