//! Bounds of the best cosine from base vectors that are already known (rung 0, and the exact rung when all are).
//!
//! For orthonormal base vectors Σ cos² ≤ 1, so what the known vectors leave over bounds every other cosine:
//! a known cosine with cos² ≥ 1/2 is the best one. Every statement is widened by the angle errors of the vectors.

use std::ops::Range;

use faer::{Mat, MatRef};

use crate::eigenpairs::Eigenpairs;
use crate::matrix::product;

/// Base vectors less certain than this are not used as known ones.
const USABLE_ANGLE: f64 = 1e-3;

/// The tuned vectors of one side, in the coordinates of the smaller side.
///
/// Small side: the vectors themselves, cosine with base vector x is ⟨x, column⟩. Large side: W0 applied to them
/// (small orientation), cosine with the base vector W0ᵀx/σ is ⟨x, column⟩ / σ.
pub(crate) struct Examined {
    /// p × k.
    pub columns: Mat<f64>,
    /// Bound on the sine of the angle between each vector and the true one.
    pub angles: Vec<f64>,
    /// Whether the columns are images of vectors on the larger side.
    pub is_large: bool,
}

/// Bounds of one vector.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bounds {
    /// Lower bound of the best |cosine|.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
    /// Known base vector that reaches the lower bound.
    pub best: Option<usize>,
    /// Upper bound over the known vectors alone.
    pub known_upper: f64,
    /// Energy in the first k base vectors.
    pub span_energy: f64,
    /// The best cosine was read in an eigenspace that f64 or the eye would call degenerate.
    pub degenerate: bool,
}

impl Bounds {
    /// Neither at least ε nor below it for certain.
    pub(crate) fn is_open(&self, epsilon: f64) -> bool {
        self.lower < epsilon && self.upper >= epsilon
    }

    /// Takes tighter bounds where the other side has them.
    pub(crate) fn tighten(&mut self, lower: f64, upper: f64) {
        if lower > self.lower {
            self.lower = lower;
            self.best = None;
        }
        self.upper = self.upper.min(upper).max(self.lower);
    }
}

/// How many of the first base vectors are accurate enough to be used as known ones.
pub(crate) fn usable(base: &Eigenpairs, is_large: bool) -> usize {
    let certain = |i: usize| {
        let angle = if is_large { base.mapped_angle(i) } else { base.angle(i) };
        base.values[i] > base.resolution && angle <= USABLE_ANGLE
    };
    let whole = base.clusters.len() - usize::from(base.is_cut);
    let clusters = base.clusters[..whole].iter();
    clusters.take_while(|cluster| (*cluster).clone().all(certain)).last().map_or(0, |cluster| cluster.end)
}

/// Cosines with the first `count` base vectors, `count × k`.
pub(crate) fn cosines(base: &Eigenpairs, count: usize, examined: &Examined, par: faer::Par) -> Mat<f64> {
    let mut cosines = product(base.vectors().subcols(0, count).transpose(), examined.columns.as_ref(), par);
    if examined.is_large {
        for j in 0..cosines.ncols() {
            for i in 0..count {
                cosines[(i, j)] /= base.values[i].sqrt();
            }
        }
    }
    cosines
}

/// Bounds of every examined vector from the base vectors at hand.
pub(crate) fn bounds(base: &Eigenpairs, examined: &Examined, top: usize, par: faer::Par) -> Vec<Bounds> {
    let known = usable(base, examined.is_large);
    let resolved = base.values.iter().take_while(|value| **value > base.resolution).count();
    let read = cosines(base, resolved, examined, par);
    (0..read.ncols()).map(|j| vector_bounds(base, read.as_ref().subcols(j, 1), known, top, examined, j)).collect()
}

fn vector_bounds(
    base: &Eigenpairs,
    cosines: MatRef<'_, f64>,
    known: usize,
    top: usize,
    examined: &Examined,
    vector: usize,
) -> Bounds {
    let own = examined.angles[vector];
    let mut bounds = Bounds::default();
    let (mut energy, mut slack) = (0.0, 0.0);
    for cluster in base.clusters.iter().take_while(|cluster| cluster.end <= known) {
        let projected = cosines.col(0).subrows(cluster.start, cluster.len()).norm_l2();
        let error = own + cluster_angle(base, cluster, examined.is_large);
        energy += projected * projected;
        slack += 2.0 * projected * error;
        let floor = if base.is_equal(cluster) { projected } else { projected / (cluster.len() as f64).sqrt() };
        bounds.known_upper = bounds.known_upper.max((projected + error).min(1.0));
        if floor - error > bounds.lower {
            bounds.lower = floor - error;
            bounds.best = (cluster.len() == 1).then_some(cluster.start);
            bounds.degenerate = cluster.len() > 1 || base.is_degenerate(cluster.start);
        }
    }
    let rest = remainder(base, cosines, known, energy, slack);
    bounds.upper = bounds.known_upper.max(rest).max(bounds.lower);
    bounds.span_energy = (0..top.min(cosines.nrows())).map(|i| cosines[(i, 0)].powi(2)).sum::<f64>().min(1.0);
    bounds
}

fn cluster_angle(base: &Eigenpairs, cluster: &Range<usize>, is_large: bool) -> f64 {
    let angle = |i| if is_large { base.mapped_angle(i) } else { base.angle(i) };
    cluster.clone().map(angle).map(|sine: f64| sine * sine).sum::<f64>().sqrt().min(1.0)
}

/// Bound for the cosines with base vectors that are not known: what is left of the unit length; when an SVD gave
/// every vector, the projection on the uncertain ones (directions with singular value zero are no base vectors).
fn remainder(base: &Eigenpairs, cosines: MatRef<'_, f64>, known: usize, energy: f64, slack: f64) -> f64 {
    if base.is_complete && (base.zeros_are_exact || known == base.values.len()) {
        let uncertain: f64 = (known..cosines.nrows()).map(|i| cosines[(i, 0)].powi(2)).sum();
        return (uncertain + if uncertain > 0.0 { slack } else { 0.0 }).min(1.0).sqrt();
    }
    (1.0 - energy + slack).clamp(0.0, 1.0).sqrt()
}
