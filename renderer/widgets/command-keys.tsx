/** The keys of commands as caps, as the user set them. */
import { type KeyCommandId, keyOfCommand } from "../../src/contract/domain/key-commands.ts";
import { Kbd } from "./kbd.tsx";
import { useCommandKeys } from "./key-commands.ts";

export function CommandKeys({ of }: { of: readonly KeyCommandId[] }) {
  const given = useCommandKeys();
  return <Kbd keys={of.map((command) => keyOfCommand(given, command))} />;
}
