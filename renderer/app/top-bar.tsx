/** Brand, workspace, search, jobs, help, theme. */
import { Menu, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconFolder, IconHelp, IconMoon, IconSearch, IconSun } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useConfigure } from "../client/configure.ts";
import { useEngine } from "../client/engine.ts";
import { workspaceQuery } from "../client/queries.ts";
import { useHost } from "../host/host.ts";
import { copyText } from "../widgets/copy-button.tsx";
import { FileText } from "../widgets/file-text.tsx";
import { IconButton } from "../widgets/icon-button.tsx";
import { Kbd } from "../widgets/kbd.tsx";
import { useTheme } from "./appearance.ts";
import { JobsPill } from "./jobs-pill.tsx";
import { openLayer } from "./layers.ts";
import { Logo } from "./logo.tsx";
import styles from "./top-bar.module.css";

export function TopBar() {
  return (
    <header className={styles.bar}>
      <span className={styles.brand}>
        <Logo />
        <b>DeltaScope</b>
      </span>
      <WorkspaceMenu />
      <button type="button" className={styles.search} onClick={() => openLayer("palette")}>
        <IconSearch size={14} stroke={1.4} aria-hidden="true" />
        <span className={styles.searchText}>Find a module, run or command</span>
        <Kbd keys="Ctrl K" />
      </button>
      <JobsPill />
      <IconButton label="Keys and glossary" onClick={() => openLayer("help")}>
        <IconHelp size={16} stroke={1.4} aria-hidden="true" />
      </IconButton>
      <ThemeButton />
    </header>
  );
}

function WorkspaceMenu() {
  const engine = useEngine();
  const host = useHost();
  const { data } = useQuery(workspaceQuery(engine));
  if (!data) return <span className={styles.workspace} />;
  return (
    <Menu position="bottom-start" width={280}>
      <Menu.Target>
        <UnstyledButton className={styles.workspace} aria-label={`Workspace ${data.name}`}>
          <IconFolder size={14} stroke={1.4} aria-hidden="true" />
          <span className={styles.workspaceName}>
            <FileText text={data.name} limit={32} />
          </span>
          <IconChevronDown size={12} stroke={1.4} aria-hidden="true" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <FileText text={data.folder} mono />
        </Menu.Label>
        <Menu.Item onClick={() => void copyText(data.folder)}>Copy path</Menu.Item>
        {host.reveal && <Menu.Item onClick={() => host.reveal?.(data.folder)}>Show in file manager</Menu.Item>}
        <Menu.Item
          renderRoot={(props) => <Link to="/settings/$section" params={{ section: "workspace" }} {...props} />}
        >
          Workspace settings
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function ThemeButton() {
  const theme = useTheme();
  const configure = useConfigure();
  const other = theme === "dark" ? "light" : "dark";
  const Icon = theme === "dark" ? IconSun : IconMoon;
  return (
    <IconButton label={`Switch to the ${other} theme`} onClick={() => configure({ theme: other })}>
      <Icon size={16} stroke={1.4} aria-hidden="true" />
    </IconButton>
  );
}
