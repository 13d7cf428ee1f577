/** One line that offers the demo, until it is opened or put away. */
import { Button } from "@mantine/core";
import { IconPlayerPlay, IconX } from "@tabler/icons-react";
import { IconButton } from "../../../widgets/icon-button.tsx";
import styles from "./open-places.module.css";

export interface DemoStripProps {
  opening: boolean;
  onOpen: () => void;
  onDismiss: () => void;
}

export function DemoStrip({ opening, onOpen, onDismiss }: DemoStripProps) {
  return (
    <div className={styles.demo} data-testid="demo-offer">
      <IconPlayerPlay size={16} stroke={1.4} aria-hidden="true" />
      <span className={styles.demoText}>
        <b>New here?</b> The demo has a small model, full fine-tunes and LoRA runs of it, small enough to analyse in
        seconds.
      </span>
      <Button size="xs" variant="default" loading={opening} onClick={onOpen}>
        Open demo
      </Button>
      <IconButton label="Put the offer of the demo away" size={24} onClick={onDismiss}>
        <IconX size={14} stroke={1.4} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
