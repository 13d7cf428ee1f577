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
  /** Waits for all of the devices. @throws DeltaScopeError `job.cancelled` */
  take(devices: readonly string[], asked: Taking): Promise<Taken>;
  /** Devices that a trainer of ours holds already; answers what forgets them. @param name shown to those who wait */
  note(devices: readonly string[], name: string): () => void;
  /** Who has the first of the devices that is not free; undefined where all are. */
  holder(devices: readonly string[]): DeviceHolder | undefined;
}

export interface Taken {
  giveBack(): void;
  /** From now on other processes see them as taken while that process lives, whatever becomes of this one. */
  handTo(pid: number): void;
  /** The one they were handed to keeps them: giving back frees them for this process only. */
  keep(): void;
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
  const takeOne = async (device: string, asked: Taking): Promise<Taken> => {
    const leave = await acquire(device, asked);
    try {
      const lock = await lockFile(fileOf(device), asked.signal);
      names.set(device, asked.name ?? "");
      let isKept = false;
      return {
        giveBack() {
          names.delete(device);
          if (!isKept) lock.release();
          leave();
        },
        handTo: lock.handTo,
        keep() {
          isKept = true;
        },
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
      const taken: Taken[] = [];
      const giveBack = (): void => {
        for (const one of taken) one.giveBack();
      };
      try {
        // All in one order: two runs that want the same two devices would else wait for each other for ever.
        for (const device of [...new Set(devices)].toSorted()) taken.push(await takeOne(device, asked));
        return {
          giveBack,
          handTo(pid) {
            for (const one of taken) one.handTo(pid);
          },
          keep() {
            for (const one of taken) one.keep();
          },
        };
      } catch (thrown) {
        giveBack();
        throw thrown;
      }
    },
    note(devices, name) {
      for (const device of devices) {
        count(device, 1);
        names.set(device, name);
      }
      return () => {
        for (const device of devices) {
          count(device, -1);
          names.delete(device);
        }
      };
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
