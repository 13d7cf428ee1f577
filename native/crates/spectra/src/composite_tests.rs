use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::*;
use crate::testing::Held;

fn random(generator: &mut SmallRng, count: usize) -> Vec<f64> {
    (0..count).map(|_| generator.random_range(-1.0..1.0)).collect()
}

struct Case {
    base: Held,
    term: LowRank,
}

const ROWS: usize = 7;
const COLUMNS: usize = 5;
const RANK: usize = 2;

fn case() -> Case {
    let mut generator = SmallRng::seed_from_u64(7);
    let base = Held::new(ROWS, COLUMNS, random(&mut generator, ROWS * COLUMNS));
    let (left, right) = (random(&mut generator, ROWS * RANK), random(&mut generator, RANK * COLUMNS));
    Case { base, term: LowRank { left, right, rank: RANK, scale: 1.5 } }
}

impl Case {
    /// V = W0 + scale·left·right by the definition.
    fn sum(&self, row: usize, column: usize) -> f64 {
        let product = |inner| self.term.left[row * RANK + inner] * self.term.right[inner * COLUMNS + column];
        self.base.at(row, column) + self.term.scale * (0..RANK).map(product).sum::<f64>()
    }

    fn parts(&self) -> Parts<'_> {
        let terms = vec![self.term.clone()];
        Parts { start: Box::new(&self.base), replaced_rows: None, terms, dora: None, rounded_to: None }
    }
}

/// Reads in uneven blocks, so that block boundaries are crossed.
fn read(composite: &Composite) -> Vec<f64> {
    let mut all = vec![0.0; ROWS * COLUMNS];
    for range in [0..1, 1..4, 4..4, 4..7] {
        composite.read(range.clone(), &mut all[range.start * COLUMNS..range.end * COLUMNS]).unwrap();
    }
    all
}

fn assert_close(found: &[f64], expected: impl Fn(usize, usize) -> f64) {
    for (index, value) in found.iter().enumerate() {
        let expected = expected(index / COLUMNS, index % COLUMNS);
        assert!((value - expected).abs() <= 1e-14, "element {index}: {value} for {expected}");
    }
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|value| value * value).sum::<f64>().sqrt()
}

#[test]
fn low_rank_terms_are_added_to_replaced_rows() {
    let case = case();
    assert_close(&read(&Composite::new(case.parts(), &Control::SINGLE).unwrap()), |row, column| case.sum(row, column));
    let mut values = vec![9.0; COLUMNS];
    values.extend([4.0; COLUMNS]);
    let replaced_rows = Some(ReplacedRows { indices: vec![5, 1], values });
    let composite = Composite::new(Parts { replaced_rows, ..case.parts() }, &Control::SINGLE).unwrap();
    assert_close(&read(&composite), |row, column| {
        let new = match row {
            5 => 9.0,
            1 => 4.0,
            _ => case.base.at(row, column),
        };
        new + case.sum(row, column) - case.base.at(row, column)
    });
}

#[test]
fn dora_gives_rows_or_columns_their_norms() {
    let case = case();
    let row_norm = |row| norm((0..COLUMNS).map(|column| case.sum(row, column)));
    let column_norm = |column| norm((0..ROWS).map(|row| case.sum(row, column)));
    let dora = |axis, magnitude| {
        let parts = Parts { dora: Some(Dora { axis, magnitude }), ..case.parts() };
        read(&Composite::new(parts, &Control::SINGLE).unwrap())
    };
    let by_rows: Vec<f64> = (1..=ROWS).map(|value| value as f64).collect();
    assert_close(&dora(Axis::Row, Some(by_rows.clone())), |row, column| {
        by_rows[row] * case.sum(row, column) / row_norm(row)
    });
    let by_columns: Vec<f64> = (1..=COLUMNS).map(|value| value as f64).collect();
    assert_close(&dora(Axis::Column, Some(by_columns.clone())), |row, column| {
        by_columns[column] * case.sum(row, column) / column_norm(column)
    });
    assert_close(&dora(Axis::Row, None), |row, column| {
        norm((0..COLUMNS).map(|column| case.base.at(row, column))) * case.sum(row, column) / row_norm(row)
    });
    assert_close(&dora(Axis::Column, None), |row, column| {
        norm((0..ROWS).map(|row| case.base.at(row, column))) * case.sum(row, column) / column_norm(column)
    });
}

#[test]
fn a_row_of_zeros_stays_zero_under_dora() {
    let base = Held::new(2, 2, vec![0.0, 0.0, 3.0, 4.0]);
    for axis in [Axis::Row, Axis::Column] {
        let dora = Some(Dora { axis, magnitude: Some(vec![1.0, 1.0]) });
        let parts = Parts { start: Box::new(&base), replaced_rows: None, terms: vec![], dora, rounded_to: None };
        let mut out = [f64::NAN; 4];
        Composite::new(parts, &Control::SINGLE).unwrap().read(0..2, &mut out).unwrap();
        assert!(out.iter().all(|value| value.is_finite()), "{out:?}");
    }
}

#[test]
fn merging_rounds_the_sum_to_the_storage_type() {
    let case = case();
    let parts = Parts { rounded_to: Some(ElementType::Bf16), ..case.parts() };
    let found = read(&Composite::new(parts, &Control::SINGLE).unwrap());
    let mut expected = read(&Composite::new(case.parts(), &Control::SINGLE).unwrap());
    assert_ne!(found, expected);
    ElementType::Bf16.round(&mut expected).unwrap();
    assert_eq!(found, expected);
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let case = case();
    let kind = |parts| Composite::new(parts, &Control::SINGLE).map(|_| ()).unwrap_err().kind;
    let short = LowRank { rank: 3, ..case.term.clone() };
    assert_eq!(kind(Parts { terms: vec![short], ..case.parts() }), ErrorKind::ShapeMismatch);
    let rows =
        |indices: &[usize], count| Some(ReplacedRows { indices: indices.to_vec(), values: vec![0.0; count * COLUMNS] });
    assert_eq!(kind(Parts { replaced_rows: rows(&[0], 2), ..case.parts() }), ErrorKind::ShapeMismatch);
    assert_eq!(kind(Parts { replaced_rows: rows(&[ROWS], 1), ..case.parts() }), ErrorKind::InvalidArgument);
    assert_eq!(kind(Parts { replaced_rows: rows(&[2, 2], 2), ..case.parts() }), ErrorKind::InvalidArgument);
    let dora = Some(Dora { axis: Axis::Row, magnitude: Some(vec![1.0; COLUMNS]) });
    assert_eq!(kind(Parts { dora, ..case.parts() }), ErrorKind::ShapeMismatch);
}
