//! What tells whether an adapter belongs to a base: stored copies, and magnitudes that start as norms.

use crate::control::Control;
use crate::error::{Error, ErrorKind, Result};
use crate::rows::{Dense, Rows};
use crate::stream::{not_finite, visit_rows};

/// Which norms a magnitude vector holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// One norm for each row (linear layers).
    Row,
    /// One norm for each column (embeddings).
    Column,
}

/// ‖W‖_F, ‖V − W‖_F and the number of equal entries of two matrices of one shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// ‖W‖_F of the first matrix.
    pub base: f64,
    /// ‖second − first‖_F.
    pub delta: f64,
    /// Entries with equal values.
    pub equal: u64,
    /// Entries in all.
    pub total: u64,
}

/// Compares two matrices block by block.
///
/// # Errors
/// [`ErrorKind::ShapeMismatch`], [`ErrorKind::NotFinite`], [`ErrorKind::Cancelled`], or what reading gives.
pub fn difference(base: &dyn Rows, other: &dyn Rows, control: &Control<'_>) -> Result<Difference> {
    let (rows, cols) = (base.rows(), base.cols());
    if (rows, cols) != (other.rows(), other.cols()) {
        let message = format!("{rows} × {cols} against {} × {}", other.rows(), other.cols());
        return Err(Error::new(ErrorKind::ShapeMismatch, message));
    }
    let states = visit_rows(
        base,
        control,
        || (0.0, 0.0, 0_u64),
        |sums, range, block| {
            let mut second = vec![0.0; block.len()];
            other.read(range, &mut second)?;
            for (before, after) in block.iter().zip(&second) {
                sums.0 += before * before;
                sums.1 += (after - before) * (after - before);
                #[allow(clippy::float_cmp)] // Equal means untouched.
                let equal = after == before;
                sums.2 += u64::from(equal);
            }
            Ok(())
        },
    )?;
    let sum = |pick: fn(&(f64, f64, u64)) -> f64| states.iter().map(pick).sum::<f64>();
    let (base_squares, delta_squares) = (sum(|state| state.0), sum(|state| state.1));
    if !(base_squares + delta_squares).is_finite() {
        return Err(not_finite(other, control));
    }
    Ok(Difference {
        base: base_squares.sqrt(),
        delta: delta_squares.sqrt(),
        equal: states.iter().map(|state| state.2).sum(),
        total: (rows * cols) as u64,
    })
}

/// How well stored magnitudes agree with the norms of a matrix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NormAgreement {
    /// Median of magnitude / norm over the norms above zero.
    pub median_ratio: f64,
    /// ‖magnitudes − norms‖ / ‖norms‖.
    pub distance: f64,
}

/// Compares magnitudes with the norms of the rows or columns; `None` when all norms are zero.
///
/// # Errors
/// [`ErrorKind::ShapeMismatch`] unless there is one magnitude per norm; [`ErrorKind::Cancelled`]; what reading gives.
pub fn norm_agreement(
    matrix: &dyn Rows,
    magnitudes: &[f64],
    axis: Axis,
    control: &Control<'_>,
) -> Result<Option<NormAgreement>> {
    let squares = match axis {
        Axis::Row => row_squares(matrix, control)?,
        Axis::Column => column_squares(matrix, control)?,
    };
    if squares.len() != magnitudes.len() {
        let message = format!("{} magnitudes for {} norms", magnitudes.len(), squares.len());
        return Err(Error::new(ErrorKind::ShapeMismatch, message));
    }
    let pairs = || squares.iter().map(|square| square.sqrt()).zip(magnitudes);
    let mut ratios: Vec<f64> =
        pairs().filter(|(norm, _)| *norm > 0.0).map(|(norm, magnitude)| magnitude / norm).collect();
    ratios.sort_by(f64::total_cmp);
    let apart: f64 = pairs().map(|(norm, magnitude)| (magnitude - norm) * (magnitude - norm)).sum();
    let distance = (apart / squares.iter().sum::<f64>()).sqrt();
    Ok(ratios.get(ratios.len() / 2).map(|median_ratio| NormAgreement { median_ratio: *median_ratio, distance }))
}

/// ‖Bᵀ(W − B·A)‖ / ‖Bᵀ·B·A‖ for B of `left` and A of `right`: zero when B·A is a truncated singular value
/// decomposition of W, whose factors span the same spaces. `None` when B·A is zero.
///
/// # Errors
/// [`ErrorKind::ShapeMismatch`] unless B·A has the shape of W; [`ErrorKind::Cancelled`]; what reading gives.
pub fn projection_gap(matrix: &dyn Rows, left: &Dense, right: &Dense, control: &Control<'_>) -> Result<Option<f64>> {
    let (rows, cols, rank) = (matrix.rows(), matrix.cols(), right.rows());
    if (left.rows(), left.cols(), right.cols()) != (rows, rank, cols) {
        let message =
            format!("{} × {} times {rank} × {} against {rows} × {cols}", left.rows(), left.cols(), right.cols());
        return Err(Error::new(ErrorKind::ShapeMismatch, message));
    }
    let zero = || (vec![0.0; rank * cols], vec![0.0; rank * cols]);
    let parts = visit_rows(matrix, control, zero, |(gaps, sizes), range, block| {
        for (row, values) in range.zip(block.chunks_exact(cols.max(1))) {
            let weights = &left.values()[row * rank..(row + 1) * rank];
            let model = product_row(weights, right);
            for (index, weight) in weights.iter().enumerate() {
                let places = index * cols..(index + 1) * cols;
                let sums = gaps[places.clone()].iter_mut().zip(&mut sizes[places]);
                for ((gap, size), (value, fitted)) in sums.zip(values.iter().zip(&model)) {
                    *gap += weight * (value - fitted);
                    *size += weight * fitted;
                }
            }
        }
        Ok(())
    })?;
    let norm = |pick: fn(&Sums) -> &Vec<f64>| {
        let entry = |place: usize| parts.iter().map(|part| pick(part)[place]).sum::<f64>();
        (0..rank * cols).map(|place| entry(place) * entry(place)).sum::<f64>().sqrt()
    };
    let (gap, size) = (norm(|part| &part.0), norm(|part| &part.1));
    Ok((size > 0.0).then(|| gap / size))
}

/// Of one thread: the gap and the model, each seen through the left factor.
type Sums = (Vec<f64>, Vec<f64>);

/// One row of B·A.
fn product_row(weights: &[f64], right: &Dense) -> Vec<f64> {
    let mut sums = vec![0.0; right.cols()];
    for (weight, line) in weights.iter().zip(right.values().chunks_exact(right.cols().max(1))) {
        sums.iter_mut().zip(line).for_each(|(sum, value)| *sum += weight * value);
    }
    sums
}

fn row_squares(matrix: &dyn Rows, control: &Control<'_>) -> Result<Vec<f64>> {
    let cols = matrix.cols().max(1);
    let parts = visit_rows(matrix, control, Vec::new, |norms: &mut Vec<f64>, _, block| {
        norms.extend(block.chunks_exact(cols).map(|row| row.iter().map(|value| value * value).sum::<f64>()));
        Ok(())
    })?;
    Ok(parts.concat())
}

fn column_squares(matrix: &dyn Rows, control: &Control<'_>) -> Result<Vec<f64>> {
    let cols = matrix.cols();
    let parts = visit_rows(
        matrix,
        control,
        || vec![0.0; cols],
        |norms, _, block| {
            for row in block.chunks_exact(cols.max(1)) {
                norms.iter_mut().zip(row).for_each(|(norm, value)| *norm += value * value);
            }
            Ok(())
        },
    )?;
    let mut total = vec![0.0; cols];
    for part in parts {
        total.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::Range;

    struct Plain(usize, usize, Vec<f64>);

    impl Rows for Plain {
        fn rows(&self) -> usize {
            self.0
        }
        fn cols(&self) -> usize {
            self.1
        }
        fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
            out.copy_from_slice(&self.2[range.start * self.1..range.end * self.1]);
            Ok(())
        }
    }

    #[test]
    fn differences_count_and_measure() {
        let first = Plain(2, 2, vec![3.0, 0.0, 0.0, 4.0]);
        let second = Plain(2, 2, vec![3.0, 0.0, 12.0, 9.0]);
        let found = difference(&first, &second, &Control::SINGLE).unwrap();
        assert!((found.base - 5.0).abs() < 1e-15 && (found.delta - 13.0).abs() < 1e-15);
        assert_eq!((found.equal, found.total), (2, 4));
        let narrow = Plain(2, 1, vec![1.0, 1.0]);
        assert_eq!(difference(&first, &narrow, &Control::SINGLE).unwrap_err().kind, ErrorKind::ShapeMismatch);
        let broken = Plain(2, 2, vec![3.0, f64::NAN, 0.0, 4.0]);
        assert_eq!(difference(&first, &broken, &Control::SINGLE).unwrap_err().kind, ErrorKind::NotFinite);
    }

    #[test]
    fn norms_follow_the_axis_and_ratios_skip_zeros() {
        let agreement =
            |matrix: &Plain, magnitudes: &[f64], axis| norm_agreement(matrix, magnitudes, axis, &Control::SINGLE);
        let matrix = Plain(3, 2, vec![3.0, 4.0, 0.0, 0.0, 6.0, 8.0]);
        let by_row = agreement(&matrix, &[10.0, 7.0, 20.0], Axis::Row).unwrap().unwrap();
        assert!((by_row.median_ratio - 2.0).abs() < 1e-15);
        assert!((by_row.distance - (174.0_f64 / 125.0).sqrt()).abs() < 1e-15);
        let by_column = agreement(&matrix, &[45f64.sqrt(), 80f64.sqrt()], Axis::Column).unwrap().unwrap();
        assert!((by_column.median_ratio - 1.0).abs() < 1e-15 && by_column.distance < 1e-15);
        let error = agreement(&matrix, &[1.0], Axis::Row).unwrap_err();
        assert_eq!(error.kind, ErrorKind::ShapeMismatch);
        let zeros = Plain(1, 1, vec![0.0]);
        assert_eq!(agreement(&zeros, &[1.0], Axis::Row).unwrap(), None);
    }

    #[test]
    fn leading_singular_directions_leave_no_gap() {
        // W = 5·u₁v₁ᵀ + 2·u₂v₂ᵀ with u₁ = (0.6, 0.8), v₁ = (1, 0, 0) and u₂ = (−0.8, 0.6), v₂ = (0, 0, 1).
        let matrix = Plain(2, 3, vec![3.0, 0.0, -1.6, 4.0, 0.0, 1.2]);
        let gap = |left: [f64; 2], right: [f64; 3]| {
            let (left, right) = (Dense::new(2, 1, left.to_vec()), Dense::new(1, 3, right.to_vec()));
            projection_gap(&matrix, &left, &right, &Control::SINGLE).unwrap()
        };
        assert!(gap([0.6, 0.8], [5.0, 0.0, 0.0]).unwrap() < 1e-15);
        assert!((gap([0.6, 0.8], [4.0, 0.0, 0.0]).unwrap() - 0.25).abs() < 1e-15);
        assert!(gap([1.0, 0.0], [5.0, 0.0, 0.0]).unwrap() > 0.3);
        assert_eq!(gap([0.0, 0.0], [5.0, 0.0, 0.0]), None);
        let narrow = Dense::new(1, 2, vec![1.0, 1.0]);
        let error = projection_gap(&matrix, &Dense::new(2, 1, vec![1.0, 1.0]), &narrow, &Control::SINGLE).unwrap_err();
        assert_eq!(error.kind, ErrorKind::ShapeMismatch);
    }
}
