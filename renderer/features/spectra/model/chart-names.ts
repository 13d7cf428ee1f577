/** File stems of the view's charts, by which exports find them. */
export const chartNames = {
  fans: "energy-curves",
  ranks: "effective-rank",
  tail: "tail",
  map: "rank-map",
} as const;
