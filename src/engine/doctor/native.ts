/** The native addon and the code path it takes on this processor. */
import type { DoctorLine } from "../../contract/api.ts";
import { toDeltaScopeError } from "../../contract/errors.ts";
import { addon } from "../linalg/addon.ts";

export function checkAddon(): DoctorLine[] {
  const check = "Native addon";
  try {
    const { architecture, features, threads } = addon().cpu();
    const path = features.length > 0 ? features.join(" ") : "no vector extensions";
    return [{ check, status: "ok", detail: `${architecture}, ${path}, ${threads} threads` }];
  } catch (thrown) {
    const { message, tip } = toDeltaScopeError(thrown).toDocument();
    return [{ check, status: "missing", detail: message, remedy: tip }];
  }
}
