//! Formulas of adapter families beyond sums of plain factors.
//!
//! A formula says what becomes of the matrix it starts from: terms of low rank that are added, or a change of its rows
//! block by block. What it needs beside the matrix is named: small matrices of the adapter and numbers of its settings.

mod affine;
mod bank;
mod bases;
mod circulant;
mod derived;
mod diagonal;
mod grains;
mod hadamard;
mod inputs;
mod joint;
mod kronecker;
mod network;
mod pairs;
mod permutation;
mod projection;
mod reflection;
mod rotation;
mod scaled;
mod sparse;
mod spectral;
mod taken;
mod tiles;

use std::ops::Range;
use std::sync::Arc;

use faer::{MatMut, MatRef, Par};

use crate::control::Control;
use crate::error::Result;
use crate::matrix::add_product;
use crate::outcome::LowRank;
use crate::rows::{Dense, Rows};

use derived::{Derived, Seen};
pub use inputs::{Inputs, SOURCE};

/// A change of rows that needs no other rows than its own block, which starts and ends at multiples of `height`.
trait RowMap: Send + Sync {
    /// Rows that belong together.
    fn height(&self) -> usize {
        1
    }

    /// Changes the rows of `range`, row-major with `columns` values each.
    fn change(&self, range: Range<usize>, columns: usize, values: &mut [f64]);
}

#[derive(Clone)]
enum Form {
    /// ΔW is the sum of these.
    Terms(Vec<LowRank>),
    /// Each block of rows changes by itself.
    Map(Arc<dyn RowMap>),
    /// What follows from the whole matrix, and terms of the adapter.
    Derived(Arc<dyn Derived>, Vec<LowRank>),
}

impl Form {
    fn map(map: impl RowMap + 'static) -> Self {
        Self::Map(Arc::new(map))
    }

    fn derived(derived: impl Derived + 'static) -> Self {
        Self::Derived(Arc::new(derived), Vec::new())
    }
}

/// Checks the inputs against an out × in matrix.
type Open = fn(&Inputs, usize, usize) -> Result<Form>;

/// Every formula by its name.
const FORMULAS: [(&str, Open); 25] = [
    ("affine", |inputs, rows, columns| Ok(Form::map(affine::Affine::open(inputs, rows, columns)?))),
    ("bank", |inputs, rows, columns| Ok(Form::Terms(bank::mixed(inputs, rows, columns)?))),
    ("bases", |inputs, rows, columns| Ok(Form::map(bases::Bases::open(inputs, rows, columns)?))),
    ("blocks", |inputs, rows, columns| Ok(Form::Terms(diagonal::of_blocks(inputs, rows, columns)?))),
    ("circulant", |inputs, rows, columns| Ok(Form::map(circulant::Circulant::open(inputs, rows, columns)?))),
    ("combined", |inputs, rows, columns| Ok(Form::Terms(diagonal::combined(inputs, rows, columns)?))),
    ("delora", |inputs, rows, columns| Ok(Form::Terms(diagonal::normalised(inputs, rows, columns)?))),
    ("diagonal", |inputs, rows, columns| Ok(Form::Terms(diagonal::scaled_product(inputs, rows, columns)?))),
    ("fourier", |inputs, rows, columns| Ok(Form::map(spectral::Fourier::open(inputs, rows, columns)?))),
    ("gated", |inputs, rows, columns| Ok(Form::map(scaled::Gated::open(inputs, rows, columns)?))),
    ("grains", grains::open),
    ("hadamard", |inputs, rows, columns| Ok(Form::map(hadamard::Hadamard::open(inputs, rows, columns)?))),
    ("joint", |inputs, _, columns| Ok(Form::derived(joint::Joint::open(inputs, columns)?))),
    ("kronecker", |inputs, rows, columns| Ok(Form::map(kronecker::Kronecker::open(inputs, rows, columns)?))),
    ("network", |inputs, rows, _| Ok(Form::derived(network::Network::open(inputs, rows)?))),
    ("pairs", |inputs, rows, _| Ok(Form::map(pairs::Pairs::open(inputs, rows)?))),
    ("picked", |inputs, rows, columns| Ok(Form::Terms(bank::picked(inputs, rows, columns)?))),
    ("projection", |inputs, rows, columns| Ok(Form::derived(projection::Projection::open(inputs, rows, columns)?))),
    ("reflection", |inputs, _, columns| Ok(Form::map(reflection::Reflection::open(inputs, columns)?))),
    ("rotation", |inputs, rows, columns| Ok(Form::map(rotation::Rotation::open(inputs, rows, columns)?))),
    ("scaled", |inputs, rows, columns| Ok(Form::map(scaled::Scaled::open(inputs, rows, columns)?))),
    ("sparse", |inputs, rows, columns| Ok(Form::map(sparse::Sparse::open(inputs, rows, columns)?))),
    ("taken", |inputs, rows, columns| {
        let added = diagonal::scaled_product_if_any(inputs, rows, columns)?;
        Ok(Form::Derived(Arc::new(taken::Taken::open(inputs)?), added))
    }),
    ("tiles", |inputs, rows, columns| Ok(Form::Map(tiles::open(inputs, rows, columns)?))),
    ("wavelet", |inputs, rows, columns| Ok(Form::map(spectral::Wavelet::open(inputs, rows, columns)?))),
];

/// Names of all formulas.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    FORMULAS.iter().map(|(name, _)| *name)
}

/// A formula with its inputs checked against the shape of the matrix.
#[derive(Clone)]
pub struct Formula {
    form: Form,
}

impl Formula {
    /// Opens the formula `kind` of an out × in matrix.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::error::ErrorKind::InvalidArgument) for an unknown kind or a missing
    /// input, [`ErrorKind::ShapeMismatch`](crate::error::ErrorKind::ShapeMismatch) where inputs do not fit
    /// or the matrix has no entries, [`ErrorKind::NotFinite`](crate::error::ErrorKind::NotFinite) at the input that
    /// holds such a value.
    pub fn open(kind: &str, inputs: &Inputs, (rows, columns): (usize, usize)) -> Result<Self> {
        if rows == 0 || columns == 0 {
            return Err(inputs::misfit(format!("a formula for a matrix of {rows}×{columns}")));
        }
        let (_, open) = FORMULAS
            .iter()
            .find(|(name, _)| *name == kind)
            .ok_or_else(|| inputs::invalid(format!("{kind:?} is no formula")))?;
        Ok(Self { form: open(inputs, rows, columns)? })
    }

    /// The terms of a formula that is nothing but a sum of factors.
    #[must_use]
    pub fn terms(&self) -> Option<&[LowRank]> {
        match &self.form {
            Form::Terms(terms) => Some(terms),
            _ => None,
        }
    }

    /// The changed matrix before any terms, and the terms to add to it.
    ///
    /// # Errors
    /// As [`Rows::read`], [`ErrorKind::Cancelled`](crate::error::ErrorKind::Cancelled), or a decomposition that does
    /// not converge.
    pub fn over<'a>(&self, start: Box<dyn Rows + 'a>, control: &Control) -> Result<(Box<dyn Rows + 'a>, Vec<LowRank>)> {
        match &self.form {
            Form::Terms(terms) => Ok((start, terms.clone())),
            Form::Map(map) => Ok((Box::new(Mapped { start, map: map.clone() }), Vec::new())),
            Form::Derived(derived, added) => match derived.see(start.as_ref(), control)? {
                Seen::Term(term) => Ok((start, added.iter().cloned().chain([term]).collect())),
                Seen::Map(map) => Ok((Box::new(Mapped { start, map }), added.clone())),
                Seen::Held(changed) => Ok((Box::new(changed), added.clone())),
            },
        }
    }
}

/// A matrix whose rows are changed as they are read.
struct Mapped<'a> {
    start: Box<dyn Rows + 'a>,
    map: Arc<dyn RowMap>,
}

impl Rows for Mapped<'_> {
    fn rows(&self) -> usize {
        self.start.rows()
    }

    fn cols(&self) -> usize {
        self.start.cols()
    }

    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        let (columns, height) = (self.cols(), self.map.height());
        let whole = range.start / height * height..range.end.next_multiple_of(height).min(self.rows());
        if whole == range {
            self.start.read(range.clone(), out)?;
            self.map.change(range, columns, out);
            return Ok(());
        }
        let mut values = vec![0.0; whole.len() * columns];
        self.start.read(whole.clone(), &mut values)?;
        self.map.change(whole.clone(), columns, &mut values);
        let first = (range.start - whole.start) * columns;
        out.copy_from_slice(&values[first..first + out.len()]);
        Ok(())
    }
}

/// out += factor · left[range] · right, all row-major.
fn add_rows(out: &mut [f64], left: &Dense, range: Range<usize>, right: &Dense, factor: f64) {
    let (rank, columns) = (left.cols(), right.cols());
    let left = MatRef::from_row_major_slice(&left.values()[range.start * rank..range.end * rank], range.len(), rank);
    let right = MatRef::from_row_major_slice(right.values(), rank, columns);
    // Blocks are read from several threads already.
    add_product(MatMut::from_row_major_slice_mut(out, range.len(), columns), left, right, factor, Par::Seq);
}

#[cfg(any(test, fuzzing))]
pub mod answers;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;
