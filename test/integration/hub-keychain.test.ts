/** The keychain itself, by the command line as a process: a Secret Service of its own, where this machine has one. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { hubTokenDocument } from "../../src/contract/documents.ts";
import { temporaryFolder } from "../builders/folders.ts";

const program = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const token = "hf_averysecrettokenwxyz";
const home = temporaryFolder("home");
const needed = ["dbus-run-session", "gnome-keyring-daemon"];
const missing = needed.filter((name) => spawnSync(name, ["--version"]).error !== undefined);
const reason = missing.length > 0 ? ` [skipped: ${missing.join(" and ")} missing]` : "";

const words = ["--no-warnings", program, "hub", "token"];
const line = [process.execPath, ...words].map((word) => `'${word}'`).join(" ");
const variables = { HOME: home, HF_HOME: home, HF_ENDPOINT: "https://mirror.example", HF_TOKEN: "" };

/** Each command is a process of its own; only the service's memory and files join them. */
function inSession(script: string): { code: number | null; out: string; err: string } {
  const unlock = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1";
  const env = { ...process.env, ...variables, DELTASCOPE_KEYCHAIN: "", DELTASCOPE_WORKSPACE: join(home, "workspace") };
  const all = ["dbus-run-session", "--", "sh", "-c", `${unlock}\n${script}`];
  const { status, stdout, stderr } = spawnSync(all[0] ?? "", all.slice(1), { env, encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
}

test.skipIf(missing.length > 0)(`a token outlives its process in the Secret Service, and goes${reason}`, () => {
  const script = [`printf '${token}\\n' | ${line} set --json`, `${line} status --json`, `${line} remove --json`].join(
    "\n",
  );
  const { out, err } = inSession(script);
  const documents = out.split(/^(?=\{)/m).map((text) => hubTokenDocument.parse(JSON.parse(text)));
  const kept = { token: { from: "keychain", name: "https://mirror.example", hint: "hf_…wxyz" } };
  expect(documents).toMatchObject([kept, kept, { token: null, keychain: { stored: false, problem: null } }]);
  expect(out + err).not.toContain(token);
});

test.skipIf(process.platform !== "linux")("without a service the keychain says so, and the command ends well", () => {
  const bus = `unix:path=${join(home, "none")}`;
  const env = { ...process.env, ...variables, DELTASCOPE_KEYCHAIN: "", DBUS_SESSION_BUS_ADDRESS: bus };
  const { status, stdout } = spawnSync(process.execPath, [...words, "status", "--json"], { env, encoding: "utf8" });
  expect(status).toBe(0);
  const { token: used, keychain } = hubTokenDocument.parse(JSON.parse(stdout));
  expect({ used, stored: keychain.stored }).toEqual({ used: null, stored: false });
  expect(keychain.problem).toMatch(/^The keychain of this system cannot be used: .*Secret Service/);
});
