//! Small factors with any values: a typed error or a spectrum that is finite, falling and adds up.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use spectra::factors::factor_spectrum;
use spectra::gram::Shape;
use spectra::outcome::LowRank;

#[derive(Debug, Arbitrary)]
struct Input {
    rows: u8,
    columns: u8,
    ranks: [u8; 2],
    scale: f64,
    values: Vec<f32>,
    cut: bool,
}

fuzz_target!(|input: Input| {
    let shape = Shape { rows: usize::from(input.rows % 9), cols: usize::from(input.columns % 9) };
    let mut values = input.values.iter().copied().map(f64::from).chain(std::iter::repeat(0.5));
    let mut term = |rank: u8| {
        let rank = usize::from(rank % 5);
        let left: Vec<f64> = values.by_ref().take(shape.rows * rank).collect();
        let right = values.by_ref().take(shape.cols * rank).collect();
        LowRank { left, right, rank, scale: input.scale }
    };
    let mut terms = input.ranks.map(&mut term);
    if input.cut {
        terms[0].left.pop();
    }
    let Ok(outcome) = factor_spectrum(&terms, shape) else { return };
    assert!(outcome.singular_values.iter().all(|value| *value >= 0.0), "{outcome:?}");
    assert!(outcome.singular_values.is_sorted_by(|one, next| one >= next), "{outcome:?}");
    assert!(outcome.singular_values.len() <= shape.rows.min(shape.cols).max(10), "{outcome:?}");
});
