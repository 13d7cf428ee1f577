/** DuckDB: its library is opened in memory, so the workspace stays untouched. */
import type { DoctorLine } from "../../contract/api.ts";
import { thrownMessage } from "../../contract/errors.ts";

export async function checkStore(): Promise<DoctorLine[]> {
  const check = "Database";
  try {
    const { DuckDBInstance, version } = await import("@duckdb/node-api");
    const instance = await DuckDBInstance.create(":memory:");
    instance.closeSync();
    return [{ check, status: "ok", detail: `DuckDB ${version()}` }];
  } catch (thrown) {
    const reason = thrownMessage(thrown);
    const remedy = "Run `npm install` again on this machine; the library differs between systems.";
    return [{ check, status: "missing", detail: `DuckDB cannot be loaded: ${reason}`, remedy }];
  }
}
