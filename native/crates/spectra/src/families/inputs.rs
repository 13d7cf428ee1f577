//! The named inputs of a formula, with errors that name them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::finite;
use crate::rows::{Dense, Rows};

/// Place of errors that concern [`Inputs::source`].
pub const SOURCE: &str = "source";

/// A question of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A matrix, of that shape where the formula knows it.
    Matrix(Option<(usize, usize)>),
    Number,
}

/// Matrices of the adapter, held in memory, and numbers of its settings.
#[derive(Default)]
pub struct Inputs {
    /// Vectors are matrices with one row.
    pub matrices: HashMap<String, Dense>,
    /// Switches are 0 or 1.
    pub numbers: HashMap<String, f64>,
    /// A matrix as large as one of the base, which is read block by block.
    pub source: Option<Arc<dyn Rows + Send>>,
    /// What a formula asked for while it opened: tests answer that instead of keeping lists of names.
    #[cfg(any(test, fuzzing))]
    pub(super) asked: std::cell::RefCell<Vec<(String, Wanted)>>,
}

impl Inputs {
    pub(super) fn has(&self, name: &str) -> bool {
        self.note(name, Wanted::Matrix(None));
        self.matrices.contains_key(name)
    }

    pub(super) fn matrix(&self, name: &str) -> Result<&Dense> {
        self.note(name, Wanted::Matrix(None));
        self.stored(name)
    }

    fn held(&self, name: &str) -> Result<&Dense> {
        self.matrices.get(name).ok_or_else(|| invalid(format!("the formula needs a matrix {name:?}")))
    }

    /// NaN would be lost where only a part of the values is used, or only their sign.
    fn stored(&self, name: &str) -> Result<&Dense> {
        let matrix = self.held(name)?;
        finite::check(matrix.values(), matrix.cols()).map_err(|error| error.at(name))?;
        Ok(matrix)
    }

    pub(super) fn source(&self) -> Result<&Arc<dyn Rows + Send>> {
        self.source.as_ref().ok_or_else(|| invalid("the formula needs a source"))
    }

    /// A matrix of that shape.
    pub(super) fn shaped(&self, name: &str, rows: usize, columns: usize) -> Result<&Dense> {
        self.note(name, Wanted::Matrix(Some((rows, columns))));
        of_shape(name, self.stored(name)?, rows, columns)
    }

    /// The same for logits: −∞ stands for what is never chosen.
    pub(super) fn logits(&self, name: &str, rows: usize, columns: usize) -> Result<&Dense> {
        self.note(name, Wanted::Matrix(Some((rows, columns))));
        let matrix = self.held(name)?;
        let is_logit = |value: f64| value.is_finite() || value == f64::NEG_INFINITY;
        finite::check_each(matrix.values(), matrix.cols(), is_logit).map_err(|error| error.at(name))?;
        of_shape(name, matrix, rows, columns)
    }

    /// All values of a matrix with that many.
    pub(super) fn vector(&self, name: &str, length: usize) -> Result<&[f64]> {
        self.note(name, Wanted::Matrix(Some((1, length))));
        let values = self.stored(name)?.values();
        if values.len() == length {
            return Ok(values);
        }
        Err(misfit(format!("{name} has {} values, {length} are needed", values.len())))
    }

    pub(super) fn number(&self, name: &str) -> Result<f64> {
        self.note(name, Wanted::Number);
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

    pub(super) fn has_number(&self, name: &str) -> bool {
        self.note(name, Wanted::Number);
        self.numbers.contains_key(name)
    }

    /// A switch; absent means off.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.note(name, Wanted::Number);
        self.numbers.get(name).is_some_and(|value| *value != 0.0)
    }

    fn note(&self, name: &str, wanted: Wanted) {
        #[cfg(any(test, fuzzing))]
        self.asked.borrow_mut().push((name.to_owned(), wanted));
        #[cfg(not(any(test, fuzzing)))]
        let _ = (self, name, wanted);
    }
}

fn of_shape<'a>(name: &str, matrix: &'a Dense, rows: usize, columns: usize) -> Result<&'a Dense> {
    if (matrix.rows(), matrix.cols()) == (rows, columns) {
        return Ok(matrix);
    }
    Err(misfit(format!("{name} is {}×{}, {rows}×{columns} is needed", matrix.rows(), matrix.cols())))
}

pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

pub(super) fn misfit(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::ShapeMismatch, message)
}
