import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import type { EngineEvent } from "../../contract/domain/job.ts";
import { createEventHub, type Greeting } from "./event-hub.ts";

const hello: EngineEvent = { type: "hello", jobs: [] };
const news: EngineEvent = { type: "runs-changed" };
const library: EngineEvent = { type: "library", items: [] };
const greet: Greeting = async (missed) => (missed ? [hello, library] : [hello]);

async function next(stream: AsyncGenerator<EngineEvent, void>): Promise<string | undefined> {
  return (await stream.next()).value?.type;
}

test("every listener hears the greeting, then everything since, in order", async () => {
  const hub = createEventHub();
  const [one, other] = [hub.listen(greet), hub.listen(greet)];
  expect([await next(one), await next(other)]).toEqual(["hello", "hello"]);
  hub.publish(news);
  hub.publish(library);
  expect([await next(one), await next(one)]).toEqual(["runs-changed", "library"]);
  expect([await next(other), await next(other)]).toEqual(["runs-changed", "library"]);
});

test("a listener that waits is woken", async () => {
  const hub = createEventHub();
  const stream = hub.listen(greet);
  await next(stream);
  const waiting = next(stream);
  await setImmediate();
  hub.publish(news);
  expect(await waiting).toBe("runs-changed");
});

test("a slow listener loses its events, is greeted anew, and goes on; others are not held up", async () => {
  const hub = createEventHub(3);
  const [slow, quick] = [hub.listen(greet), hub.listen(greet)];
  await next(slow);
  await next(quick);
  for (let count = 0; count < 10; count += 1) {
    hub.publish(news);
    expect(await next(quick)).toBe("runs-changed");
  }
  expect([await next(slow), await next(slow)]).toEqual(["hello", "library"]);
  hub.publish(news);
  expect(await next(slow)).toBe("runs-changed");
});

test("what happens while the greeting is made comes after it", async () => {
  const hub = createEventHub();
  const stream = hub.listen(async () => {
    hub.publish(news);
    return [hello];
  });
  expect([await next(stream), await next(stream)]).toEqual(["hello", "runs-changed"]);
});

test("a signal, a caller that leaves and the hub's end finish the stream", async () => {
  const hub = createEventHub();
  const stop = new AbortController();
  const [aborted, left, closed] = [hub.listen(greet, stop.signal), hub.listen(greet), hub.listen(greet)];
  for (const stream of [aborted, left, closed]) await next(stream);
  const waiting = [next(aborted), next(closed)];
  stop.abort();
  await left.return();
  hub.close();
  expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
  expect(await next(left)).toBeUndefined();
  expect(await next(hub.listen(greet, AbortSignal.abort()))).toBeUndefined();
});
