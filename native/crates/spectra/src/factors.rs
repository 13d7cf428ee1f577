//! Updates of low rank, ΔW = Σ s·B·A, handled through their factors alone.

use faer::{Mat, MatRef, Par};

use crate::error::{Error, ErrorKind, Result};
use crate::finite;
use crate::gram::Shape;
use crate::matrix::{product, qr_triangle, thin_qr, thin_svd};
use crate::outcome::{DeltaOutcome, LowRank, SpectrumMethod};

/// ΔW = left · rightᵀ with the scale inside `left`; several terms stand side by side.
#[derive(Debug, Clone)]
pub(crate) struct Factors {
    /// m × r.
    pub left: Mat<f64>,
    /// n × r.
    pub right: Mat<f64>,
    /// m ≤ n.
    is_wide: bool,
}

impl Factors {
    /// Checks shapes and finiteness and puts the terms side by side.
    ///
    /// # Errors
    /// [`ErrorKind::ShapeMismatch`] or [`ErrorKind::NotFinite`], naming the factor.
    pub(crate) fn new(terms: &[LowRank], shape: Shape) -> Result<Self> {
        let total = terms.iter().map(|term| term.rank).sum();
        let (mut left, mut right) = (Mat::zeros(shape.rows, total), Mat::zeros(shape.cols, total));
        let mut first = 0;
        for term in terms {
            check(term, shape)?;
            let b = MatRef::from_row_major_slice(&term.left, shape.rows, term.rank);
            let a = MatRef::from_column_major_slice(&term.right, shape.cols, term.rank);
            left.as_mut().subcols_mut(first, term.rank).copy_from(faer::Scale(term.scale) * b);
            right.as_mut().subcols_mut(first, term.rank).copy_from(a);
            first += term.rank;
        }
        Ok(Self { left, right, is_wide: shape.is_wide() })
    }

    /// The factor on the smaller side, p × r.
    pub(crate) fn small(&self) -> MatRef<'_, f64> {
        if self.is_wide { self.left.as_ref() } else { self.right.as_ref() }
    }

    /// The factor on the larger side, q × r.
    pub(crate) fn large(&self) -> MatRef<'_, f64> {
        if self.is_wide { self.right.as_ref() } else { self.left.as_ref() }
    }

    /// Thin QR of both factors and SVD of the core: exact for any r, also when columns depend or vanish.
    ///
    /// # Errors
    /// [`ErrorKind::NoConvergence`] of the small SVD.
    pub(crate) fn decompose(&self, par: Par) -> Result<Decomposed> {
        let (small_basis, small_triangle) = thin_qr(self.small().to_owned(), par);
        let large_triangle = qr_triangle(self.large().to_owned(), par);
        let core = product(small_triangle.as_ref(), large_triangle.transpose(), par);
        let svd = thin_svd(core.as_ref(), true, par)?;
        Ok(Decomposed { values: svd.values, small_vectors: product(small_basis.as_ref(), svd.left.as_ref(), par) })
    }
}

/// Singular values of ΔW and its vectors on the smaller side.
pub(crate) struct Decomposed {
    /// Falling, at most r of them.
    pub values: Vec<f64>,
    /// p × values.len().
    pub small_vectors: Mat<f64>,
}

impl Decomposed {
    /// Sizes and spectrum; all p values are written as zeros when ΔW vanishes.
    pub(crate) fn outcome(&self, shape: Shape) -> DeltaOutcome {
        let frobenius = self.values.iter().map(|value| value * value).sum::<f64>().sqrt();
        let is_zero = frobenius == 0.0;
        DeltaOutcome {
            frobenius,
            singular_values: if is_zero { vec![0.0; shape.small()] } else { self.values.clone() },
            method: if is_zero { SpectrumMethod::Zero } else { SpectrumMethod::Factors },
            resolution: 0.0,
        }
    }
}

/// Spectrum of ΔW = Σ scale·left·right from its factors.
///
/// # Errors
/// [`ErrorKind::ShapeMismatch`], [`ErrorKind::NotFinite`], or [`ErrorKind::NoConvergence`] of the small SVD.
pub fn factor_spectrum(terms: &[LowRank], shape: Shape) -> Result<DeltaOutcome> {
    Ok(Factors::new(terms, shape)?.decompose(Par::Seq)?.outcome(shape))
}

fn check(term: &LowRank, shape: Shape) -> Result<()> {
    let fits = term.left.len() == shape.rows * term.rank && term.right.len() == shape.cols * term.rank;
    if !fits {
        let (left, right) = (term.left.len(), term.right.len());
        let sentence = format!(
            "factors with {left} and {right} entries do not give a {} × {} update of rank {}",
            shape.rows, shape.cols, term.rank
        );
        return Err(Error::new(ErrorKind::ShapeMismatch, sentence));
    }
    if !term.scale.is_finite() {
        return Err(Error::new(ErrorKind::NotFinite, format!("the scale of the factors is {}", term.scale)));
    }
    finite::check(&term.left, term.rank).map_err(|error| error.at("factor B"))?;
    finite::check(&term.right, shape.cols).map_err(|error| error.at("factor A"))
}
