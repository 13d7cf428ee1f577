/** F6 goes from region to region: top bar, navigation, view, dock, status bar. */

const selector = "header, nav, main, aside, [role='complementary'], [role='dialog'], footer";

/** Focuses the next (or with `step` −1 the previous) visible region; its name is spoken by the screen reader. */
export function focusNextRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>(selector)].filter(isShown);
  const inside = regions.findLastIndex((region) => region.contains(document.activeElement));
  const next = regions[(inside + step + regions.length) % regions.length];
  if (!next) return;
  if (!next.hasAttribute("tabindex")) next.tabIndex = -1;
  next.focus();
}

function isShown(element: HTMLElement): boolean {
  return element.checkVisibility?.() ?? true;
}
