/** Which of the pinned sets of packages belongs to this machine. */

/** Name of a file beside the trainer. */
export function requirementsFile(
  { nvidia }: { nvidia: boolean },
  platform: NodeJS.Platform = process.platform,
): string {
  if (platform === "darwin") return "requirements-macos.txt";
  if (platform === "win32") return "requirements-windows.txt";
  return nvidia ? "requirements-linux-cuda.txt" : "requirements-linux-cpu.txt";
}

/** Bytes on disk: torch for Linux brings NVIDIA's libraries along, on other systems it does not. */
export function installedBytes(platform: NodeJS.Platform = process.platform): number {
  return platform === "linux" ? 6.2e9 : 1.5e9;
}
