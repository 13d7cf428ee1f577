/** Versions that stand beside every number. */

/** Version of the program. */
export const programVersion = "0.1.0";

/**
 * Version of the measures. It is part of every question's hash: raise it when a stored number would come out
 * differently today, so that old results are not taken for new ones.
 */
export const measuresVersion = 1;
