/** Pause and go on, for the head of a run and of a sweep. */
import { Button } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";

interface JobButtonProps {
  pending: boolean;
  onClick: () => void;
}

export function PauseButton({ pending, onClick }: JobButtonProps) {
  return (
    <Button
      leftSection={<IconPlayerPause size={14} stroke={1.4} aria-hidden="true" />}
      loading={pending}
      onClick={onClick}
    >
      Pause
    </Button>
  );
}

export function GoOnButton({ pending, onClick, children }: JobButtonProps & { children: string }) {
  return (
    <Button
      variant="filled"
      leftSection={<IconPlayerPlay size={14} stroke={1.4} aria-hidden="true" />}
      loading={pending}
      onClick={onClick}
    >
      {children}
    </Button>
  );
}
