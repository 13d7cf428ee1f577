/** Comparisons of a number with a limit, as filters and `--fail-on` write them. */
export type ComparisonOperator = ">" | ">=" | "<" | "<=" | "=" | "!=";

export function isWithin(value: number, operator: ComparisonOperator, limit: number): boolean {
  switch (operator) {
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case "=":
      return value === limit;
    case "!=":
      return value !== limit;
  }
}
