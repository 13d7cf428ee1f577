/** An interpreter that a caller of another process names will be run, so it must look like one and lie where one may. */
import { basename, delimiter, dirname, isAbsolute } from "node:path";
import { DeltaScopeError } from "../../contract/errors.ts";
import { quote } from "../source/quote.ts";
import { checkPlaces } from "./places.ts";
import type { Services } from "./services.ts";

/**
 * Passes for `python3.11` and the like, by full path, in a folder of the search path or one that may be opened.
 * @throws DeltaScopeError `python.not-usable`, `place.not-allowed`
 */
export async function checkPython(context: Services, python: string): Promise<void> {
  if (!isAbsolute(python) || !/^pythonw?[0-9.]{0,6}(\.exe)?$/i.test(basename(python))) {
    const message = `${quote(python)} is not the full path of a Python.`;
    throw new DeltaScopeError("python.not-usable", message, python);
  }
  // The folder counts: the interpreter of a virtual environment is a link to one elsewhere.
  const searched = (process.env.PATH ?? "").split(delimiter);
  if (!searched.includes(dirname(python))) await checkPlaces(context, { files: [dirname(python)] });
}
