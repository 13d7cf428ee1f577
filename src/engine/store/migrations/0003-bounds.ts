/** Version 3: the bounds of best cosines in columns of their own, so that 20,000 rows are read without their sides. */

/** Of the vectors of one side: all lower bounds, then all upper ones, then all shares of ΔW. */
export const statements: readonly string[] = [
  "ALTER TABLE module ADD COLUMN bounds_left DOUBLE[]",
  "ALTER TABLE module ADD COLUMN bounds_right DOUBLE[]",
];
