/** One run per device: runs of this process wait in order, those of other processes say so by a lock file. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { DeviceHolder } from "../../../contract/domain/training.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../../contract/errors.ts";
import { createSemaphore, type Semaphore, type Turn } from "../../jobs/semaphore.ts";
import { lockHolder, takeLock } from "../../workspace/lock.ts";

/** How often a device that another process holds is asked for again. */
const pauseMs = 1000;

export interface Taking {
  signal: AbortSignal;
  /** For those who wait: what has the devices. */
  name?: string | undefined;
  turn?: Turn | undefined;
}

export interface DeviceLocks {
  /** Whether a run of this process has it, or waits for it. */
  inUse(device: string): boolean;
  /** Waits for all of the devices; answers what gives them back. @throws DeltaScopeError `job.cancelled` */
  take(devices: readonly string[], asked: Taking): Promise<() => void>;
  /** Who has the first of the devices that is not free; undefined where all are. */
  holder(devices: readonly string[]): DeviceHolder | undefined;
}

/** @param folder where the lock files lie: the same for every process that may use these devices */
export function createDeviceLocks(folder: string): DeviceLocks {
  const turns = new Map<string, Semaphore>();
  const users = new Map<string, number>();
  const names = new Map<string, string>();
  const fileOf = (device: string): string => join(folder, `${device.replace(/[^a-z0-9]/gi, "-")}.lock`);
  const count = (device: string, change: number): void => void users.set(device, (users.get(device) ?? 0) + change);
  const acquire = async (device: string, { signal, turn: place }: Taking): Promise<() => void> => {
    const turn = turns.get(device) ?? createSemaphore(1);
    turns.set(device, turn);
    count(device, 1);
    const leave = await turn.acquire(1, signal, place).catch((thrown: unknown) => {
      count(device, -1);
      throw thrown;
    });
    return () => {
      count(device, -1);
      leave();
    };
  };
  const takeOne = async (device: string, asked: Taking): Promise<() => void> => {
    const leave = await acquire(device, asked);
    try {
      const lock = await lockFile(fileOf(device), asked.signal);
      names.set(device, asked.name ?? "");
      return () => {
        names.delete(device);
        lock.release();
        leave();
      };
    } catch (thrown) {
      leave();
      throw thrown;
    }
  };
  const holderOf = (device: string): DeviceHolder[] => {
    const run = names.get(device);
    if (run !== undefined) return [{ device, run, process: null }];
    const other = lockHolder(fileOf(device));
    return other === undefined ? [] : [{ device, run: null, process: { pid: other.pid, host: other.host } }];
  };
  return {
    inUse: (device) => (users.get(device) ?? 0) > 0,
    async take(devices, asked) {
      const taken: (() => void)[] = [];
      const giveBack = (): void => {
        for (const give of taken) give();
      };
      try {
        // All in one order: two runs that want the same two devices would else wait for each other for ever.
        for (const device of [...new Set(devices)].toSorted()) taken.push(await takeOne(device, asked));
        return giveBack;
      } catch (thrown) {
        giveBack();
        throw thrown;
      }
    },
    holder: (devices) => devices.flatMap(holderOf)[0],
  };
}

async function lockFile(file: string, signal: AbortSignal): ReturnType<typeof takeLock> {
  await mkdir(join(file, ".."), { recursive: true });
  for (;;) {
    try {
      return await takeLock(file);
    } catch (thrown) {
      if (toDeltaScopeError(thrown).code !== "store.locked") throw thrown;
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw new DeltaScopeError("job.cancelled", "The run was cancelled before it started.");
    }
  }
}
