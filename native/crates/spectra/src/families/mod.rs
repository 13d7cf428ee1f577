//! Formulas of adapter families beyond sums of plain factors (adapters.md sections 6 and 7).
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
pub use inputs::Inputs;

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
    /// or the matrix has no entries.
    pub fn open(kind: &str, inputs: &Inputs, (rows, columns): (usize, usize)) -> Result<Self> {
        if rows == 0 || columns == 0 {
            return Err(inputs::misfit(format!("a formula for a matrix of {rows}×{columns}")));
        }
        let form = match kind {
            "diagonal" => Form::Terms(diagonal::scaled_product(inputs, rows, columns)?),
            "bank" => Form::Terms(bank::mixed(inputs, rows, columns)?),
            "picked" => Form::Terms(bank::picked(inputs, rows, columns)?),
            "combined" => Form::Terms(diagonal::combined(inputs, rows, columns)?),
            "grains" => grains::open(inputs, rows, columns)?,
            "bases" => Form::Map(Arc::new(bases::Bases::open(inputs, rows, columns)?)),
            "sparse" => Form::Map(Arc::new(sparse::Sparse::open(inputs, rows, columns)?)),
            "delora" => Form::Terms(diagonal::normalised(inputs, rows, columns)?),
            "hadamard" => Form::Map(Arc::new(hadamard::Hadamard::open(inputs, rows, columns)?)),
            "kronecker" => Form::Map(Arc::new(kronecker::Kronecker::open(inputs, rows, columns)?)),
            "scaled" => Form::Map(Arc::new(scaled::Scaled::open(inputs, rows, columns)?)),
            "gated" => Form::Map(Arc::new(scaled::Gated::open(inputs, rows, columns)?)),
            "rotation" => Form::Map(Arc::new(rotation::Rotation::open(inputs, rows, columns)?)),
            "reflection" => Form::Map(Arc::new(reflection::Reflection::open(inputs, columns)?)),
            "fourier" => Form::Map(Arc::new(spectral::Fourier::open(inputs, rows, columns)?)),
            "wavelet" => Form::Map(Arc::new(spectral::Wavelet::open(inputs, rows, columns)?)),
            "tiles" => Form::Map(tiles::open(inputs, rows, columns)?),
            "circulant" => Form::Map(Arc::new(circulant::Circulant::open(inputs, rows, columns)?)),
            "pairs" => Form::Map(Arc::new(pairs::Pairs::open(inputs, rows)?)),
            "taken" => {
                let added = diagonal::scaled_product_if_any(inputs, rows, columns)?;
                Form::Derived(Arc::new(taken::Taken::open(inputs)?), added)
            }
            "affine" => Form::Map(Arc::new(affine::Affine::open(inputs, rows, columns)?)),
            "joint" => Form::Derived(Arc::new(joint::Joint::open(inputs, columns)?), Vec::new()),
            "network" => Form::Derived(Arc::new(network::Network::open(inputs, rows)?), Vec::new()),
            "projection" => Form::Derived(Arc::new(projection::Projection::open(inputs, rows, columns)?), Vec::new()),
            "blocks" => Form::Terms(diagonal::of_blocks(inputs, rows, columns)?),
            other => return Err(inputs::invalid(format!("{other:?} is no formula"))),
        };
        Ok(Self { form })
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

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;
