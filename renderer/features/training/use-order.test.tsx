/** What is told of a moved job is what the engine did. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, onTestFinished, test } from "vitest";
import type { Job } from "../../../src/contract/domain/job.ts";
import { type EngineClient, EngineProvider } from "../../client/engine.ts";
import { onAnnounce } from "../../widgets/announce.ts";
import { useOrder } from "./use-order.ts";

const waiting = ["a", "b"].map((id) => ({ id, title: `Job ${id}`, state: "queued" }) as Job);

function orderWith(move: () => Promise<Job[]>) {
  const said: string[] = [];
  const client = { jobs: { move } } as unknown as EngineClient;
  const queries = new QueryClient();
  const around = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>
      <EngineProvider value={client}>{children}</EngineProvider>
    </QueryClientProvider>
  );
  onTestFinished(onAnnounce((sentence) => said.push(sentence)));
  return { said, ...renderHook(() => useOrder(waiting), { wrapper: around }) };
}

test("a job that moved is told with its place", async () => {
  const { said, result } = orderWith(async () => waiting.toReversed());
  result.current.step("b", -1);
  await waitFor(() => expect(said).toEqual(["Job b is number 1 of 2 waiting."]));
});

test("one that the engine did not move is no other's place, and the failure is kept to be shown", async () => {
  const { said, result } = orderWith(() => Promise.reject(new Error("gone")));
  result.current.step("b", -1);
  await waitFor(() => expect(result.current.error).toEqual(new Error("gone")));
  expect(said).toEqual([]);
});
