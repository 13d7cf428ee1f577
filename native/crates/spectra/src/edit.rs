//! Arithmetic of edits: merged matrices as bytes, interventions, averages, and low-rank approximations.

use std::io::Write;
use std::ops::Range;

use faer::{Mat, MatRef};

use crate::control::Control;
use crate::dtype::ElementType;
use crate::error::{Error, ErrorKind, Result};
use crate::factors::Factors;
use crate::gram::{Shape, gram};
use crate::matrix::{product, symmetric_eigen, thin_qr, thin_svd};
use crate::outcome::LowRank;
use crate::rows::Rows;

/// Values held at a time.
const BLOCK_VALUES: usize = 1 << 18;

/// What rounding to the storage type did to a written matrix.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct WriteReport {
    /// Bytes written.
    pub bytes: u64,
    /// ‖written‖_F.
    pub frobenius: f64,
    /// ‖written − intended‖_F.
    pub rounding_error: f64,
}

/// Writes a matrix row by row in a storage type, rounding to nearest.
///
/// # Errors
/// As [`Rows::read`]; [`ErrorKind::NotFinite`] with row and column for a value that is not finite or too large for
/// the type; [`ErrorKind::DtypeUnsupported`]; [`ErrorKind::Unwritable`]; [`ErrorKind::Cancelled`].
pub fn write_rows(
    matrix: &dyn Rows,
    element_type: ElementType,
    target: &mut dyn Write,
    control: &Control,
) -> Result<WriteReport> {
    let mut report = WriteReport::default();
    let (mut squares, mut error_squares, mut bytes) = (0.0, 0.0, Vec::new());
    for_each_block(matrix, control, |range, values| {
        let mut rounded = values.to_vec();
        element_type.round(&mut rounded)?;
        if let Some(index) = rounded.iter().position(|value| !value.is_finite()) {
            let (row, column) = (range.start + index / matrix.cols(), index % matrix.cols());
            let message =
                format!("{} at row {row}, column {column} has no value in {}", values[index], element_type.name());
            return Err(Error::new(ErrorKind::NotFinite, message));
        }
        squares += rounded.iter().map(|value| value * value).sum::<f64>();
        error_squares += rounded.iter().zip(values).map(|(new, old)| (new - old).powi(2)).sum::<f64>();
        bytes.clear();
        element_type.encode(&rounded, &mut bytes)?;
        report.bytes += bytes.len() as u64;
        target.write_all(&bytes).map_err(|error| Error::new(ErrorKind::Unwritable, error.to_string()))
    })?;
    Ok(WriteReport { frobenius: squares.sqrt(), rounding_error: error_squares.sqrt(), ..report })
}

/// W + (λ − 1)·σ·u·vᵀ as one more low-rank term: u of length out, v of length in.
#[must_use]
pub fn intervention(lambda: f64, sigma: f64, u: &[f64], v: &[f64]) -> LowRank {
    LowRank { left: u.to_vec(), right: v.to_vec(), rank: 1, scale: (lambda - 1.0) * sigma }
}

/// Σ weight · matrix, added up in f64.
pub struct WeightedSum<'a> {
    terms: Vec<(f64, &'a dyn Rows)>,
    shape: (usize, usize),
}

impl<'a> WeightedSum<'a> {
    /// # Errors
    /// [`ErrorKind::ShapeMismatch`], or [`ErrorKind::InvalidArgument`] without terms or with a weight that is not
    /// finite.
    pub fn new(terms: Vec<(f64, &'a dyn Rows)>) -> Result<Self> {
        let Some(shape) = terms.first().map(|(_, matrix)| (matrix.rows(), matrix.cols())) else {
            return Err(Error::new(ErrorKind::InvalidArgument, "there is nothing to add up"));
        };
        for (weight, matrix) in &terms {
            if (matrix.rows(), matrix.cols()) != shape {
                let message = format!("{}×{} beside {}×{}", matrix.rows(), matrix.cols(), shape.0, shape.1);
                return Err(Error::new(ErrorKind::ShapeMismatch, message));
            }
            if !weight.is_finite() {
                return Err(Error::new(ErrorKind::InvalidArgument, format!("a weight is {weight}")));
            }
        }
        Ok(Self { terms, shape })
    }

    /// The plain average.
    ///
    /// # Errors
    /// As [`WeightedSum::new`].
    pub fn average(matrices: &[&'a dyn Rows]) -> Result<Self> {
        let weight = 1.0 / matrices.len().max(1) as f64;
        Self::new(matrices.iter().map(|matrix| (weight, *matrix)).collect())
    }
}

impl Rows for WeightedSum<'_> {
    fn rows(&self) -> usize {
        self.shape.0
    }

    fn cols(&self) -> usize {
        self.shape.1
    }

    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        out.fill(0.0);
        let mut values = vec![0.0; out.len()];
        for (weight, matrix) in &self.terms {
            matrix.read(range.clone(), &mut values)?;
            out.iter_mut().zip(&values).for_each(|(sum, value)| *sum += weight * value);
        }
        Ok(())
    }
}

/// A best approximation of bounded rank and what it leaves out.
#[derive(Debug, Clone, PartialEq)]
pub struct Approximation {
    /// Both factors carry √σ, so that their entries have similar size in a narrow storage type; scale 1.
    pub term: LowRank,
    /// Singular values kept, falling.
    pub kept: Vec<f64>,
    /// ‖what is left out‖_F (Eckart and Young).
    pub error: f64,
}

/// Best approximation of Σ scale·left·right by rank r, from the factors alone.
///
/// # Errors
/// [`ErrorKind::ShapeMismatch`], [`ErrorKind::NotFinite`], [`ErrorKind::NoConvergence`].
pub fn truncate(terms: &[LowRank], shape: Shape, rank: usize, control: &Control) -> Result<Approximation> {
    let par = control.parallelism();
    let factors = Factors::new(terms, shape)?;
    let (left_basis, left_triangle) = thin_qr(factors.left, par);
    let (right_basis, right_triangle) = thin_qr(factors.right, par);
    let svd = thin_svd(product(left_triangle.as_ref(), right_triangle.transpose(), par).as_ref(), true, par)?;
    let rank = rank.min(svd.values.len());
    let left = product(left_basis.as_ref(), svd.left.as_ref().subcols(0, rank), par);
    let right = product(right_basis.as_ref(), svd.right.as_ref().subcols(0, rank), par);
    let error = svd.values[rank..].iter().rev().map(|value| value * value).sum::<f64>().sqrt();
    let kept = svd.values[..rank].to_vec();
    let roots: Vec<f64> = kept.iter().map(|value| value.sqrt()).collect();
    Ok(Approximation { term: balanced(left.as_ref(), right.as_ref(), &roots, &roots), kept, error })
}

/// Best approximation of a dense ΔW by rank r: its top singular vectors on the smaller side, from the Gram matrix,
/// and one more pass for the other side.
///
/// # Errors
/// [`ErrorKind::NotFinite`], [`ErrorKind::NoConvergence`], [`ErrorKind::Cancelled`], or as [`Rows::read`].
pub fn extract(delta: &dyn Rows, rank: usize, control: &Control) -> Result<Approximation> {
    let shape = Shape::of(delta);
    let rank = rank.min(shape.small());
    let eigen = symmetric_eigen(gram(delta, control)?.as_ref(), control.parallelism())?;
    let squares: Vec<f64> = eigen.values.iter().map(|value| value.max(0.0)).collect();
    let kept: Vec<f64> = squares[..rank].iter().map(|square| square.sqrt()).collect();
    let error = squares[rank..].iter().rev().sum::<f64>().sqrt();
    let small = eigen.vectors.as_ref().subcols(0, rank);
    // The other side comes with its σ inside: it takes 1/√σ where the first one takes √σ.
    let large = project(delta, small, shape, control)?;
    let roots: Vec<f64> = kept.iter().map(|value| value.sqrt()).collect();
    let inverse: Vec<f64> = roots.iter().map(|root| if *root > 0.0 { 1.0 / root } else { 0.0 }).collect();
    let term = if shape.rows <= shape.cols {
        balanced(small, large.as_ref(), &roots, &inverse)
    } else {
        balanced(large.as_ref(), small, &inverse, &roots)
    };
    Ok(Approximation { term, kept, error })
}

/// ΔWᵀ·U for wide matrices (n × r), ΔW·V for tall ones (m × r).
fn project(delta: &dyn Rows, small: MatRef<'_, f64>, shape: Shape, control: &Control) -> Result<Mat<f64>> {
    let wide = shape.rows <= shape.cols;
    let mut large = Mat::zeros(shape.rows.max(shape.cols), small.ncols());
    for_each_block(delta, control, |range, values| {
        let block = MatRef::from_row_major_slice(values, range.len(), shape.cols);
        if wide {
            large += product(block.transpose(), small.subrows(range.start, range.len()), control.parallelism());
        } else {
            let rows = product(block, small, control.parallelism());
            large.as_mut().subrows_mut(range.start, range.len()).copy_from(rows);
        }
        Ok(())
    })?;
    Ok(large)
}

/// left · diag(a) · diag(b) · rightᵀ as row-major factors.
fn balanced(left: MatRef<'_, f64>, right: MatRef<'_, f64>, a: &[f64], b: &[f64]) -> LowRank {
    let rank = left.ncols();
    let rows = (0..left.nrows()).flat_map(|row| (0..rank).map(move |index| left[(row, index)] * a[index]));
    let columns = (0..rank).flat_map(|index| (0..right.nrows()).map(move |column| right[(column, index)] * b[index]));
    LowRank { left: rows.collect(), right: columns.collect(), rank, scale: 1.0 }
}

fn for_each_block(
    matrix: &dyn Rows,
    control: &Control,
    mut visit: impl FnMut(Range<usize>, &[f64]) -> Result<()>,
) -> Result<()> {
    let (rows, columns) = (matrix.rows(), matrix.cols());
    let height = (BLOCK_VALUES / columns.max(1)).clamp(1, rows.max(1));
    let mut block = vec![0.0; height * columns];
    for start in (0..rows).step_by(height) {
        control.check()?;
        let range = start..(start + height).min(rows);
        let values = &mut block[..range.len() * columns];
        matrix.read(range.clone(), values)?;
        visit(range, values)?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
