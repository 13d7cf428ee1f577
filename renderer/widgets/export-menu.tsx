/** "Export": groups of things to take away. */
import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconUpload } from "@tabler/icons-react";
import { Fragment, useState } from "react";
import type { ErrorDocument } from "../../src/contract/errors.ts";
import { announce } from "./announce.ts";
import { toErrorDocument } from "./error-document.ts";

export interface ExportItem {
  label: string;
  detail?: string;
  disabled?: boolean;
  onSelect: () => unknown;
}

export interface ExportGroup {
  label: string;
  items: readonly ExportItem[];
}

export interface ExportMenuProps {
  /** Asked whenever the menu opens: charts come and go without their view. */
  groups: () => readonly ExportGroup[];
  /** Told when an export fails. */
  onError?: (error: ErrorDocument) => void;
}

export function ExportMenu({ groups, onError }: ExportMenuProps) {
  async function select(item: ExportItem) {
    try {
      await item.onSelect();
    } catch (thrown) {
      const error = toErrorDocument(thrown);
      announce(`Export failed: ${error.message}`);
      onError?.(error);
    }
  }
  const [shown, setShown] = useState<readonly ExportGroup[]>([]);
  return (
    <Menu position="bottom-end" width={240} onOpen={() => setShown(groups())}>
      <Menu.Target>
        <Button
          variant="default"
          data-export-menu
          leftSection={<IconUpload size={14} stroke={1.4} aria-hidden="true" />}
          rightSection={<IconChevronDown size={12} stroke={1.4} aria-hidden="true" />}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="calc(100vh - 110px)" style={{ overflowY: "auto" }}>
        {shown.map((group) => (
          <Fragment key={group.label}>
            <Menu.Label>{group.label}</Menu.Label>
            {group.items.map((item) => (
              <Menu.Item
                key={item.label}
                disabled={item.disabled}
                onClick={() => select(item)}
                rightSection={item.detail}
              >
                {item.label}
              </Menu.Item>
            ))}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
