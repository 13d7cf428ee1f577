/** Which columns the table shows. */
import { Button, Checkbox, Popover } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { type Column, columns } from "../model/table-rows.ts";
import { listText } from "../search.ts";
import styles from "./columns-menu.module.css";

interface ColumnsMenuProps {
  /** Columns whose state differs from the start. */
  hidden: readonly string[];
  shown: readonly Column[];
  onChange: (changed: string | undefined) => void;
}

export function ColumnsMenu({ hidden: changed, shown, onChange }: ColumnsMenuProps) {
  const toggle = (id: string) =>
    onChange(listText(changed.includes(id) ? changed.filter((other) => other !== id) : [...changed, id]));
  return (
    <Popover position="bottom-end" trapFocus>
      <Popover.Target>
        <Button size="xs" rightSection={<IconChevronDown size={12} stroke={1.4} aria-hidden="true" />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={styles.columns}>
          {columns.map((column) => (
            <Checkbox
              key={column.id}
              label={column.label}
              checked={shown.includes(column)}
              disabled={shown.length === 1 && shown.includes(column)}
              onChange={() => toggle(column.id)}
            />
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
