/** What the desktop's preload offers its page, and the names that both must agree on. */

/** Plain functions, since the context bridge copies what goes through it. `DroppedFile` is the page's File. */
export interface DesktopBridge<DroppedFile> {
  /** Asks for folders with the system's dialog; none when the user declined. */
  openFolders(): Promise<string[]>;
  /** Where a dropped file lies; empty when it has no place on disk. */
  pathOf(file: DroppedFile): string;
  /** Asks where to, then writes. */
  save(name: string, content: ArrayBuffer): Promise<void>;
  /** Shows a file in the system's file manager. */
  reveal(path: string): void;
  print(): void;
  /** Called with addresses inside the app that come from outside: a deep link or the menu. */
  onNavigate(listener: (address: string) => void): void;
  /** Called whenever the engine has ended. Its next port comes by itself. */
  onEngineLost(listener: () => void): void;
  /** The page's listeners stand: the first port may come. */
  ready(): void;
}

/** Name of the bridge in the page's window. */
export const bridgeName = "deltascopeDesktop";
/** Content of the window message that carries a port of the engine. */
export const portMessage = "deltascope-engine-port";
/** Scheme of links that open the desktop app. */
export const linkScheme = "deltascope";
