/** What the engine knows of an opened source before any weight is read. */
import type { Alert } from "../../contract/alerts.ts";
import type { Role } from "../../contract/domain/checkpoint.ts";
import type { TensorRef } from "../../contract/domain/tensor.ts";
import type { Source } from "../source/source.ts";

/** A named tensor of a header. */
export interface Tensor extends TensorRef {
  /** Name as stored in the file. */
  storedName: string;
  /** Name after canonical naming. */
  name: string;
}

/** The parts of config.json that matter here; unknown keys are kept in `raw`. */
export interface ModelConfig {
  architecture: string | undefined;
  modelType: string | undefined;
  tied: boolean;
  layers: number | undefined;
  hiddenSize: number | undefined;
  vocabularySize: number | undefined;
  experts: number | undefined;
  quantisation: { method: string; raw: Record<string, unknown> } | undefined;
  raw: Record<string, unknown>;
}

/** One family of architectures: its role table. */
export interface ModelFamily {
  name: string;
  /** Whether this family describes `modelType` / `architecture`. */
  matches(modelType: string | undefined, architecture: string | undefined): boolean;
  /** Role of a canonical tensor or module name. */
  role(name: string): Role;
}

export interface Checkpoint {
  kind: "full";
  source: Source;
  config: ModelConfig | undefined;
  family: ModelFamily;
  /** By canonical name, in file order. 3-D expert tensors stay one entry here. */
  tensors: ReadonlyMap<string, Tensor>;
  /** Embedding and head share one matrix: no head is stored, or one that is the same and counts as absent. */
  tiedHead: boolean;
  parameters: number;
  /** The dtype that most parameters have. */
  dtype: string;
  /** Set when weights are stored in a form that is not read: the format's name. */
  quantised: string | undefined;
  /** Set when weights are stored in eight bits with scales, which are applied wherever they are read: the format. */
  dequantised: string | undefined;
  fingerprint: string;
  alerts: Alert[];
}

/** An adapter before its family has read it: the two files, nothing interpreted. */
export interface AdapterPackage {
  kind: "adapter";
  source: Source;
  /** Name of the folder, which is what peft names an adapter after unless it is called `default`. */
  name: string;
  /** adapter_config.json, parsed but not yet interpreted. */
  config: Record<string, unknown>;
  /** UTF-8 text of adapter_config.json, for the order of its patterns; JavaScript moves keys that look like numbers. */
  configBytes: Buffer;
  /** peft_type as written. */
  type: string;
  /** By stored key, in file order. */
  tensors: ReadonlyMap<string, Tensor>;
  parameters: number;
  dtype: string;
  fingerprint: string;
  alerts: Alert[];
}

export type Opened = Checkpoint | AdapterPackage;
