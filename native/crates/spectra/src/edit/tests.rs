use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::approximation::{Approximation, Keep, extract, truncate};
use super::compare::{compare_factors, compare_matrices};
use super::*;
use crate::control::Control;
use crate::error::ErrorKind;
use crate::factors::factor_spectrum;
use crate::gram::Shape;
use crate::outcome::{LowRank, Side};
use crate::rows::{Dense, Rows};

pub(super) fn random(seed: u64, count: usize) -> Vec<f64> {
    let mut generator = SmallRng::seed_from_u64(seed);
    (0..count).map(|_| generator.random_range(-1.0..1.0)).collect()
}

pub(super) fn term(seed: u64, shape: Shape, rank: usize, scale: f64) -> LowRank {
    LowRank { left: random(seed, shape.rows * rank), right: random(seed + 1, rank * shape.cols), rank, scale }
}

/// Σ scale·left·right by the definition.
pub(super) fn dense(terms: &[LowRank], shape: Shape) -> Vec<f64> {
    let entry = |term: &LowRank, row: usize, column: usize| {
        let inner =
            (0..term.rank).map(|index| term.left[row * term.rank + index] * term.right[index * shape.cols + column]);
        term.scale * inner.sum::<f64>()
    };
    let at = |index: usize| terms.iter().map(|term| entry(term, index / shape.cols, index % shape.cols)).sum();
    (0..shape.rows * shape.cols).map(at).collect()
}

pub(super) fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

pub(super) fn plus(left: &[f64], right: &[f64], factor: f64) -> Vec<f64> {
    left.iter().zip(right).map(|(one, other)| one + factor * other).collect()
}

pub(super) fn distance(left: &[f64], right: &[f64]) -> f64 {
    norm(&plus(left, right, -1.0))
}

pub(super) fn held(shape: Shape, values: &[f64]) -> Dense {
    Dense::new(shape.rows, shape.cols, values.to_vec())
}

pub(super) fn all(matrix: &dyn Rows) -> Vec<f64> {
    Dense::of(matrix, &Control::SINGLE).unwrap().values().to_vec()
}

/// Wide, tall, square, a row, a column.
pub(super) const SHAPES: [Shape; 5] = [
    Shape { rows: 12, cols: 20 },
    Shape { rows: 20, cols: 12 },
    Shape { rows: 9, cols: 9 },
    Shape { rows: 1, cols: 7 },
    Shape { rows: 7, cols: 1 },
];

#[test]
fn sums_are_taken_entry_by_entry() {
    let shape = Shape { rows: 2, cols: 2 };
    let (one, other) = (held(shape, &[1.0, 2.0, 3.0, 4.0]), held(shape, &[3.0, 2.0, 1.0, 0.0]));
    let average = WeightedSum::new(vec![(0.5, Box::new(&one)), (0.5, Box::new(&other))]).unwrap();
    assert!(distance(&all(&average), &[2.0; 4]) < 1e-15);
    let mut row = [0.0; 2];
    let difference = WeightedSum::new(vec![(1.0, Box::new(&one)), (-1.0, Box::new(&other))]).unwrap();
    difference.read(1..2, &mut row).unwrap();
    assert!(distance(&row, &[2.0, 4.0]) < 1e-15);
    let tall = held(Shape { rows: 4, cols: 1 }, &[0.0; 4]);
    let kind = |terms: Vec<(f64, Box<dyn Rows>)>| WeightedSum::new(terms).err().unwrap().kind;
    assert_eq!(kind(vec![(1.0, Box::new(one.clone())), (1.0, Box::new(tall))]), ErrorKind::ShapeMismatch);
    assert_eq!(kind(vec![(f64::NAN, Box::new(one.clone()))]), ErrorKind::InvalidArgument);
    assert_eq!(kind(vec![]), ErrorKind::InvalidArgument);
}

#[test]
fn an_edited_matrix_follows_its_definition() {
    for shape in SHAPES {
        let (base, tuned) = (random(1, shape.rows * shape.cols), random(2, shape.rows * shape.cols));
        let added = term(3, shape, 2, 0.7);
        for weight in [1.0, 0.0, 0.4, 1.7] {
            let boxed = |values: &[f64]| Box::new(held(shape, values));
            let matrix = edited(boxed(&base), boxed(&tuned), weight, vec![added.clone()], &Control::SINGLE).unwrap();
            let change = plus(&tuned, &base, -1.0);
            let expected = plus(&plus(&base, &change, weight), &dense(std::slice::from_ref(&added), shape), 1.0);
            assert!(distance(&all(&matrix), &expected) < 1e-13, "{shape:?} {weight}");
        }
    }
}

#[test]
fn factor_sides_multiply_to_the_sum() {
    for shape in SHAPES {
        let terms = [term(3, shape, 3, 0.7), term(5, shape, 0, 1.0), term(9, shape, 2, -1.3)];
        let (left, right) = (factor_side(&terms, shape, Side::Left), factor_side(&terms, shape, Side::Right));
        assert_eq!((left.rows(), left.cols(), right.rows(), right.cols()), (shape.rows, 5, 5, shape.cols));
        let joined = LowRank { left: all(&left), right: all(&right), rank: 5, scale: 1.0 };
        assert!(distance(&dense(&[joined], shape), &dense(&terms, shape)) < 1e-13);
    }
}

#[test]
fn truncation_and_extraction_leave_out_what_eckart_and_young_say() {
    for shape in SHAPES {
        let terms = [term(3, shape, 3, 0.7), term(9, shape, 2, -1.3)];
        let matrix = dense(&terms, shape);
        let spectrum = factor_spectrum(&terms, shape).unwrap().singular_values;
        for rank in 0..=6 {
            let tail = norm(spectrum.get(rank..).unwrap_or_default());
            for found in both(&terms, shape, Keep::Rank(rank)) {
                let left_out = distance(&dense(&[found.term], shape), &matrix);
                assert!((left_out - tail).abs() < 1e-7, "{shape:?} {rank}: {left_out} for {tail}");
                assert!((found.error - tail).abs() < 1e-6, "{shape:?} {rank}: {} for {tail}", found.error);
                assert!((found.frobenius / norm(&matrix) - 1.0).abs() < 1e-12);
                assert!(found.kept.len() >= rank.min(5).min(shape.small()) && found.kept.len() <= rank);
            }
        }
    }
}

/// The same approximation from the factors and from the matrix.
fn both(terms: &[LowRank], shape: Shape, keep: Keep) -> [Approximation; 2] {
    [
        truncate(terms, shape, keep, &Control::SINGLE).unwrap(),
        extract(&held(shape, &dense(terms, shape)), keep, &Control::SINGLE).unwrap(),
    ]
}

#[test]
fn a_share_of_energy_takes_the_least_rank_that_holds_it() {
    let shape = SHAPES[0];
    // Orthogonal terms with σ = 3, 2, 1: shares of 9/14, 13/14 and 1.
    let axis = |index: usize, sigma: f64| {
        let (mut left, mut right) = (vec![0.0; shape.rows], vec![0.0; shape.cols]);
        (left[index], right[index + 2]) = (1.0, 1.0);
        LowRank { left, right, rank: 1, scale: sigma }
    };
    let terms = [axis(0, 2.0), axis(4, 3.0), axis(7, 1.0)];
    for (share, rank) in [(0.0, 0), (0.6, 1), (0.65, 2), (0.92, 2), (0.95, 3), (1.0, 3)] {
        for found in both(&terms, shape, Keep::Energy(share)) {
            assert_eq!(found.kept.len(), rank, "{share}");
            assert!(distance(&found.kept, &[3.0, 2.0, 1.0][..rank]) < 1e-12);
        }
    }
    assert!(both(&terms, shape, Keep::All).iter().all(|found| found.kept.len() == 3 && found.error < 1e-7));
    let error = truncate(&terms, shape, Keep::Energy(1.5), &Control::SINGLE).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
}

#[test]
fn extraction_by_iteration_finds_what_the_factors_say() {
    let shape = Shape { rows: 230, cols: 310 };
    let terms = [term(21, shape, 12, 1.0)];
    let [expected, found] = both(&terms, shape, Keep::Rank(5));
    assert!(distance(&expected.kept, &found.kept) < 1e-6 * expected.kept[0]);
    let apart = distance(&dense(&[expected.term], shape), &dense(&[found.term], shape));
    assert!(apart < 1e-4 * expected.frobenius, "{apart}");
}

#[test]
fn nothing_comes_from_nothing() {
    let shape = SHAPES[0];
    let zero = LowRank { left: vec![0.0; shape.rows * 2], ..term(5, shape, 2, 1.0) };
    for terms in [vec![zero], vec![]] {
        for keep in [Keep::Rank(2), Keep::Energy(0.9), Keep::All] {
            for found in both(&terms, shape, keep) {
                assert!(norm(&found.term.left) + norm(&found.kept) + found.error + found.frobenius == 0.0);
                assert!(found.term.right.iter().all(|value| value.is_finite()));
            }
        }
    }
}

#[test]
fn comparisons_measure_the_updates_and_their_difference() {
    for shape in SHAPES {
        let base = random(1, shape.rows * shape.cols);
        let (meant, read) = ([term(3, shape, 2, 0.5)], [term(3, shape, 2, 0.5), term(8, shape, 1, 1e-7)]);
        let (wanted, found) = (dense(&meant, shape), dense(&read, shape));
        let expected = (distance(&wanted, &found), norm(&wanted), norm(&found));
        let matrices = compare_matrices(
            &held(shape, &base),
            &held(shape, &plus(&base, &wanted, 1.0)),
            &held(shape, &plus(&base, &found, 1.0)),
            &Control::SINGLE,
        );
        for compared in [matrices.unwrap(), compare_factors(&meant, &read, shape).unwrap()] {
            assert!((compared.error / expected.0 - 1.0).abs() < 1e-6, "{shape:?}: {compared:?}");
            assert!((compared.intended - expected.1).abs() + (compared.read - expected.2).abs() < 1e-12);
        }
    }
    let (one, other) = (held(SHAPES[0], &[0.0; 240]), held(SHAPES[1], &[0.0; 240]));
    let error = compare_matrices(&one, &one, &other, &Control::SINGLE).unwrap_err();
    assert_eq!(error.kind, ErrorKind::ShapeMismatch);
}
