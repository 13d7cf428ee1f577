// Where Chromium is on this machine.
import { existsSync } from "node:fs";

const places = [
  process.env.DELTASCOPE_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

export const howToInstall =
  "install Chromium (`apt-get install chromium`) or name it in the variable DELTASCOPE_CHROMIUM.";

/** @returns {string | undefined} */
export function findChromium() {
  return places.find((place) => place !== undefined && existsSync(place));
}
