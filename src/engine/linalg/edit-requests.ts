/** Questions of edits in the addon's words: its handles stand in lists beside a request, which names them by place. */
import type * as Addon from "../../../native/addon.d.ts";
import type { DeltaStatement } from "../../contract/domain/adapter.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import type {
  Change,
  EditedModule,
  FactorSum,
  Factors,
  PlannedTensor,
  TensorSource,
  Triplets,
} from "./edit-backend.ts";

/** The addon's objects behind the handles that were given out; they go when their handle does. */
export class Handles {
  readonly #triplets = new WeakMap<Triplets, Addon.Triplets>();
  readonly #factors = new WeakMap<Factors, Addon.Factors>();

  register(handle: Triplets, native: Addon.Triplets): Triplets {
    this.#triplets.set(handle, native);
    return handle;
  }

  registerFactors(handle: Factors, native: Addon.Factors): Factors {
    this.#factors.set(handle, native);
    return handle;
  }

  triplets(handle: Triplets): Addon.Triplets {
    return this.#triplets.get(handle) ?? unknown("triplets");
  }

  factors(handle: Factors): Addon.Factors {
    return this.#factors.get(handle) ?? unknown("factors");
  }

  lists(): HandleLists {
    return new HandleLists(this);
  }
}

function unknown(kind: string): never {
  throw new DeltaScopeError("linalg.invalid-argument", `These ${kind} come from another backend.`);
}

/** The handles of one request, each once. */
export class HandleLists {
  readonly triplets: Addon.Triplets[] = [];
  readonly factors: Addon.Factors[] = [];
  readonly #handles: Handles;

  constructor(handles: Handles) {
    this.#handles = handles;
  }

  placeOfTriplets(handle: Triplets): number {
    return place(this.triplets, this.#handles.triplets(handle));
  }

  placeOfFactors(handle: Factors): number {
    return place(this.factors, this.#handles.factors(handle));
  }
}

function place<T>(list: T[], item: T): number {
  const found = list.indexOf(item);
  return found < 0 ? list.push(item) - 1 : found;
}

/** The addon takes the magnitudes as a tensor: they are 1-D and never a part of one. */
export function deltaStatement(delta: DeltaStatement): Addon.DeltaStatement {
  const { dora, ...rest } = delta;
  return dora ? { ...rest, dora: { axis: dora.axis, magnitude: dora.magnitude?.tensor } } : rest;
}

export function editedModule({ name, base, delta, ...change }: EditedModule, lists: HandleLists): Addon.EditedModule {
  return { name, base, delta: deltaStatement(delta), weight: change.weight, added: added(change, lists) };
}

export function factorSum({ lowRank, ...change }: FactorSum, lists: HandleLists): Addon.FactorSum {
  return { lowRank: [...lowRank], weight: change.weight, added: added(change, lists) };
}

function added({ vectors, triplets }: Change, lists: HandleLists): Addon.AddedVectors | undefined {
  if (vectors.length === 0) return undefined;
  if (triplets === undefined) {
    throw new DeltaScopeError("linalg.invalid-argument", "Vectors are added without the triplets they belong to.");
  }
  return { triplets: lists.placeOfTriplets(triplets), vectors: [...vectors] };
}

export function plannedTensor(tensor: PlannedTensor, lists: HandleLists): Addon.PlannedTensor {
  const { name, dtype, shape, source } = tensor;
  return { name, dtype, shape: [...shape], ...writtenSource(source, lists) };
}

function writtenSource(source: TensorSource, lists: HandleLists): Partial<Addon.PlannedTensor> {
  switch (source.kind) {
    case "copy": {
      const { path, begin, end, fileSize, mtimeNs } = source.tensor;
      return { copy: { path, begin, end, fileSize, mtimeNs } };
    }
    case "sum":
      return { sum: [...source.terms] };
    case "matrix": {
      const patches = source.patches.map(({ place, module }) => ({ place, module: editedModule(module, lists) }));
      return { matrix: { tensor: source.tensor, patches } };
    }
    case "factor":
      return { factor: writtenFactor(source, lists) };
  }
}

function writtenFactor(source: Extract<TensorSource, { kind: "factor" }>, lists: HandleLists): Addon.WrittenFactor {
  const { side, of, transpose } = source;
  if ("release" in of) return { side, transpose, factors: lists.placeOfFactors(of) };
  return { side, transpose, sums: of.map((sum) => factorSum(sum, lists)) };
}
