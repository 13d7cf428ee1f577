//! The named inputs of a formula, with errors that name them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::rows::{Dense, Rows};

/// Matrices of the adapter, held in memory, and numbers of its settings.
#[derive(Default)]
pub struct Inputs {
    /// Vectors are matrices with one row.
    pub matrices: HashMap<String, Dense>,
    /// Switches are 0 or 1.
    pub numbers: HashMap<String, f64>,
    /// A matrix as large as one of the base, which is read block by block.
    pub source: Option<Arc<dyn Rows + Send>>,
}

impl Inputs {
    pub(super) fn has(&self, name: &str) -> bool {
        self.matrices.contains_key(name)
    }

    pub(super) fn matrix(&self, name: &str) -> Result<&Dense> {
        self.matrices.get(name).ok_or_else(|| invalid(format!("the formula needs a matrix {name:?}")))
    }

    pub(super) fn source(&self) -> Result<&Arc<dyn Rows + Send>> {
        self.source.as_ref().ok_or_else(|| invalid("the formula needs a source"))
    }

    /// A matrix of that shape.
    pub(super) fn shaped(&self, name: &str, rows: usize, columns: usize) -> Result<&Dense> {
        let matrix = self.matrix(name)?;
        if (matrix.rows(), matrix.cols()) == (rows, columns) {
            return Ok(matrix);
        }
        Err(misfit(format!("{name} is {}×{}, {rows}×{columns} is needed", matrix.rows(), matrix.cols())))
    }

    /// All values of a matrix with that many.
    pub(super) fn vector(&self, name: &str, length: usize) -> Result<&[f64]> {
        let values = self.matrix(name)?.values();
        if values.len() == length {
            return Ok(values);
        }
        Err(misfit(format!("{name} has {} values, {length} are needed", values.len())))
    }

    pub(super) fn number(&self, name: &str) -> Result<f64> {
        let number = self.numbers.get(name).copied().filter(|value| value.is_finite());
        number.ok_or_else(|| invalid(format!("the formula needs a finite number {name:?}")))
    }

    /// A whole number of at least `least`.
    pub(super) fn count(&self, name: &str, least: usize) -> Result<usize> {
        let number = self.number(name)?;
        if number.fract() != 0.0 || number < least as f64 || number > f64::from(u32::MAX) {
            return Err(invalid(format!("{name} is {number}, a whole number of at least {least} is needed")));
        }
        Ok(number as usize)
    }

    /// Positions below `bound`.
    pub(super) fn places(&self, name: &str, count: usize, bound: usize) -> Result<Vec<usize>> {
        let place = |value: &f64| {
            if value.fract() == 0.0 && *value >= 0.0 && *value < bound as f64 {
                return Ok(*value as usize);
            }
            Err(misfit(format!("{name} holds {value}, which is no position below {bound}")))
        };
        self.vector(name, count)?.iter().map(place).collect()
    }

    /// A switch; absent means off.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.numbers.get(name).is_some_and(|value| *value != 0.0)
    }
}

pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

pub(super) fn misfit(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::ShapeMismatch, message)
}
