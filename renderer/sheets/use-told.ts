/** Tells a sheet that a dialog stands over it, so that Escape closes the upper one only. */
import { useEffect } from "react";

/** The end is told a turn late: the Escape that closed the dialog reaches the sheet after it. */
export function useTold(open: boolean, tell: (open: boolean) => void): void {
  useEffect(() => {
    if (open) {
      tell(true);
      return undefined;
    }
    const timer = setTimeout(() => tell(false));
    return () => clearTimeout(timer);
  }, [open, tell]);
}
