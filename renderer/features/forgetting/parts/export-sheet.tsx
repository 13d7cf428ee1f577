/** Writes the swept run at the λ that stands out. */
import { ExportEditSheet } from "../../../sheets/export-edit-sheet.tsx";
import type { ForgettingModel } from "../use-forgetting.ts";

export function ExportSheet({ model }: { model: ForgettingModel }) {
  const { search, swept, lambda, question, change } = model;
  if (!swept?.run || !question || lambda === undefined) return null;
  const { which, k, epsilon } = question;
  return (
    <ExportEditSheet
      opened={search.sheet === "export"}
      onClose={() => change({ sheet: undefined }, true)}
      run={swept.run}
      intervention={{ arm: "scale", lambda, which, k, epsilon }}
    />
  );
}
