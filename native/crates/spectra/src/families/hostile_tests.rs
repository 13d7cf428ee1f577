//! Inputs that fit nothing: every formula answers with an error or a matrix, and never panics.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{Formula, Inputs};
use crate::control::Control;
use crate::error::ErrorKind;
use crate::rows::{Dense, Rows};

const KINDS: [&str; 25] = [
    "affine",
    "bank",
    "bases",
    "blocks",
    "circulant",
    "combined",
    "delora",
    "diagonal",
    "fourier",
    "gated",
    "grains",
    "hadamard",
    "joint",
    "kronecker",
    "network",
    "pairs",
    "picked",
    "projection",
    "reflection",
    "rotation",
    "scaled",
    "sparse",
    "taken",
    "tiles",
    "wavelet",
];
const MATRICES: [&str; 50] = [
    "angle",
    "bank",
    "block",
    "column",
    "column_right",
    "columns",
    "diagonal",
    "directions",
    "first",
    "indices_a",
    "indices_b",
    "kernel",
    "lambda",
    "large",
    "last",
    "left",
    "length",
    "logits_a",
    "logits_b",
    "middle",
    "places",
    "projections",
    "ranks",
    "right",
    "rows",
    "scales_a",
    "scales_b",
    "sides",
    "skew",
    "small",
    "spectrum",
    "square",
    "theta",
    "transform",
    "values",
    "w1",
    "w1a",
    "w1b",
    "w2",
    "w2a",
    "w2b",
    "weights",
    "weights_a",
    "weights_b",
    "encoder0",
    "decoder0",
    "encoders",
    "decoders",
    "out",
    "in",
];
const NUMBERS: [&str; 20] = [
    "activation",
    "block",
    "blocks",
    "depth",
    "factor",
    "group",
    "limit",
    "multiplied",
    "orthonormal",
    "part",
    "rank",
    "scale",
    "seed",
    "terms",
    "topk",
    "transform",
    "transposed",
    "variant",
    "depth",
    "square",
];

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

fn inputs(chance: &mut Chance, rows: usize, columns: usize) -> Inputs {
    let r = chance.below(4);
    let sizes = [rows, columns, r, 1, 2, 0, rows / 2, columns / 2, r * rows, r * r, rows * columns];
    let mut inputs = Inputs::default();
    for name in MATRICES {
        // Absent now and then.
        if chance.below(8) > 0 {
            let (height, width) = (chance.pick(&sizes), chance.pick(&sizes));
            let values = (0..height * width).map(|_| chance.pick(&[-1.0, 0.0, 0.5, 1.0, 2.0, 3.0])).collect();
            inputs.matrices.insert(name.to_owned(), Dense::new(height, width, values));
        }
    }
    for name in NUMBERS {
        inputs.numbers.insert(name.to_owned(), chance.pick(&[0.0, 1.0, 2.0, 3.0, 4.0, 0.5, -1.0, 1e9, f64::NAN]));
    }
    if chance.below(2) > 0 {
        let (height, width) = (chance.pick(&[rows, columns]), columns);
        let values = (0..height * width).map(|_| chance.pick(&[-1.0, 0.0, 1.0, 2.0, f64::NAN])).collect();
        inputs.source = Some(Arc::new(Dense::new(height, width, values)));
    }
    inputs
}

fn try_all(kind: &str, inputs: &Inputs, rows: usize, columns: usize) -> bool {
    let Ok(formula) = Formula::open(kind, inputs, (rows, columns)) else { return false };
    let start = Dense::new(rows, columns, vec![1.0; rows * columns]);
    let Ok((matrix, _)) = formula.over(Box::new(&start), &Control::SINGLE) else { return false };
    let mut line = vec![0.0; columns];
    (0..rows).all(|row| matrix.read(row..row + 1, &mut line).is_ok())
}

#[test]
fn a_matrix_without_rows_or_columns_is_refused() {
    for kind in KINDS {
        for shape in [(0, 2), (2, 0), (0, 0)] {
            let refusal = Formula::open(kind, &Inputs::default(), shape).err();
            assert_eq!(refusal.map(|error| error.kind), Some(ErrorKind::ShapeMismatch), "{kind}");
        }
    }
}

#[test]
fn no_input_makes_a_formula_panic() {
    let mut chance = Chance(1);
    let mut opened = [0; KINDS.len()];
    for _ in 0..40_000 {
        let (rows, columns) = (chance.below(5), chance.below(5));
        let inputs = inputs(&mut chance, rows, columns);
        for (kind, count) in KINDS.iter().zip(&mut opened) {
            let result = catch_unwind(AssertUnwindSafe(|| try_all(kind, &inputs, rows, columns)));
            let shapes = || inputs.matrices.iter().map(|(name, matrix)| (name, matrix.rows(), matrix.cols()));
            *count += usize::from(result.unwrap_or_else(|_| {
                panic!("{kind} of {rows}×{columns}: {:?} {:?}", shapes().collect::<Vec<_>>(), inputs.numbers)
            }));
        }
    }
    assert!(opened.iter().filter(|count| **count > 0).count() > KINDS.len() / 2, "{opened:?}");
}
