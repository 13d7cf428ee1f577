// Runs before the first paint, so that a dark page never flashes white. The app takes over in renderer/app/appearance.ts.
(() => {
  let choice = "system";
  try {
    choice = localStorage.getItem("deltascope.theme") ?? "system";
  } catch {
    // Storage may be refused; the system's theme is right then.
  }
  const dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
