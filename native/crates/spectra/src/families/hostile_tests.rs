//! Inputs that fit nothing: every formula answers with an error or a matrix, and never panics.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::answers::{Answers, answered};
use super::{Formula, Inputs, kinds};
use crate::control::Control;
use crate::error::ErrorKind;
use crate::rows::{Dense, Rows};

const ROUNDS: usize = 10_000;

/// A linear congruential generator (Knuth's constants); the upper bits are good enough.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

struct Guesses<'a> {
    chance: &'a mut Chance,
    rows: usize,
    columns: usize,
}

impl Answers for Guesses<'_> {
    fn matrix(&mut self, wanted: Option<(usize, usize)>) -> Option<Dense> {
        let (rows, columns, r) = (self.rows, self.columns, self.chance.below(4));
        let sizes = [rows, columns, r, 1, 2, 0, rows / 2, columns / 2, r * rows, r * r, rows * columns];
        let any = (self.chance.pick(&sizes), self.chance.pick(&sizes));
        // Absent now and then, and mostly of the shape that is asked for.
        let shape = match self.chance.below(8) {
            0 => return None,
            1 => any,
            _ => wanted.filter(|(height, width)| height.saturating_mul(*width) < 10_000).unwrap_or(any),
        };
        let mut values: Vec<f64> =
            (0..shape.0 * shape.1).map(|_| self.chance.pick(&[-1.0, 0.0, 0.5, 1.0, 2.0, 3.0])).collect();
        if self.chance.below(16) == 0 {
            values.iter_mut().take(1).for_each(|value| *value = self.chance.pick(&[f64::NAN, f64::INFINITY]));
        }
        Some(Dense::new(shape.0, shape.1, values))
    }

    fn number(&mut self) -> Option<f64> {
        Some(self.chance.pick(&[0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 0.5, -1.0, 1e9, f64::NAN]))
    }
}

/// A matrix of the base, half of the time.
fn source(chance: &mut Chance, rows: usize, columns: usize) -> Option<Arc<dyn Rows + Send>> {
    let (height, width) = (chance.pick(&[rows, columns]), columns);
    let values = (0..height * width).map(|_| chance.pick(&[-1.0, 0.0, 1.0, 2.0, f64::NAN])).collect();
    (chance.below(2) > 0).then(|| Arc::new(Dense::new(height, width, values)) as Arc<dyn Rows + Send>)
}

/// Whether the formula opened and every row of the changed matrix was read.
fn try_one(kind: &str, inputs: &mut Inputs, mut guesses: Guesses<'_>) -> bool {
    let (rows, columns) = (guesses.rows, guesses.columns);
    let Ok(formula) = answered(kind, inputs, (rows, columns), &mut guesses) else { return false };
    // Whatever was asked for was looked at.
    for (name, matrix) in &inputs.matrices {
        assert!(matrix.values().iter().all(|value| value.is_finite()), "{kind} takes what {name} holds");
    }
    let start = Dense::new(rows, columns, vec![1.0; rows * columns]);
    let Ok((matrix, _)) = formula.over(Box::new(&start), &Control::SINGLE) else { return false };
    let mut line = vec![0.0; columns];
    (0..rows).all(|row| matrix.read(row..row + 1, &mut line).is_ok())
}

#[test]
fn a_matrix_without_rows_or_columns_is_refused() {
    for kind in kinds() {
        for shape in [(0, 2), (2, 0), (0, 0)] {
            let refusal = Formula::open(kind, &Inputs::default(), shape).err();
            assert_eq!(refusal.map(|error| error.kind), Some(ErrorKind::ShapeMismatch), "{kind}");
        }
    }
}

#[test]
fn no_input_makes_a_formula_panic() {
    let mut chance = Chance(1);
    for kind in kinds() {
        let mut read = 0;
        for _ in 0..ROUNDS {
            let (rows, columns) = (1 + chance.below(4), 1 + chance.below(4));
            let mut inputs = Inputs { source: source(&mut chance, rows, columns), ..Inputs::default() };
            let guesses = Guesses { chance: &mut chance, rows, columns };
            let result = catch_unwind(AssertUnwindSafe(|| try_one(kind, &mut inputs, guesses)));
            let shapes = || inputs.matrices.iter().map(|(name, matrix)| (name, matrix.rows(), matrix.cols()));
            read += usize::from(result.unwrap_or_else(|_| {
                panic!("{kind} of {rows}×{columns}: {:?} {:?}", shapes().collect::<Vec<_>>(), inputs.numbers)
            }));
        }
        // Otherwise the guesses are so bad that nothing is tried.
        assert!(read > ROUNDS / 100, "{kind} was read {read} times");
    }
}
