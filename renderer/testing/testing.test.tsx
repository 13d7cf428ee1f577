/** The tools of component tests themselves: real data, chosen answers, and a view at an address. */
import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { openDemoData } from "../../test/builders/demo-data.ts";
import { fakeClient } from "../../test/builders/fake-client.ts";
import { useEngine } from "../client/engine.ts";
import { renderView } from "./render-view.tsx";

const { client } = openDemoData();

test("the demo is there with every module measured", async () => {
  const runs = await client.runs.all();
  expect(runs.map((run) => run.letter)).toEqual(["A", "B", "C", "D", "E", "F", "G", "H"]);
  const rows = await client.runs.rows({ runs: runs.map((run) => run.id) });
  // Four layers of seven matrices each; full runs have the embedding too.
  for (const run of runs) {
    const own = rows.filter((row) => row.analysis.startsWith(run.id) && row.layer !== null);
    expect(own.map((row) => row.status)).toEqual(Array(28).fill("measured"));
  }
});

test("a fake answer stands in front of the engine, and an unknown procedure names itself", async () => {
  const fake = fakeClient({ library: { list: () => [] } }, client);
  expect(await fake.library.list()).toEqual([]);
  expect(await fake.runs.all()).toEqual(await client.runs.all());
  await expect(fakeClient({}).runs.all()).rejects.toThrow("runs.all");
});

test("a view knows its engine and its address", async () => {
  const fake = fakeClient({});
  const View = () => <p>{useEngine() === fake ? "right engine" : "wrong engine"}</p>;
  const { address } = renderView({ path: "/here", component: View, client: fake, at: "/here?q=x" });
  expect(await screen.findByText("right engine")).toBeDefined();
  expect(address()).toBe("/here?q=x");
});
