//! Factors and settings of any shape for every formula of the adapter families: a typed error, or rows that can be read.
#![no_main]

use std::collections::HashMap;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use spectra::control::Control;
use spectra::families::{Formula, Inputs};
use spectra::rows::{Dense, Rows};

const KINDS: [&str; 21] = [
    "diagonal",
    "bank",
    "picked",
    "combined",
    "grains",
    "bases",
    "sparse",
    "delora",
    "hadamard",
    "kronecker",
    "scaled",
    "gated",
    "rotation",
    "reflection",
    "fourier",
    "wavelet",
    "tiles",
    "circulant",
    "pairs",
    "taken",
    "blocks",
];

/// Every name that a formula asks for.
const MATRICES: [&str; 48] = [
    "a",
    "b",
    "a1",
    "a2",
    "b1",
    "b2",
    "w1a",
    "w1b",
    "w1_a",
    "w1_b",
    "w2_a",
    "w2_b",
    "t1",
    "t2",
    "angle",
    "bank",
    "base",
    "block",
    "columns",
    "directions",
    "indices",
    "indices_a",
    "indices_b",
    "indices_left",
    "indices_right",
    "kernel",
    "lambda",
    "large",
    "left",
    "left_a",
    "left_b",
    "length",
    "logits_a",
    "logits_b",
    "logits_left",
    "logits_right",
    "middle",
    "places",
    "projections",
    "ranks",
    "right",
    "rows",
    "scales_left",
    "scales_right",
    "sides",
    "skew",
    "small",
    "values",
];
const MORE_MATRICES: [&str; 8] =
    ["spectrum", "square", "theta", "weights", "weights_left", "weights_right", "right_a", "right_b"];
const NUMBERS: [&str; 17] = [
    "block",
    "blocks",
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
    "scaling",
];

#[derive(Debug, Arbitrary)]
struct Input {
    kind: u8,
    rows: u8,
    columns: u8,
    matrices: Vec<(u8, u8, u8, f32)>,
    numbers: Vec<(u8, Number)>,
}

#[derive(Debug, Arbitrary)]
enum Number {
    Small(u8),
    Whole(u32),
    Any(f64),
}

fuzz_target!(|input: Input| {
    // Matrices without values never get here: pairing leaves them out.
    let (rows, columns) = (1 + usize::from(input.rows % 12), 1 + usize::from(input.columns % 12));
    let names: Vec<&str> = MATRICES.iter().chain(&MORE_MATRICES).copied().collect();
    let matrices = input.matrices.iter().map(|(name, height, width, value)| {
        let (height, width) = (usize::from(height % 25), usize::from(width % 25));
        let values = (0..height * width).map(|place| (place % 7) as f64 + f64::from(*value)).collect();
        (names[usize::from(*name) % names.len()].to_owned(), Dense::new(height, width, values))
    });
    let numbers = input.numbers.iter().map(|(name, number)| {
        let value = match number {
            Number::Small(value) => f64::from(value % 16),
            Number::Whole(value) => f64::from(*value),
            Number::Any(value) => *value,
        };
        (NUMBERS[usize::from(*name) % NUMBERS.len()].to_owned(), value)
    });
    let inputs = Inputs { matrices: matrices.collect(), numbers: numbers.collect::<HashMap<_, _>>(), source: None };
    let kind = KINDS[usize::from(input.kind) % KINDS.len()];
    let Ok(formula) = Formula::open(kind, &inputs, (rows, columns)) else { return };
    let start = Dense::new(rows, columns, (0..rows * columns).map(|place| place as f64 - 3.0).collect());
    let Ok((changed, terms)) = formula.over(Box::new(&start), &Control::SINGLE) else { return };
    assert_eq!((changed.rows(), changed.cols()), (rows, columns), "{kind}");
    for row in 0..rows {
        let _ = changed.read(row..row + 1, &mut vec![0.0; columns]);
    }
    for term in terms {
        assert_eq!((term.left.len(), term.right.len()), (rows * term.rank, columns * term.rank), "{kind}");
    }
});
