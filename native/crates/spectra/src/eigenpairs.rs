//! Approximate eigenpairs with bounds on how far each vector may be from the true one.

use std::ops::Range;

use faer::{Mat, MatRef};

use crate::matrix::{EPSILON, Eigen};

/// Values closer than this, relative to themselves, count as equal and share one eigenspace.
const EQUAL: f64 = 1e-10;
/// Values agreeing to this, relative to themselves, are reported as degenerate.
const DEGENERATE: f64 = 1e-5;

/// Eigenpairs of a positive semidefinite matrix in falling order: the first few, or all.
#[derive(Debug, Clone)]
pub(crate) struct Eigenpairs {
    /// Eigenvalues λ, falling.
    pub values: Vec<f64>,
    /// p × K.
    pub vectors: Mat<f64>,
    /// ‖A·x − λ·x‖ of each.
    pub residuals: Vec<f64>,
    /// Eigenspaces: ranges of indices whose values cannot be told apart.
    pub clusters: Vec<Range<usize>>,
    /// Distance of the value's cluster to the next other value.
    pub gaps: Vec<f64>,
    /// All p pairs are here.
    pub is_complete: bool,
    /// The last cluster goes on beyond the pairs that are here.
    pub is_cut: bool,
    /// Values at or below this may be zero.
    pub resolution: f64,
    /// Share of the residuals that comes from the matrix, which is not quite the one that is meant.
    pub error: f64,
    /// Unresolved values are zero for certain: the pairs come from an SVD of the matrix itself.
    pub zeros_are_exact: bool,
}

impl Eigenpairs {
    /// The first pairs with their residuals, all of a matrix that may be off by `error`; `rest` are the values (and
    /// their residuals) that follow them. A cluster that goes on among these is incomplete: its vectors are good
    /// eigenvectors, but they do not span its eigenspace.
    pub(crate) fn partial(
        values: Vec<f64>,
        vectors: Mat<f64>,
        residuals: &[f64],
        rest: &[(f64, f64)],
        error: f64,
    ) -> Self {
        let resolution = gram_resolution(values.first().copied().unwrap_or(0.0), vectors.nrows()).max(error);
        let residuals: Vec<f64> = residuals.iter().map(|residual| residual + error).collect();
        let mut last = (values[values.len() - 1], residuals[values.len() - 1]);
        let mut is_cut = false;
        let mut next = 0.0;
        for (value, residual) in rest.iter().map(|(value, residual)| (*value, residual + error)) {
            next = value + residual;
            if !are_one(last, (value, residual)) {
                break;
            }
            (last, is_cut) = ((value, residual), true);
        }
        let mut pairs = Self::assemble(values, vectors, residuals, Some(next), resolution);
        pairs.is_cut = is_cut;
        pairs.error = error;
        pairs
    }

    /// All pairs of a matrix that carries the rounding errors of a Gram matrix, and may be off by `error` besides.
    pub(crate) fn complete(eigen: Eigen, error: f64) -> Self {
        let p = eigen.values.len();
        let largest = eigen.values.first().copied().unwrap_or(0.0).max(0.0);
        let residuals = vec![2.0 * EPSILON * (p as f64).sqrt() * largest + error; p];
        let resolution = gram_resolution(largest, p).max(error);
        let mut pairs = Self::assemble(eigen.values, eigen.vectors, residuals, None, resolution);
        pairs.error = error;
        pairs
    }

    /// Whether the first `wanted` pairs are as good as is asked although the matrix is off by `error`: values of the
    /// matrix itself to 1e-5, angles to 3e-4, and no two of them one because of it.
    pub(crate) fn stand_the_error(&self, wanted: usize) -> bool {
        let stands = |i: usize| self.error <= 1e-5 * self.values[i] && self.error <= 3e-4 * self.gaps[i];
        let mut first = self.clusters.iter().take_while(|cluster| cluster.start < wanted);
        self.error == 0.0 || first.all(|cluster| cluster.len() == 1 && stands(cluster.start))
    }

    /// All pairs from singular values (falling) and vectors of the matrix itself.
    pub(crate) fn from_singular(singular: &[f64], vectors: Mat<f64>) -> Self {
        let largest = singular.first().copied().unwrap_or(0.0);
        let noise = 2.0 * EPSILON * (singular.len() as f64).sqrt() * largest;
        let zero = EPSILON * singular.len() as f64 * largest;
        let residuals = singular.iter().map(|value| noise * (value + noise)).collect();
        let values = singular.iter().map(|value| value * value).collect();
        let mut pairs = Self::assemble(values, vectors, residuals, None, zero * zero);
        pairs.zeros_are_exact = true;
        pairs
    }

    fn assemble(values: Vec<f64>, vectors: Mat<f64>, residuals: Vec<f64>, next: Option<f64>, resolution: f64) -> Self {
        let clusters = find_clusters(&values, &residuals);
        let gaps = find_gaps(&values, &residuals, &clusters, next);
        let is_complete = next.is_none();
        Self {
            values,
            vectors,
            residuals,
            clusters,
            gaps,
            is_complete,
            is_cut: false,
            resolution,
            error: 0.0,
            zeros_are_exact: false,
        }
    }

    /// The vectors as columns.
    pub(crate) fn vectors(&self) -> MatRef<'_, f64> {
        self.vectors.as_ref()
    }

    /// Bound on the sine of the angle between vector i and its eigenspace: residual / gap (Davis and Kahan 1970).
    pub(crate) fn angle(&self, i: usize) -> f64 {
        ratio(self.residuals[i], self.gaps[i])
    }

    /// The same for the vector on the larger side, Wᵀx/σ: components towards larger values are amplified by the
    /// mapping, at most to residual / value.
    pub(crate) fn mapped_angle(&self, i: usize) -> f64 {
        2.0 * ratio(self.residuals[i], self.gaps[i].min(self.values[i]))
    }

    /// Values in the cluster are equal in f64, so that any vector of the eigenspace is as good as another.
    pub(crate) fn is_equal(&self, cluster: &Range<usize>) -> bool {
        let first = self.values[cluster.start];
        first - self.values[cluster.end - 1] <= cluster.len() as f64 * EQUAL * first
    }

    /// A neighbouring value agrees to 1e-5 relative.
    pub(crate) fn is_degenerate(&self, i: usize) -> bool {
        let near = |j: usize| (self.values[i] - self.values[j]).abs() <= DEGENERATE * self.values[i];
        i > 0 && near(i - 1) || i + 1 < self.values.len() && near(i + 1)
    }
}

/// Eigenvalues of a Gram matrix of order p at or below this may be zero.
pub(crate) fn gram_resolution(largest: f64, p: usize) -> f64 {
    EPSILON * p as f64 * largest.max(0.0)
}

fn ratio(residual: f64, gap: f64) -> f64 {
    if residual == 0.0 { 0.0 } else { (residual / gap.max(f64::MIN_POSITIVE)).min(1.0) }
}

/// Whether two neighbouring values (with their residuals) cannot be told apart, or agree to [`EQUAL`].
fn are_one(upper: (f64, f64), lower: (f64, f64)) -> bool {
    upper.0 - lower.0 <= (2.0 * (upper.1 + lower.1)).max(EQUAL * upper.0)
}

fn find_clusters(values: &[f64], residuals: &[f64]) -> Vec<Range<usize>> {
    let mut clusters: Vec<Range<usize>> = Vec::new();
    for i in 0..values.len() {
        let joins = i > 0 && are_one((values[i - 1], residuals[i - 1]), (values[i], residuals[i]));
        match clusters.last_mut() {
            Some(cluster) if joins => cluster.end = i + 1,
            _ => clusters.push(i..i + 1),
        }
    }
    clusters
}

fn find_gaps(values: &[f64], residuals: &[f64], clusters: &[Range<usize>], next: Option<f64>) -> Vec<f64> {
    let mut gaps = Vec::with_capacity(values.len());
    for (position, cluster) in clusters.iter().enumerate() {
        let (first, last) = (cluster.start, cluster.end - 1);
        let above = if first == 0 { f64::INFINITY } else { values[first - 1] - residuals[first - 1] - values[first] };
        let below = match (position + 1 < clusters.len(), next) {
            (true, _) => values[last] - values[last + 1] - residuals[last + 1],
            (false, Some(next)) => values[last] - next,
            (false, None) => f64::INFINITY,
        };
        gaps.extend(cluster.clone().map(|_| above.min(below).max(0.0)));
    }
    gaps
}
