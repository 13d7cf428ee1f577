/** Tensor tables of safetensors files, validated by the numeric crate. */
import type { TensorTable } from "../../../native/addon.d.ts";
import { takeTurn } from "../turns.ts";
import { sharedPool } from "./addon.ts";
import type { Header, HeaderTensor } from "./backend.ts";
import { thrownToError } from "./failure.ts";

/** Tensors that are unpacked between two looks at the clock: about a tenth of a millisecond. */
const PART_TENSORS = 256;

/**
 * Reads and validates a header as a whole; no weight is read.
 * @throws DeltaScopeError `safetensors.header-invalid`, `source.truncated`, `source.unreadable`
 */
export async function readHeader(path: string): Promise<Header> {
  try {
    const table = await sharedPool().readHeader(path);
    const { fileSize, mtimeNs } = table;
    return { tensors: await unpack(table), fileSize, mtimeNs };
  } catch (thrown) {
    throw thrownToError(thrown);
  }
}

async function unpack(table: TensorTable): Promise<HeaderTensor[]> {
  const { names, nameEnds, dtypes, dtypePlaces, sizes, ranks, ranges } = table;
  const tensors: HeaderTensor[] = [];
  let [nameStart, firstSize] = [0, 0];
  for (const [index, nameEnd] of nameEnds.entries()) {
    if (index % PART_TENSORS === 0) await takeTurn();
    const endSize = firstSize + (ranks[index] as number);
    tensors.push({
      name: names.slice(nameStart, nameEnd),
      dtype: dtypes[dtypePlaces[index] as number] as string,
      shape: Array.from(sizes.subarray(firstSize, endSize)),
      begin: ranges[2 * index] as number,
      end: ranges[2 * index + 1] as number,
    });
    [nameStart, firstSize] = [nameEnd, endSize];
  }
  return tensors;
}
