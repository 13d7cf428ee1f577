/** What the cache weighs; clearing shows at once and happens when it can no longer be taken back. */
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { formatBytes } from "../../../src/contract/format.ts";
import { useEngine } from "../../client/engine.ts";
import { cacheQuery } from "../../client/queries.ts";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { offerUndo } from "../../widgets/undo.ts";
import { Row } from "./row.tsx";

export function CacheRow() {
  const engine = useEngine();
  const queries = useQueryClient();
  const query = cacheQuery(engine);
  const { data } = useQuery(query);
  const [offered, setOffered] = useState(false);
  const clear = useMutation({
    mutationFn: () => engine.workspace.clearCache(),
    onSuccess: (answer) => queries.setQueryData(query.queryKey, answer),
    onSettled: () => setOffered(false),
  });
  const offer = () => {
    setOffered(true);
    offerUndo(
      `Cleared ${formatBytes(data?.bytes)} of cache. Results stay.`,
      () => setOffered(false),
      () => clear.mutate(),
    );
  };
  return (
    <Row name="Cache" note="Merged copies and other files that are made again when they are needed.">
      <span data-testid="cache-bytes">{formatBytes(offered ? 0 : data?.bytes)}</span>
      <Button size="xs" disabled={offered || !data?.bytes} onClick={offer}>
        Clear the cache
      </Button>
      {clear.error && <ErrorCard error={toErrorDocument(clear.error)} />}
    </Row>
  );
}
