/** How many matrices the stacked experts of a checkpoint may stand for. */

/** The largest published mixtures have some hundreds of experts; more than this is a damaged or hostile header. */
export const EXPERTS_MAXIMUM = 4096;
/** Most matrices of one checkpoint, as many as a file may have tensors: a small header can promise billions. */
export const MATRICES_MAXIMUM = 1_000_000;

/**
 * Why a stacked tensor (experts, rows, columns) is not taken apart, where at most `limit` matrices may still be made;
 * undefined when it is. Half of the rows may be a matrix of their own (gate over up).
 */
export function refuseExperts([experts = 0]: readonly number[], limit: number): string | undefined {
  if (experts > EXPERTS_MAXIMUM) return `${experts} experts; at most ${EXPERTS_MAXIMUM} are read`;
  if (2 * experts > limit) return `the checkpoint has more than ${MATRICES_MAXIMUM} matrices`;
  return undefined;
}
