/** Versions that stand beside every number. */

export { programVersion } from "../contract/version.ts";

/**
 * Version of the measures. It is part of every question's hash: raise it when a stored number would come out
 * differently today, so that old results are not taken for new ones.
 */
export const measuresVersion = 1;
