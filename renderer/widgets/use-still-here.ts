/** For views that write their address a moment late: what comes too late must not bring back a view that was left. */
import { useRouter } from "@tanstack/react-router";
import { useCallback, useState } from "react";

/** Says whether the address is still of the view that asks. A view stays on screen while the next one is loaded. */
export function useStillHere(): () => boolean {
  const { history } = useRouter();
  const [own] = useState(history.location.pathname);
  return useCallback(() => history.location.pathname === own, [history, own]);
}
