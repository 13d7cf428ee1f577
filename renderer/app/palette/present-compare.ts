/** What Compare shows now; the parameters of other views mean something else there. */
import { type CompareSearch, compareSearch } from "../../features/compare/search.ts";

export function presentCompare(search: object): CompareSearch {
  return window.location.pathname === "/compare" ? compareSearch.parse(search) : {};
}
