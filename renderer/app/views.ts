/** The views of the navigation, in the order of their digits. */
import {
  IconAdjustmentsHorizontal,
  IconChartLine,
  IconChartPpf,
  IconLayoutColumns,
  IconServer2,
  IconShieldCheck,
  IconZoomIn,
  type TablerIcon,
} from "@tabler/icons-react";

export interface ViewEntry {
  path: "/library" | "/compare" | "/inspector" | "/spectra" | "/forgetting" | "/training" | "/theory";
  name: string;
  icon: TablerIcon;
}

export const views: readonly ViewEntry[] = [
  { path: "/library", name: "Library", icon: IconServer2 },
  { path: "/compare", name: "Compare", icon: IconLayoutColumns },
  { path: "/inspector", name: "Inspector", icon: IconZoomIn },
  { path: "/spectra", name: "Spectra & rank", icon: IconChartPpf },
  { path: "/forgetting", name: "Forgetting", icon: IconShieldCheck },
  { path: "/training", name: "Fine-tune", icon: IconAdjustmentsHorizontal },
  { path: "/theory", name: "Theory lab", icon: IconChartLine },
];
