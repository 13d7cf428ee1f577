use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::*;
use crate::factors::factor_spectrum;
use crate::testing::Held;

fn random(seed: u64, count: usize) -> Vec<f64> {
    let mut generator = SmallRng::seed_from_u64(seed);
    (0..count).map(|_| generator.random_range(-1.0..1.0)).collect()
}

fn term(seed: u64, shape: Shape, rank: usize, scale: f64) -> LowRank {
    LowRank { left: random(seed, shape.rows * rank), right: random(seed + 1, rank * shape.cols), rank, scale }
}

/// Σ scale·left·right by the definition.
fn dense(terms: &[LowRank], shape: Shape) -> Vec<f64> {
    let entry = |term: &LowRank, row: usize, column: usize| {
        let inner =
            (0..term.rank).map(|index| term.left[row * term.rank + index] * term.right[index * shape.cols + column]);
        term.scale * inner.sum::<f64>()
    };
    let at = |index: usize| terms.iter().map(|term| entry(term, index / shape.cols, index % shape.cols)).sum();
    (0..shape.rows * shape.cols).map(at).collect()
}

fn distance(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(one, other)| (one - other).powi(2)).sum::<f64>().sqrt()
}

const SHAPES: [Shape; 3] = [Shape { rows: 12, cols: 20 }, Shape { rows: 20, cols: 12 }, Shape { rows: 9, cols: 9 }];

#[test]
fn a_merged_matrix_is_written_rounded_with_its_error() {
    let values = random(1, 600_000);
    let mut bytes = Vec::new();
    let report =
        write_rows(&Held::new(600, 1000, values.clone()), ElementType::Bf16, &mut bytes, &Control::SINGLE).unwrap();
    let mut read = vec![0.0; values.len()];
    ElementType::Bf16.decode(&bytes, &mut read);
    let error = distance(&read, &values);
    assert_eq!(report.bytes, 1_200_000);
    assert!((report.rounding_error / error - 1.0).abs() < 1e-12 && error > 0.0);
    assert!((report.frobenius / distance(&read, &vec![0.0; read.len()]) - 1.0).abs() < 1e-12);
}

#[test]
fn a_value_that_the_type_cannot_hold_is_an_error() {
    let mut values = vec![1.0; 12];
    values[7] = 70_000.0;
    let error = write_rows(&Held::new(3, 4, values), ElementType::F16, &mut Vec::new(), &Control::SINGLE).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFinite);
    assert!(error.message.contains("row 1, column 3"), "{error}");
}

#[test]
fn an_intervention_scales_one_direction() {
    let (u, v) = ([0.6, 0.8], [1.0, 0.0, 0.0]);
    let shape = Shape { rows: 2, cols: 3 };
    let change = dense(&[intervention(0.25, 8.0, &u, &v)], shape);
    assert!(distance(&change, &[-3.6, 0.0, 0.0, -4.8, 0.0, 0.0]) < 1e-15);
}

#[test]
fn averages_are_taken_entry_by_entry() {
    let (one, other) = (Held::new(2, 2, vec![1.0, 2.0, 3.0, 4.0]), Held::new(2, 2, vec![3.0, 2.0, 1.0, 0.0]));
    let mut out = [0.0; 4];
    WeightedSum::average(&[&one, &other]).unwrap().read(0..2, &mut out).unwrap();
    assert!(distance(&out, &[2.0; 4]) < 1e-15);
    WeightedSum::new(vec![(1.0, &one), (-1.0, &other)]).unwrap().read(1..2, &mut out[..2]).unwrap();
    assert!(distance(&out[..2], &[2.0, 4.0]) < 1e-15);
    let tall = Held::new(4, 1, vec![0.0; 4]);
    assert_eq!(WeightedSum::average(&[&one, &tall]).err().unwrap().kind, ErrorKind::ShapeMismatch);
    assert_eq!(WeightedSum::average(&[]).err().unwrap().kind, ErrorKind::InvalidArgument);
}

#[test]
fn truncation_and_extraction_leave_out_what_eckart_and_young_say() {
    for shape in SHAPES {
        let terms = [term(3, shape, 3, 0.7), term(9, shape, 2, -1.3)];
        let matrix = dense(&terms, shape);
        let spectrum = factor_spectrum(&terms, shape).unwrap().singular_values;
        for rank in 0..=6 {
            let tail = spectrum.iter().skip(rank).map(|value| value * value).sum::<f64>().sqrt();
            let held = Held::new(shape.rows, shape.cols, matrix.clone());
            let both = [
                truncate(&terms, shape, rank, &Control::SINGLE).unwrap(),
                extract(&held, rank, &Control::SINGLE).unwrap(),
            ];
            for found in both {
                let left_out = distance(&dense(&[found.term], shape), &matrix);
                assert!((left_out - tail).abs() < 1e-7, "{shape:?} {rank}: {left_out} for {tail}");
                assert!((found.error - tail).abs() < 1e-6, "{shape:?} {rank}: {} for {tail}", found.error);
            }
        }
    }
}

#[test]
fn nothing_comes_from_nothing() {
    let shape = SHAPES[0];
    let zero = LowRank { left: vec![0.0; shape.rows * 2], ..term(5, shape, 2, 1.0) };
    let held = Held::new(shape.rows, shape.cols, vec![0.0; shape.rows * shape.cols]);
    for found in [truncate(&[zero], shape, 2, &Control::SINGLE).unwrap(), extract(&held, 2, &Control::SINGLE).unwrap()]
    {
        assert!(found.term.left.iter().chain(&found.term.right).all(|value| value.is_finite()));
        assert!(dense(&[found.term], shape).iter().all(|value| *value == 0.0) && found.error == 0.0);
    }
}
