//! Best approximations of bounded rank: of a sum of factors, and of a matrix that is read row by row.

use faer::{Mat, MatRef};

use crate::control::Control;
use crate::edit::images::mapped;
use crate::eigenpairs::gram_resolution;
use crate::error::{Error, ErrorKind, Result};
use crate::factors::Factors;
use crate::gram::{Gram, Precision, Shape, gram_of};
use crate::krylov::{GUARD, dense_eigenpairs, top_eigenpairs};
use crate::matrix::{EPSILON, product, symmetric_eigenvalues, thin_qr, thin_svd};
use crate::operator::Symmetric;
use crate::outcome::LowRank;
use crate::random::Random;
use crate::rows::Rows;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Keep {
    /// That many triplets, or all where there are fewer.
    Rank(usize),
    /// The least number that holds this share of Σσ², 0 to 1.
    Energy(f64),
    /// All but what is zero to the precision of f64.
    All,
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
    /// ‖what was given‖_F.
    pub frobenius: f64,
}

/// Best approximation of Σ scale·left·right, from the factors alone.
///
/// # Errors
/// [`ErrorKind::ShapeMismatch`], [`ErrorKind::NotFinite`], [`ErrorKind::NoConvergence`],
/// [`ErrorKind::InvalidArgument`] for an energy outside 0 to 1.
pub fn truncate(terms: &[LowRank], shape: Shape, keep: Keep, control: &Control) -> Result<Approximation> {
    let par = control.parallelism();
    let factors = Factors::new(terms, shape)?;
    if factors.left.ncols() == 0 {
        return Ok(nothing());
    }
    let (left_basis, left_triangle) = thin_qr(factors.left, par);
    let (right_basis, right_triangle) = thin_qr(factors.right, par);
    control.check()?;
    let svd = thin_svd(product(left_triangle.as_ref(), right_triangle.transpose(), par).as_ref(), true, par)?;
    let squares: Vec<f64> = svd.values.iter().map(|value| value * value).collect();
    let largest = svd.values.first().copied().unwrap_or(0.0);
    let rank = keep.count(&squares, (EPSILON * shape.large() as f64 * largest).powi(2))?;
    let left = product(left_basis.as_ref(), svd.left.as_ref().subcols(0, rank), par);
    let right = product(right_basis.as_ref(), svd.right.as_ref().subcols(0, rank), par);
    let kept = svd.values[..rank].to_vec();
    let roots: Vec<f64> = kept.iter().map(|value| value.sqrt()).collect();
    let term = balanced(left.as_ref(), right.as_ref(), &roots, &roots);
    Ok(Approximation { term, kept, error: tail(&squares, rank).sqrt(), frobenius: tail(&squares, 0).sqrt() })
}

/// Best approximation of a dense ΔW: its top singular vectors on the smaller side, from the Gram matrix, and one more
/// pass for the other side.
///
/// # Errors
/// [`ErrorKind::NotFinite`], [`ErrorKind::NoConvergence`], [`ErrorKind::Cancelled`], [`ErrorKind::InvalidArgument`]
/// for an energy outside 0 to 1, or as [`Rows::read`].
pub fn extract(delta: &dyn Rows, keep: Keep, control: &Control) -> Result<Approximation> {
    let shape = Shape::of(delta);
    let gram = gram_of(delta, Precision::Double, control)?;
    let (rank, error) = rank_of(&gram, keep, shape, control)?;
    let frobenius = gram.frobenius();
    if rank == 0 {
        return Ok(Approximation { error: frobenius, frobenius, ..nothing() });
    }
    let small = top_vectors(&gram, rank, control)?;
    // The other side comes with its σ inside: it takes 1/√σ where the first one takes √σ.
    let large = mapped(delta, small.as_ref(), control)?;
    let kept: Vec<f64> = (0..rank).map(|index| large.col(index).norm_l2()).collect();
    let roots: Vec<f64> = kept.iter().map(|value| value.sqrt()).collect();
    let inverse: Vec<f64> = roots.iter().map(|root| if *root > 0.0 { 1.0 / root } else { 0.0 }).collect();
    let term = if shape.is_wide() {
        balanced(small.as_ref(), large.as_ref(), &roots, &inverse)
    } else {
        balanced(large.as_ref(), small.as_ref(), &inverse, &roots)
    };
    let left_out = frobenius.powi(2) - kept.iter().map(|value| value * value).sum::<f64>();
    Ok(Approximation { term, kept, error: error.unwrap_or_else(|| left_out.max(0.0).sqrt()), frobenius })
}

/// The rank to keep and, where the whole spectrum was needed for it, what is left out.
fn rank_of(gram: &Gram, keep: Keep, shape: Shape, control: &Control) -> Result<(usize, Option<f64>)> {
    if let Keep::Rank(rank) = keep {
        return Ok((rank.min(shape.small()), None));
    }
    let squares: Vec<f64> =
        symmetric_eigenvalues(gram.matrix.as_ref(), control)?.into_iter().map(|value| value.max(0.0)).collect();
    let floor = gram_resolution(squares.first().copied().unwrap_or(0.0), squares.len());
    let rank = keep.count(&squares, floor)?;
    Ok((rank, Some(tail(&squares, rank).sqrt())))
}

/// The first `rank` eigenvectors of the Gram matrix: by iteration, or all where that does not converge.
fn top_vectors(gram: &Gram, rank: usize, control: &Control) -> Result<Mat<f64>> {
    let operator = Symmetric { matrix: gram.matrix.as_ref(), error: gram.error, par: control.parallelism() };
    let order = gram.matrix.nrows();
    // The result depends on the matrix alone.
    let mut random = Random::new(0);
    let start = random.normals(order, (rank + GUARD).min(order));
    let pairs = match top_eigenpairs(&operator, rank, start.as_ref(), &mut random, control) {
        Err(error) if error.kind == ErrorKind::NoConvergence => dense_eigenpairs(&operator, control)?,
        other => other?,
    };
    Ok(pairs.vectors().subcols(0, rank).to_owned())
}

impl Keep {
    /// How many of the falling squares σ² are kept; squares at or below `floor` may be zero.
    fn count(self, squares: &[f64], floor: f64) -> Result<usize> {
        let resolved = squares.iter().take_while(|square| **square > floor).count();
        match self {
            Self::Rank(rank) => Ok(rank.min(squares.len())),
            Self::All => Ok(resolved),
            Self::Energy(share) if (0.0..=1.0).contains(&share) => {
                let allowed = (1.0 - share) * tail(squares, 0);
                Ok((0..resolved).find(|rank| tail(squares, *rank) <= allowed).unwrap_or(resolved))
            }
            Self::Energy(share) => Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("the share of energy is {share}, not within 0 to 1"),
            )),
        }
    }
}

/// Σ of the squares from `first` on, the smallest first.
fn tail(squares: &[f64], first: usize) -> f64 {
    squares[first..].iter().rev().sum()
}

fn nothing() -> Approximation {
    let term = LowRank { left: Vec::new(), right: Vec::new(), rank: 0, scale: 1.0 };
    Approximation { term, kept: Vec::new(), error: 0.0, frobenius: 0.0 }
}

/// left · diag(a) · diag(b) · rightᵀ as row-major factors.
fn balanced(left: MatRef<'_, f64>, right: MatRef<'_, f64>, a: &[f64], b: &[f64]) -> LowRank {
    let rank = left.ncols();
    let rows = (0..left.nrows()).flat_map(|row| (0..rank).map(move |index| left[(row, index)] * a[index]));
    let columns = (0..rank).flat_map(|index| (0..right.nrows()).map(move |column| right[(column, index)] * b[index]));
    LowRank { left: rows.collect(), right: columns.collect(), rank, scale: 1.0 }
}
