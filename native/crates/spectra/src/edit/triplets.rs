//! Top singular triplets of a tuned matrix, with what the arms of an intervention need to know of them.

use faer::{Mat, MatRef};

use crate::base::{resolve_top, singular_pairs};
use crate::control::Control;
use crate::edit::images::{Pass, mapped};
use crate::eigenpairs::Eigenpairs;
use crate::error::{Error, ErrorKind, Result};
use crate::factors::Factors;
use crate::gram::{Precision, Shape, gram_of, gram_with_cross};
use crate::krylov::{GUARD, dense_eigenpairs, top_eigenpairs};
use crate::matrix::product;
use crate::operator::{Operator, Symmetric, Updated};
use crate::outcome::{LowRank, Tuned};
use crate::random::Random;
use crate::rows::Rows;
use crate::tuned::Composite;

/// Singular triplets σ·u·vᵀ of W = W0 + ΔW in falling order.
#[derive(Debug, Clone, PartialEq)]
pub struct Triplets {
    /// Shape of W.
    pub shape: Shape,
    /// ‖W0‖_F.
    pub base_frobenius: f64,
    /// ‖ΔW‖_F.
    pub delta_frobenius: f64,
    /// σ; as many as were asked for, fewer where W has fewer that are not zero.
    pub singular_values: Vec<f64>,
    /// ‖W·Wᵀ·u − σ²·u‖ / σ₁² of each (on the smaller side).
    pub residuals: Vec<f64>,
    /// uᵀ·ΔW·v of each.
    pub overlaps: Vec<f64>,
    /// u of each, with its largest entry positive.
    pub left: Vec<Vec<f64>>,
    /// v of each.
    pub right: Vec<Vec<f64>>,
}

/// The first `count` triplets. For factors W is read twice and ΔW never formed.
///
/// # Errors
/// [`ErrorKind::ShapeMismatch`], [`ErrorKind::InvalidArgument`] for an empty matrix, [`ErrorKind::NotFinite`],
/// [`ErrorKind::NoConvergence`], [`ErrorKind::Cancelled`], or as [`Rows::read`].
pub fn triplets(
    base: &dyn Rows,
    tuned: &Tuned<'_>,
    count: usize,
    seed: u64,
    control: &Control<'_>,
) -> Result<Triplets> {
    let shape = Shape::of(base);
    if shape.small() == 0 {
        return Err(Error::new(ErrorKind::InvalidArgument, "a module needs at least one row and one column"));
    }
    let wanted = (count.min(shape.small()), seed);
    match tuned {
        Tuned::Factors(terms) => of_factors(base, &Factors::new(terms, shape)?, wanted, control),
        Tuned::Dense(rows) if Shape::of(*rows) == shape => of_dense(base, *rows, wanted, control),
        Tuned::Dense(_) => Err(Error::new(ErrorKind::ShapeMismatch, "the tuned matrix and the base differ in shape")),
    }
}

fn of_factors(base: &dyn Rows, factors: &Factors, wanted: (usize, u64), control: &Control<'_>) -> Result<Triplets> {
    let par = control.parallelism();
    let gram = gram_with_cross(base, factors.large(), Precision::Double, control).map_err(|error| error.at("base"))?;
    let inner = product(factors.large().transpose(), factors.large(), par);
    let operator = Updated {
        gram: gram.matrix.as_ref(),
        error: gram.error,
        cross: gram.cross.as_ref(),
        small: factors.small(),
        inner: inner.as_ref(),
        par,
    };
    let rows = Composite { base, factors };
    let top = top_pairs(&operator, &rows, wanted, control)?;
    let image = mapped(&rows, top.vectors(), control)?;
    let shape = Shape::of(base);
    let mut triplets = assemble(shape, &top, image.as_ref());
    triplets.base_frobenius = gram.frobenius();
    triplets.delta_frobenius = factors.decompose(par)?.outcome(shape).frobenius;
    triplets.overlaps = (triplets.left.iter().zip(&triplets.right)).map(|(u, v)| overlap(factors, u, v)).collect();
    Ok(triplets)
}

/// (uᵀ·left)·(rightᵀ·v).
fn overlap(factors: &Factors, u: &[f64], v: &[f64]) -> f64 {
    let dot = |column: usize, factor: &Mat<f64>, vector: &[f64]| {
        factor.col_as_slice(column).iter().zip(vector).map(|(entry, value)| entry * value).sum::<f64>()
    };
    (0..factors.left.ncols()).map(|column| dot(column, &factors.left, u) * dot(column, &factors.right, v)).sum()
}

fn of_dense(base: &dyn Rows, tuned: &dyn Rows, wanted: (usize, u64), control: &Control<'_>) -> Result<Triplets> {
    let gram = gram_of(tuned, Precision::Double, control)?;
    let operator = Symmetric { matrix: gram.matrix.as_ref(), error: gram.error, par: control.parallelism() };
    let top = top_pairs(&operator, tuned, wanted, control)?;
    let pass = Pass::over(base, tuned, top.vectors(), control)?;
    let image = &pass.base + &pass.change;
    let mut triplets = assemble(Shape::of(base), &top, image.as_ref());
    triplets.base_frobenius = pass.base_squares.sqrt();
    triplets.delta_frobenius = pass.change_squares.sqrt();
    // With the image σ·v (or σ·u): uᵀ·ΔW·v = (σ·v)·(ΔWᵀ·u) / σ.
    triplets.overlaps = (triplets.singular_values.iter().enumerate())
        .map(|(j, sigma)| image.col(j).transpose() * pass.change.col(j) / sigma)
        .collect();
    Ok(triplets)
}

/// The first eigenpairs of the Gram matrix, by the cheapest rung that works; only those whose value is not zero.
fn top_pairs(
    operator: &dyn Operator,
    rows: &dyn Rows,
    (wanted, seed): (usize, u64),
    control: &Control<'_>,
) -> Result<Top> {
    if wanted == 0 {
        let vectors = Mat::zeros(operator.order(), 0);
        return Ok(Top { vectors, residuals: Vec::new() });
    }
    let mut random = Random::new(seed);
    let start = random.normals(operator.order(), (wanted + GUARD).min(operator.order()));
    let pairs = match top_eigenpairs(operator, wanted, start.as_ref(), &mut random, control) {
        Err(error) if error.kind == ErrorKind::NoConvergence => dense_eigenpairs(operator, control)?,
        other => other?,
    };
    let pairs = resolve_top(pairs, wanted, &mut Vec::new(), "tuned matrix", || singular_pairs(rows, control))?;
    Ok(Top::new(&pairs, wanted))
}

/// Vectors on the smaller side, p × K.
struct Top {
    vectors: Mat<f64>,
    residuals: Vec<f64>,
}

impl Top {
    fn new(pairs: &Eigenpairs, wanted: usize) -> Self {
        let largest = pairs.values.first().copied().unwrap_or(0.0).max(f64::MIN_POSITIVE);
        let count = pairs.values.iter().take(wanted).take_while(|value| **value > pairs.resolution).count();
        let residuals = pairs.residuals[..count].iter().map(|residual| residual / largest).collect();
        Self { vectors: pairs.vectors().subcols(0, count).to_owned(), residuals }
    }

    fn vectors(&self) -> MatRef<'_, f64> {
        self.vectors.as_ref()
    }
}

/// σ as the norm of the image, which is uᵀ·W·v of the returned vectors exactly; norms and overlaps still to fill.
fn assemble(shape: Shape, top: &Top, image: MatRef<'_, f64>) -> Triplets {
    let count = top.vectors.ncols();
    let singular_values: Vec<f64> = (0..count).map(|j| image.col(j).norm_l2()).collect();
    let (mut left, mut right) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for (j, sigma) in singular_values.iter().enumerate() {
        let small: Vec<f64> = top.vectors.col_as_slice(j).to_vec();
        let large: Vec<f64> = image.col(j).iter().map(|value| value / sigma).collect();
        let (u, v) = if shape.is_wide() { (small, large) } else { (large, small) };
        let sign = sign_of_largest(&u);
        left.push(u.into_iter().map(|value| sign * value).collect());
        right.push(v.into_iter().map(|value| sign * value).collect());
    }
    let residuals = top.residuals.clone();
    let (base_frobenius, delta_frobenius, overlaps) = (0.0, 0.0, Vec::new());
    Triplets { shape, base_frobenius, delta_frobenius, singular_values, residuals, overlaps, left, right }
}

/// Singular vectors come in two signs; this one makes results repeatable.
fn sign_of_largest(vector: &[f64]) -> f64 {
    let largest = vector.iter().fold(0.0_f64, |best, value| if value.abs() > best.abs() { *value } else { best });
    if largest < 0.0 { -1.0 } else { 1.0 }
}

impl Triplets {
    /// Σ coefficient·u·vᵀ of the triplets named, as one term.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a place outside the triplets, a vector that was freed, or a coefficient
    /// that is not finite.
    pub fn term(&self, vectors: &[(usize, f64)]) -> Result<LowRank> {
        let Shape { rows, cols } = self.shape;
        for (index, coefficient) in vectors {
            let held = self.left.get(*index).is_some_and(|vector| !vector.is_empty());
            if !held || !coefficient.is_finite() {
                let message = format!("vector {index} with coefficient {coefficient} is not among the triplets held");
                return Err(Error::new(ErrorKind::InvalidArgument, message));
            }
        }
        let left = (0..rows).flat_map(|row| vectors.iter().map(move |(index, c)| c * self.left[*index][row])).collect();
        let mut right = Vec::with_capacity(vectors.len() * cols);
        for (index, _) in vectors {
            right.extend_from_slice(&self.right[*index]);
        }
        Ok(LowRank { left, right, rank: vectors.len(), scale: 1.0 })
    }

    /// Frees every vector but these.
    pub fn keep(&mut self, indices: &[usize]) {
        for index in (0..self.left.len()).filter(|index| !indices.contains(index)) {
            self.left[index] = Vec::new();
            self.right[index] = Vec::new();
        }
    }
}

#[cfg(test)]
#[path = "triplets_tests.rs"]
mod tests;
