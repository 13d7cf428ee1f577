/** What an edited adapter will be: its rank, and how much bringing it back to its old rank can lose. Pure. */
import type { EditGeometry, Intervention } from "../../src/contract/domain/edit.ts";
import { chosenIndices, moduleEdit } from "../../src/contract/intervention.ts";

export interface EditSize {
  modules: number;
  vectors: number;
  /** Most vectors that the edit adds to one module's factors. */
  added: number;
  /**
   * Upper bound of ‖ΔW_written − ΔW′‖ / ‖ΔW′‖ after going back to the adapter's rank: what is added is the most that
   * can be lost, because the rest has that rank already (Eckart–Young).
   */
  mostLost: number;
}

export function editSize(geometries: readonly EditGeometry[], intervention: Intervention): EditSize {
  const { which, k } = intervention;
  const edits = geometries.map((geometry) => {
    const chosen = chosenIndices(geometry, which, k);
    const edit = moduleEdit(geometry, intervention, chosen);
    const added = Math.hypot(...edit.vectors.map(({ coefficient }) => coefficient));
    return { chosen, edit, added };
  });
  const touched = edits.filter(({ chosen }) => chosen.length > 0);
  const whole = Math.hypot(...edits.map(({ edit }) => edit.deltaFrobenius));
  return {
    modules: touched.length,
    vectors: touched.reduce((sum, { chosen }) => sum + chosen.length, 0),
    added: Math.max(0, ...edits.map(({ edit }) => edit.vectors.length)),
    mostLost: whole > 0 ? Math.hypot(...edits.map(({ added }) => added)) / whole : 0,
  };
}
