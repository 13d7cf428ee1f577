//! Top of a tuned matrix W, and its vectors seen from the base, for factors and for dense matrices.

use std::ops::Range;

use faer::{Mat, MatRef, Par};

use crate::base::{Base, resolve_top, singular_pairs};
use crate::certificate::Examined;
use crate::control::Control;
use crate::cross_image::cross_images;
use crate::eigenpairs::Eigenpairs;
use crate::error::{ErrorKind, Result};
use crate::factors::Factors;
use crate::gram::{Precision, gram_of};
use crate::krylov::{GUARD, dense_eigenpairs, top_eigenpairs};
use crate::matrix::{add_product, product, symmetric_eigen, thin_qr};
use crate::operator::{Operator, Symmetric, Updated};
use crate::outcome::{Question, TopOutcome};
use crate::random::Random;
use crate::rows::Rows;

/// What is recorded when the sums in f32 were not enough.
const TOO_COARSE: &str = "the Gram matrix of the tuned matrix summed in f32 does not resolve what is asked; \
    summed in f64";

/// A tuned matrix in the form the measures need.
pub(crate) enum Form<'a> {
    /// W0 plus factors, with C = W0·L in small orientation and the ΔW vectors on the smaller side.
    Factors { factors: &'a Factors, cross: Mat<f64>, directions: Mat<f64> },
    /// Any other matrix, with the Gram matrix of ΔW in small orientation.
    Dense { rows: &'a dyn Rows, change: Mat<f64> },
}

/// Top of W.
pub(crate) struct Top {
    /// First eigenpairs of W·Wᵀ in small orientation, or all.
    pub pairs: Eigenpairs,
    /// ‖W‖_F.
    pub frobenius: f64,
    /// Rungs that failed.
    pub climbed: Vec<String>,
}

impl Top {
    /// Computes the top of W; the base's vectors and those of ΔW start the iteration.
    ///
    /// # Errors
    /// `NotFinite`, `Cancelled`, or no rung converged.
    pub(crate) fn new(base: &Base<'_>, form: &Form<'_>, question: &Question, control: &Control<'_>) -> Result<Self> {
        let par = control.parallelism();
        match form {
            Form::Factors { factors, cross, directions } => {
                let inner = product(factors.large().transpose(), factors.large(), par);
                let small = factors.small();
                let (gram, cross, inner, error) = (base.gram.as_ref(), cross.as_ref(), inner.as_ref(), base.error);
                let operator = Updated { gram, error, cross, small, inner, par };
                let change =
                    2.0 * inner_product(cross, small) + inner_product(product(small, inner, par).as_ref(), small);
                let squared = base.frobenius.powi(2) + change;
                let rows = Composite { base: base.rows, factors };
                let top = Self::from_operator(base, &operator, directions.as_ref(), squared, &rows, question, control)?;
                if !top.pairs.stand_the_error(question.k) {
                    base.needs_double.set(true);
                }
                Ok(top)
            }
            Form::Dense { rows, .. } => {
                let precision = if question.exact { Precision::Double } else { Precision::Single };
                let top = Self::of_dense(base, *rows, precision, question, control)?;
                if top.pairs.stand_the_error(question.k) {
                    return Ok(top);
                }
                let mut top = Self::of_dense(base, *rows, Precision::Double, question, control)?;
                top.climbed.insert(0, TOO_COARSE.to_owned());
                Ok(top)
            }
        }
    }

    fn of_dense(
        base: &Base<'_>,
        rows: &dyn Rows,
        precision: Precision,
        question: &Question,
        control: &Control<'_>,
    ) -> Result<Self> {
        let gram = gram_of(rows, precision, control)?;
        let squared = gram.frobenius().powi(2);
        let operator = Symmetric { matrix: gram.matrix.as_ref(), error: gram.error, par: control.parallelism() };
        let none = Mat::zeros(base.shape.small(), 0);
        Self::from_operator(base, &operator, none.as_ref(), squared, rows, question, control)
    }

    fn from_operator(
        base: &Base<'_>,
        operator: &dyn Operator,
        directions: MatRef<'_, f64>,
        squared: f64,
        rows: &dyn Rows,
        question: &Question,
        control: &Control<'_>,
    ) -> Result<Self> {
        let mut climbed = Vec::new();
        let wanted = question.k.min(base.shape.small());
        let pairs = match first_rung(base, operator, directions, wanted, question, control) {
            Ok(pairs) => pairs,
            Err(error) if error.kind == ErrorKind::Cancelled => return Err(error),
            Err(error) => {
                climbed.push(format!("top of the tuned matrix: {error}"));
                dense_eigenpairs(operator, control)?
            }
        };
        let pairs = if pairs.stand_the_error(wanted) {
            resolve_top(pairs, wanted, &mut climbed, "tuned matrix", || singular_pairs(rows, control))?
        } else {
            pairs
        };
        let least: f64 = pairs.values.iter().take(wanted).map(|value| value.max(0.0)).sum();
        Ok(Self { pairs, frobenius: squared.max(least).sqrt(), climbed })
    }

    /// Values and residuals of the first k.
    pub(crate) fn outcome(&self, k: usize) -> TopOutcome {
        top_outcome(&self.pairs, self.frobenius, k)
    }

    /// How many of the first k vectors exist: a zero singular value has no direction.
    pub(crate) fn directions(&self, k: usize) -> usize {
        self.pairs.values.iter().take(k).take_while(|value| **value > self.pairs.resolution).count()
    }

    /// The vectors on the smaller side.
    pub(crate) fn small_side(&self, k: usize) -> Examined {
        let count = self.directions(k);
        let columns = self.pairs.vectors().subcols(0, count).to_owned();
        Examined { columns, angles: (0..count).map(|i| self.pairs.angle(i)).collect(), is_large: false }
    }

    /// The vectors of the larger side, Wᵀu/σ, as W0 maps them: W0·Wᵀu/σ in small orientation. For a dense matrix
    /// also ΔW·Wᵀu, which the same pass over both files gives.
    ///
    /// # Errors
    /// `Cancelled`, or what reading gives.
    pub(crate) fn large_side(
        &self,
        base: &Base<'_>,
        form: &Form<'_>,
        k: usize,
        control: &Control<'_>,
    ) -> Result<(Examined, Option<Mat<f64>>)> {
        let count = self.directions(k);
        let vectors = self.pairs.vectors().subcols(0, count);
        let (mut columns, change) = match form {
            Form::Factors { factors, cross, .. } => {
                let par = control.parallelism();
                let mut image = product(base.gram.as_ref(), vectors, par);
                let inner = product(factors.small().transpose(), vectors, par);
                add_product(image.as_mut(), cross.as_ref(), inner.as_ref(), 1.0, par);
                (image, None)
            }
            Form::Dense { rows, .. } => {
                let images = cross_images(base.rows, *rows, vectors, control)?;
                (images.base, Some(images.change))
            }
        };
        for j in 0..count {
            let sigma = self.pairs.values[j].sqrt();
            columns.as_mut().col_mut(j).iter_mut().for_each(|value| *value /= sigma);
        }
        let angles = (0..count).map(|i| self.pairs.mapped_angle(i)).collect();
        Ok((Examined { columns, angles, is_large: true }, change))
    }
}

/// Values and residuals of the first k pairs.
pub(crate) fn top_outcome(pairs: &Eigenpairs, frobenius: f64, k: usize) -> TopOutcome {
    let count = k.min(pairs.values.len());
    let largest = pairs.values.first().copied().unwrap_or(0.0).max(f64::MIN_POSITIVE);
    TopOutcome {
        frobenius,
        singular_values: pairs.values[..count].iter().map(|value| value.max(0.0).sqrt()).collect(),
        residuals: pairs.residuals[..count].iter().map(|residual| residual / largest).collect(),
    }
}

fn inner_product(left: MatRef<'_, f64>, right: MatRef<'_, f64>) -> f64 {
    (0..left.ncols()).map(|j| left.col(j).transpose() * right.col(j)).sum()
}

fn first_rung(
    base: &Base<'_>,
    operator: &dyn Operator,
    directions: MatRef<'_, f64>,
    wanted: usize,
    question: &Question,
    control: &Control<'_>,
) -> Result<Eigenpairs> {
    if question.exact {
        return dense_eigenpairs(operator, control);
    }
    let mut random = Random::new(question.seed ^ 0x5EED);
    let width = (question.k + GUARD).min(operator.order());
    let start = warm_start(base, operator, directions, width, &mut random, control.parallelism())?;
    top_eigenpairs(operator, wanted, start.as_ref(), &mut random, control)
}

/// Best `width` vectors in the span of the base's top and the leading ΔW directions (Rayleigh-Ritz), with a little
/// noise so that no eigenvector is orthogonal to the start.
fn warm_start(
    base: &Base<'_>,
    operator: &dyn Operator,
    directions: MatRef<'_, f64>,
    width: usize,
    random: &mut Random,
    par: Par,
) -> Result<Mat<f64>> {
    let p = operator.order();
    let (old, new) = (width.min(base.top.vectors.ncols()), width.min(directions.ncols()));
    if old + new < width || old + new > p {
        return Ok(random.normals(p, width));
    }
    let mut span = Mat::zeros(p, old + new);
    span.as_mut().subcols_mut(0, old).copy_from(base.top.vectors().subcols(0, old));
    span.as_mut().subcols_mut(old, new).copy_from(directions.subcols(0, new));
    random.add_normals(span.as_mut(), 1e-4 / (p as f64).sqrt());
    let (span, _) = thin_qr(span, par);
    let mut image = Mat::zeros(p, span.ncols());
    operator.apply(span.as_ref(), image.as_mut());
    let projected = product(span.transpose(), image.as_ref(), par);
    let ritz = symmetric_eigen(projected.as_ref(), Par::Seq)?;
    Ok(product(span.as_ref(), ritz.vectors.subcols(0, width), par))
}

/// W0 plus factors as rows, for the rungs that must stream W.
pub(crate) struct Composite<'a> {
    /// W0.
    pub base: &'a dyn Rows,
    /// ΔW.
    pub factors: &'a Factors,
}

impl Rows for Composite<'_> {
    fn rows(&self) -> usize {
        self.base.rows()
    }

    fn cols(&self) -> usize {
        self.base.cols()
    }

    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        self.base.read(range.clone(), out)?;
        let target = faer::MatMut::from_column_major_slice_mut(out, self.base.cols(), range.len());
        let left = self.factors.left.as_ref().subrows(range.start, range.len());
        add_product(target, self.factors.right.as_ref(), left.transpose(), 1.0, Par::Seq);
        Ok(())
    }
}
