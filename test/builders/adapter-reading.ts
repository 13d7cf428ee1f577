/** Readings of adapters known by their headers, over the two-layer base of headers.ts. */

import { toDeltaScopeError } from "../../src/contract/errors.ts";
import { readAdapter } from "../../src/engine/adapter/adapter.ts";
import { finish } from "./finish.ts";
import {
  factorShapes,
  type HeaderCheckpoint,
  headerAdapter,
  headerCheckpoint,
  layerShapes,
  type Shapes,
} from "./headers.ts";

export const P = "base_model.model.";
export const Q0 = "model.layers.0.self_attn.q_proj";
export const Q1 = "model.layers.1.self_attn.q_proj";
export const V0 = "model.layers.0.self_attn.v_proj";
export const BASE = layerShapes(2);
export const ON_Q = { target_modules: ["q_proj"] };
/** Factors of q_proj in both layers. */
export const Q = { ...factorShapes(Q0, 8, 8), ...factorShapes(Q1, 8, 8) };

export function read(
  config: Record<string, unknown>,
  tensors: Shapes,
  base: Shapes = BASE,
  options: HeaderCheckpoint = {},
) {
  return finish(readAdapter(headerAdapter(config, tensors), headerCheckpoint(base, options)));
}

export function codesOf(...args: Parameters<typeof read>): string[] {
  return read(...args).alerts.map(({ code }) => code);
}

export function refusalOf(...args: Parameters<typeof read>) {
  try {
    read(...args);
  } catch (thrown) {
    return toDeltaScopeError(thrown);
  }
  throw new Error("not refused");
}
