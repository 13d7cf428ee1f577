/** Addresses that come from outside the page: deep links and the desktop's menu. */
import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { desktopBridge } from "../host/bridge.ts";

export function useHostAddresses(): void {
  const router = useRouter();
  useEffect(() => desktopBridge()?.onNavigate((address) => router.history.push(address)), [router]);
}
