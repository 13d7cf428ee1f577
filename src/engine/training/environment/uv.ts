/** uv: on the search path, or installed as a package of a Python. */
import { DeltaScopeError } from "../../../contract/errors.ts";
import { askProgram } from "../ask-program.ts";
import { candidates } from "./interpreters.ts";

export interface Uv {
  program: string;
  /** Words before its own: `-m uv` where a Python runs it. */
  words: string[];
}

const patience = 15_000;

/** @throws DeltaScopeError `python.uv-missing` */
export async function findUv(environment: NodeJS.ProcessEnv = process.env): Promise<Uv> {
  const pythons = candidates(undefined, environment).map(({ python }) => ({ program: python, words: ["-m", "uv"] }));
  for (const uv of [{ program: "uv", words: [] }, ...pythons]) {
    const { code } = await askProgram({
      ...{ program: uv.program, words: [...uv.words, "--version"], patience, environment },
    });
    if (code === 0) return uv;
  }
  throw new DeltaScopeError("python.uv-missing", "uv, which makes Python environments, was not found.");
}

/** uv reads none of pip's settings; an index that the user gave to pip is meant for it too. */
export function uvVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const index = environment.UV_DEFAULT_INDEX ?? environment.PIP_INDEX_URL;
  const certificates = environment.SSL_CERT_FILE ?? environment.PIP_CERT ?? environment.REQUESTS_CA_BUNDLE;
  return {
    ...environment,
    ...(index ? { UV_DEFAULT_INDEX: index } : {}),
    ...(certificates ? { SSL_CERT_FILE: certificates } : {}),
    UV_NO_PROGRESS: "1",
  };
}
