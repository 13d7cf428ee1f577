/** Puts the focus on something that a view is about to draw. */

/** After this many milliseconds the user has gone on. */
const patience = 3000;

export function focusWhenShown(selector: string): void {
  const until = Date.now() + patience;
  function look(): void {
    const element = document.querySelector<HTMLElement>(selector);
    if (element) element.focus();
    else if (Date.now() < until) requestAnimationFrame(look);
  }
  requestAnimationFrame(look);
}
