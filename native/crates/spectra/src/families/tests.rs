use std::collections::HashMap;

use super::permutation::{Twister, first_of_permutation};
use super::{Formula, Inputs};
use crate::control::Control;
use crate::error::ErrorKind;
use crate::rows::{Dense, Rows};

fn inputs(matrices: Vec<(&str, Dense)>, numbers: &[(&str, f64)]) -> Inputs {
    Inputs {
        matrices: matrices.into_iter().map(|(name, matrix)| (name.to_owned(), matrix)).collect(),
        numbers: numbers.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect::<HashMap<_, _>>(),
    }
}

/// Every row read alone.
fn changed(formula: &Formula, start: &Dense) -> Vec<f64> {
    let (matrix, terms) = formula.over(Box::new(start), &Control::SINGLE).unwrap();
    let columns = start.cols();
    let mut values = vec![0.0; start.rows() * columns];
    for row in 0..start.rows() {
        matrix.read(row..row + 1, &mut values[row * columns..(row + 1) * columns]).unwrap();
    }
    for term in terms {
        for (place, value) in values.iter_mut().enumerate() {
            let (row, column) = (place / columns, place % columns);
            let sum = (0..term.rank).map(|k| term.left[row * term.rank + k] * term.right[k * columns + column]);
            *value += term.scale * sum.sum::<f64>();
        }
    }
    values
}

fn assert_near(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (one, other) in found.iter().zip(expected) {
        assert!((one - other).abs() < 1e-12, "{found:?} is not {expected:?}");
    }
}

#[test]
fn twister_gives_the_published_numbers() {
    let mut twister = Twister::new(5489);
    assert_eq!(twister.draw(), 3_499_211_612);
    assert_eq!((1..10_000).map(|_| twister.draw()).last(), Some(4_123_659_995));
}

#[test]
fn a_permutation_holds_every_number_once() {
    let mut all = first_of_permutation(777, 50, 50);
    assert_eq!(first_of_permutation(777, 50, 7), all[..7]);
    all.sort_unstable();
    assert_eq!(all, (0..50).collect::<Vec<_>>());
}

#[test]
fn the_largest_direction_of_a_diagonal_matrix_is_its_largest_entry() {
    for (part, expected) in [(0.0, [2.0, 0.0, 0.0, 0.0, 0.0, 0.0]), (1.0, [0.0, 0.0, 0.0, 0.0, -3.0, 0.0])] {
        let start = Dense::new(2, 3, vec![2.0, 0.0, 0.0, 0.0, -3.0, 0.0]);
        let numbers = inputs(vec![], &[("rank", 1.0), ("part", part), ("factor", 1.0)]);
        let taken = Formula::open("taken", &numbers, (2, 3)).unwrap();
        assert_near(&changed(&taken, &start), &expected);
        let tall = start.transposed();
        let turned = Dense::new(2, 3, expected.to_vec()).transposed();
        let taken = Formula::open("taken", &numbers, (3, 2)).unwrap();
        assert_near(&changed(&taken, &tall), turned.values());
    }
}

#[test]
fn a_reflection_in_an_axis_changes_the_sign_of_a_column() {
    let directions = Dense::new(2, 1, vec![0.0, 5.0]);
    let formula = Formula::open("reflection", &inputs(vec![("directions", directions)], &[]), (2, 2)).unwrap();
    let start = Dense::new(2, 2, vec![1.0, 2.0, 3.0, 4.0]);
    assert_near(&changed(&formula, &start), &[1.0, -2.0, 3.0, -4.0]);
}

#[test]
fn the_exact_rotation_keeps_lengths() {
    let skew = Dense::new(1, 1, vec![0.5]);
    let numbers = [("block", 2.0), ("terms", 0.0)];
    let formula = Formula::open("rotation", &inputs(vec![("skew", skew)], &numbers), (1, 4)).unwrap();
    // Q = ((0, ½), (−½, 0)): cosine (1 − ¼) / (1 + ¼), sine 1 / (1 + ¼).
    let start = Dense::new(1, 4, vec![1.0, 0.0, 0.0, 2.0]);
    assert_near(&changed(&formula, &start), &[0.6, 0.8, -1.6, 1.2]);
}

#[test]
fn groups_of_rows_are_read_whole() {
    let (angle, length) = (Dense::new(1, 1, vec![0.0]), Dense::new(1, 1, vec![2.0]));
    let numbers = [("group", 2.0), ("variant", 1.0)];
    let matrices = vec![("angle", angle), ("length", length)];
    let formula = Formula::open("pairs", &inputs(matrices, &numbers), (2, 1)).unwrap();
    assert_near(&changed(&formula, &Dense::new(2, 1, vec![1.0, 3.0])), &[2.0, 6.0]);
}

#[test]
fn inputs_that_do_not_fit_are_named() {
    let kind = |kind: &str, inputs: &Inputs| Formula::open(kind, inputs, (2, 2)).err().map(|error| error.kind);
    assert_eq!(kind("nothing", &inputs(vec![], &[])), Some(ErrorKind::InvalidArgument));
    assert_eq!(kind("tiles", &inputs(vec![], &[])), Some(ErrorKind::InvalidArgument));
    let block = vec![("block", Dense::new(1, 3, vec![0.0; 3]))];
    assert_eq!(kind("tiles", &inputs(block, &[])), Some(ErrorKind::ShapeMismatch));
    let spectrum = vec![("spectrum", Dense::new(1, 5, vec![0.0; 5]))];
    let numbers = [("seed", 1.0), ("scale", 1.0)];
    assert_eq!(kind("fourier", &inputs(spectrum, &numbers)), Some(ErrorKind::ShapeMismatch));
}
