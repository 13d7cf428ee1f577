/** Ports that end with their engine and are followed by others. */
import { expect, onTestFinished, test } from "vitest";
import { connectByPort } from "./port.ts";

/** A port whose far end answers each call with its path and `name`, but leaves those to `/stay` open. */
function engineCalled(name: string, stays: () => void = () => undefined): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = ({ data }) => {
    const { i, p } = JSON.parse(data);
    if (p.u === "/stay") stays();
    else port2.postMessage(JSON.stringify({ i, p: { b: { json: `${name} ${p.u}` } } }));
  };
  onTestFinished(() => port2.close());
  return port1;
}

function desktop() {
  let deliver: (port: MessagePort) => void = () => undefined;
  let lose: () => void = () => undefined;
  const { engine, connection } = connectByPort((delivered, lost) => {
    deliver = delivered;
    lose = lost;
  });
  const ask = engine as unknown as Record<string, () => Promise<unknown>>;
  return { ask, connection, deliver: (port: MessagePort) => deliver(port), lose: () => lose() };
}

test("calls made before the first port comes wait for it", async () => {
  const { ask, connection, deliver } = desktop();
  const answer = ask.list?.();
  expect(connection.getSnapshot().phase).toBe("starting");
  deliver(engineCalled("first"));
  expect(await answer).toBe("first /list");
});

test("when the engine is lost, calls under way fail, later ones wait for the next engine", async () => {
  const { ask, connection, deliver, lose } = desktop();
  const { promise: arrived, resolve: stays } = Promise.withResolvers<void>();
  deliver(engineCalled("first", stays));
  await ask.list?.();
  const underWay = expect(ask.stay?.()).rejects.toThrow();
  await arrived;
  lose();
  await underWay;
  expect(connection.getSnapshot()).toEqual({ phase: "gone", resumptions: 0 });
  const waiting = ask.list?.();
  deliver(engineCalled("second"));
  expect(await waiting).toBe("second /list");
  expect(connection.getSnapshot()).toEqual({ phase: "connected", resumptions: 1 });
});

test("a port that comes without word of a loss replaces the one before", async () => {
  const { ask, deliver } = desktop();
  const { promise: arrived, resolve: stays } = Promise.withResolvers<void>();
  deliver(engineCalled("first", stays));
  await ask.list?.();
  const underWay = expect(ask.stay?.()).rejects.toThrow();
  await arrived;
  deliver(engineCalled("second"));
  await underWay;
  expect(await ask.list?.()).toBe("second /list");
});
