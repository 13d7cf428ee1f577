//! Weighted sums of matrices.

use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};
use crate::rows::Rows;

/// Σ weight · matrix, added up in f64.
pub struct WeightedSum<'a> {
    terms: Vec<(f64, Box<dyn Rows + 'a>)>,
    shape: (usize, usize),
}

impl<'a> WeightedSum<'a> {
    /// # Errors
    /// [`ErrorKind::ShapeMismatch`], or [`ErrorKind::InvalidArgument`] without terms or with a weight that is not
    /// finite.
    pub fn new(terms: Vec<(f64, Box<dyn Rows + 'a>)>) -> Result<Self> {
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
