/** Where the files that come with the program lie: native/ and demo/. */
import { sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Two folders up from here, and also from out/main, where the desktop's build puts the engine. */
const folder = fileURLToPath(new URL("../..", import.meta.url));

/** Ends with a separator. Archives of a packaged program hold what cannot be loaded from within beside themselves. */
export const programFolder = folder.replace(`app.asar${sep}`, `app.asar.unpacked${sep}`);
