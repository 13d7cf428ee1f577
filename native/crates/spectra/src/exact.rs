//! The exact view of one module for the Inspector: both spectra whole, and the cosines of the top k tuned vectors
//! with every base vector, on both sides.

use faer::{Mat, MatRef, Par};

use crate::base::singular_pairs;
use crate::certificate::{Examined, cosines};
use crate::control::Control;
use crate::cross_image::cross_images;
use crate::eigenpairs::Eigenpairs;
use crate::error::{Error, ErrorKind, Result};
use crate::factors::Factors;
use crate::gram::{Shape, gram};
use crate::matrix::symmetric_eigen;
use crate::outcome::{Side, Tuned};
use crate::rows::Rows;
use crate::tuned::Composite;

/// Full spectra and cosines.
#[derive(Debug, Clone, PartialEq)]
pub struct ExactView {
    /// All min(m, n) singular values of W0, falling.
    pub base: Vec<f64>,
    /// All singular values of W, falling.
    pub tuned: Vec<f64>,
    /// |⟨tuned left vector j, base left vector i⟩| at `j * base.len() + i`, for the first k tuned vectors (fewer when
    /// W has fewer nonzero values); zero where the base value is zero.
    pub left: Vec<f64>,
    /// The same for the right vectors.
    pub right: Vec<f64>,
    /// Tuned vectors in `left` and `right`.
    pub examined: usize,
}

/// Computes the exact view of W0 and W, both m × n.
///
/// # Errors
/// [`ErrorKind::ShapeMismatch`], `NotFinite`, `Cancelled`, `NoConvergence`, or what reading gives.
pub fn exact_view(base: &dyn Rows, tuned: &Tuned<'_>, k: usize, control: &Control<'_>) -> Result<ExactView> {
    let shape = Shape::of(base);
    match tuned {
        Tuned::Factors(terms) => {
            let factors = Factors::new(terms, shape)?;
            view(base, &Composite { base, factors: &factors }, k, control)
        }
        Tuned::Dense(rows) if Shape::of(*rows) == shape => view(base, *rows, k, control),
        Tuned::Dense(_) => Err(Error::new(ErrorKind::ShapeMismatch, "the tuned matrix and the base differ in shape")),
    }
}

fn view(base: &dyn Rows, tuned: &dyn Rows, k: usize, control: &Control<'_>) -> Result<ExactView> {
    let old = all_pairs(base, control).map_err(|error| error.at("base"))?;
    let new = all_pairs(tuned, control)?;
    let count = new.values.iter().take(k).take_while(|value| **value > new.resolution).count();
    let par = control.parallelism();
    let small = examined(new.vectors().subcols(0, count).to_owned(), false);
    let mut image = cross_images(base, tuned, new.vectors().subcols(0, count), control)?.base;
    for j in 0..count {
        let sigma = new.values[j].sqrt();
        image.as_mut().col_mut(j).iter_mut().for_each(|value| *value /= sigma);
    }
    let large = examined(image, true);
    let table = |side: Side| {
        let is_small = (side == Side::Left) == Shape::of(base).is_wide();
        absolute_table(&old, if is_small { &small } else { &large }, par)
    };
    Ok(ExactView {
        base: singular_values(&old),
        tuned: singular_values(&new),
        left: table(Side::Left),
        right: table(Side::Right),
        examined: count,
    })
}

fn examined(columns: Mat<f64>, is_large: bool) -> Examined {
    Examined { angles: vec![0.0; columns.ncols()], columns, is_large }
}

/// Eigenpairs of the Gram matrix, or an SVD when some value is too small for it.
fn all_pairs(rows: &dyn Rows, control: &Control<'_>) -> Result<Eigenpairs> {
    let matrix = gram(rows, control)?;
    control.check()?;
    let pairs = Eigenpairs::complete(symmetric_eigen(matrix.as_ref(), control.parallelism())?, 0.0);
    // A hundred times the resolution keeps the smallest value right to about 1e-3.
    if pairs.values.last().is_some_and(|least| *least <= 100.0 * pairs.resolution) {
        return singular_pairs(rows, control);
    }
    Ok(pairs)
}

fn singular_values(pairs: &Eigenpairs) -> Vec<f64> {
    pairs.values.iter().map(|value| value.max(0.0).sqrt()).collect()
}

fn absolute_table(base: &Eigenpairs, examined: &Examined, par: Par) -> Vec<f64> {
    let resolved = base.values.iter().take_while(|value| **value > base.resolution).count();
    let read = cosines(base, resolved, examined, par);
    let entry =
        |read: MatRef<'_, f64>, i: usize, j: usize| if i < resolved { read[(i, j)].abs().min(1.0) } else { 0.0 };
    (0..read.ncols())
        .flat_map(|j| (0..base.values.len()).map(move |i| (i, j)))
        .map(|(i, j)| entry(read.as_ref(), i, j))
        .collect()
}
