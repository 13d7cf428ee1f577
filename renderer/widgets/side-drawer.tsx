/** A drawer at the right over any view, open while the address says so: `?jobs=open`. */
import { Drawer } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";

export interface SideDrawerProps {
  /** Its search parameter. */
  name: "jobs" | "report";
  title: string;
  closeLabel: string;
  width: number;
  /** Made only while it is open. */
  children: () => ReactNode;
}

/** Its head is a <header>, which outside a view would count as the page's banner. */
const attributes = { header: { role: "presentation" } };

export function SideDrawer({ name, title, closeLabel, width, children }: SideDrawerProps) {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const opened = search[name] === "open";
  const close = () =>
    navigate({ to: ".", search: (previous: object) => ({ ...previous, [name]: undefined }) } as never);
  return (
    <Drawer
      opened={opened}
      onClose={close}
      title={title}
      size={width}
      padding={0}
      attributes={attributes}
      closeButtonProps={{ "aria-label": closeLabel }}
    >
      {opened && children()}
    </Drawer>
  );
}
