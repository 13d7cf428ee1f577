/** The application's menu. Views have their own keys inside the page. */
import { app, Menu, type MenuItemConstructorOptions } from "electron";

export interface MenuActions {
  /** Goes to an address inside the app. */
  navigate(address: string): void;
  print(): void;
  restartEngine(): void;
}

export function setMenu(actions: MenuActions): void {
  const mac = process.platform === "darwin";
  const template: MenuItemConstructorOptions[] = [
    ...(mac ? [{ role: "appMenu" } as const] : []),
    { label: "File", submenu: fileItems(actions, mac) },
    { role: "editMenu" },
    { label: "View", submenu: viewItems(actions) },
    { role: "windowMenu" },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}

function fileItems({ navigate, print }: MenuActions, mac: boolean): MenuItemConstructorOptions[] {
  return [
    { label: "Library", accelerator: "CmdOrCtrl+O", click: () => navigate("/library") },
    { label: "Settings", accelerator: "CmdOrCtrl+,", click: () => navigate("/settings/general") },
    { type: "separator" },
    { label: "Print or save as PDF…", accelerator: "CmdOrCtrl+P", click: print },
    { type: "separator" },
    { role: mac ? "close" : "quit" },
  ];
}

function viewItems({ restartEngine }: MenuActions): MenuItemConstructorOptions[] {
  return [
    { role: "resetZoom" },
    { role: "zoomIn" },
    { role: "zoomOut" },
    { role: "togglefullscreen" },
    { type: "separator" },
    { role: "reload" },
    { label: "Restart the engine", click: restartEngine },
    ...(app.isPackaged ? [] : [{ role: "toggleDevTools" } as const]),
  ];
}
