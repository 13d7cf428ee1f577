/** A button that shows only an icon; its label is its name and its tooltip. */
import { ActionIcon } from "@mantine/core";
import type { ComponentProps, ReactNode } from "react";

export interface IconButtonProps
  extends Pick<ComponentProps<"button">, "onClick" | "disabled" | "aria-pressed" | "aria-expanded"> {
  label: string;
  children: ReactNode;
  variant?: "subtle" | "default";
  size?: number;
}

export function IconButton({ label, children, variant = "subtle", size = 28, ...rest }: IconButtonProps) {
  return (
    <ActionIcon variant={variant} size={size} aria-label={label} title={label} {...rest}>
      {children}
    </ActionIcon>
  );
}
