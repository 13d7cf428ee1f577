// electron-builder calls this when an app is packed, before it is signed: what Electron can do and this app never
// needs is switched off in its program, where no environment variable brings it back.
import { join } from "node:path";
import { FuseV1Options, FuseVersion, flipFuses } from "@electron/fuses";

export const fuses = {
  version: FuseVersion.V1,
  // The engine's scoring process is the same program run as Node. Whoever can set its variable can start any program.
  [FuseV1Options.RunAsNode]: true,
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
};

export default async function afterPack({ appOutDir, electronPlatformName, packager }) {
  const name = packager.appInfo.productFilename;
  const programs = { darwin: `${name}.app/Contents/MacOS/${name}`, win32: `${name}.exe` };
  const program = programs[electronPlatformName] ?? packager.executableName;
  // On macOS the program's ad-hoc signature has to be renewed; a real one follows after packing.
  await flipFuses(join(appOutDir, program), { ...fuses, resetAdHocDarwinSignature: electronPlatformName === "darwin" });
}
