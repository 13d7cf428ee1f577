//! The question asked of one module and the numbers that answer it.
//!
//! Plain data: the addon converts it one to one, the engine turns it into measures. Undefined quantities are
//! `None`, never NaN.

use crate::error::Error;
use crate::rows::Rows;

/// ΔW = scale · left · right, with small inner dimension r.
#[derive(Debug, Clone, PartialEq)]
pub struct LowRank {
    /// `out × r`, row-major.
    pub left: Vec<f64>,
    /// `r × in`, row-major.
    pub right: Vec<f64>,
    /// Inner dimension.
    pub rank: usize,
    /// Factor in front of the product.
    pub scale: f64,
}

/// The tuned matrix of one run, in the cheapest form that is exact.
pub enum Tuned<'a> {
    /// W = W0 + Σ scale·left·right; ΔW is never formed.
    Factors(Vec<LowRank>),
    /// Any other W, row by row.
    Dense(&'a dyn Rows),
}

/// Which singular vectors the intruder question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Left singular vectors (output directions).
    Left,
    /// Right singular vectors (input directions).
    Right,
}

/// Storage type whose rounding grid the audit speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grid {
    /// bfloat16: 8 significant bits.
    Bf16,
    /// float16: 11 significant bits, least step 2⁻²⁴.
    F16,
}

/// What to measure on one module.
#[derive(Debug, Clone)]
pub struct Question {
    /// Number of top singular vectors examined.
    pub k: usize,
    /// Threshold ε of the best cosine.
    pub epsilon: f64,
    /// Further thresholds that the bounds should decide where that is cheap.
    pub epsilons: Vec<f64>,
    /// Sides to examine; empty: only sizes and spectra of ΔW ("quick").
    pub sides: Vec<Side>,
    /// Take the exact path at once.
    pub exact: bool,
    /// Grid for the rounding audit of dense runs (the tuned file's storage type), if any.
    pub rounding: Option<Grid>,
    /// Seed of the Gaussian start blocks.
    pub seed: u64,
}

/// How the values of a spectrum were obtained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpectrumMethod {
    /// QR of both factors and an SVD of the small core.
    Factors,
    /// Eigenvalues of the f64 Gram matrix.
    Gram,
    /// Bidiagonal SVD in f64.
    Bidiagonal,
    /// ΔW is exactly zero.
    Zero,
}

/// Sizes and spectrum of ΔW.
#[derive(Debug, Clone, PartialEq)]
pub struct DeltaOutcome {
    /// ‖ΔW‖_F.
    pub frobenius: f64,
    /// All min(out, in) singular values in falling order (for factors: those beyond r are exact zeros and left out).
    pub singular_values: Vec<f64>,
    /// Method that gave them.
    pub method: SpectrumMethod,
    /// Values below this are not resolved by the method (0 for factors and bidiagonal).
    pub resolution: f64,
}

/// Sums over entries for the rounding audit, f64; u is the grid step at the base entry.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundingSums {
    /// Entries of W bit-equal to W0 (as values).
    pub equal: u64,
    /// Entries in all.
    pub total: u64,
    /// Σ u².
    pub step_squares: f64,
    /// Largest Σ u² of one row.
    pub row_maximum: f64,
    /// Largest Σ u² of one column.
    pub column_maximum: f64,
    /// Whether every |ΔW| ≤ u/2: a cast, no training.
    pub within_half_step: bool,
    /// Whether all entries of W0 lie on the grid.
    pub base_on_grid: bool,
    /// Whether all entries of W lie on the grid.
    pub tuned_on_grid: bool,
}

/// First singular values of a matrix, with the residuals ‖M·x − λ·x‖ / λ₁ of their eigenpairs.
#[derive(Debug, Clone, PartialEq)]
pub struct TopOutcome {
    /// ‖W‖_F.
    pub frobenius: f64,
    /// First k values (fewer when min(out, in) < k), falling.
    pub singular_values: Vec<f64>,
    /// Relative residual of each.
    pub residuals: Vec<f64>,
}

/// Rung of the ladder that settled the bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionMethod {
    /// Converged base vectors carry at least half of every vector: the best cosine is known.
    Matched,
    /// Batched Lanczos with Ritz and Christoffel bounds.
    Lanczos,
    /// Symmetric eigendecomposition.
    Exact,
}

/// Bounds of the best cosine for the top k vectors of one side.
#[derive(Debug, Clone, PartialEq)]
pub struct SideOutcome {
    /// Side these vectors belong to.
    pub side: Side,
    /// Lower bound of the best |cosine| per vector.
    pub lower: Vec<f64>,
    /// Upper bound per vector.
    pub upper: Vec<f64>,
    /// Index of the base vector that reaches the lower bound, where it is known.
    pub best: Vec<Option<usize>>,
    /// Energy of each vector inside the span of the top k base vectors.
    pub span_energy: Vec<f64>,
    /// Share of ‖ΔW‖_F² along each vector: ‖uᵀΔW‖² for left ones, ‖ΔW·v‖² for right ones; zeros when ΔW is zero.
    pub delta_share: Vec<f64>,
    /// Rung that settled the last open vector.
    pub method: DecisionMethod,
    /// Lanczos steps taken (0 when none).
    pub steps: usize,
    /// Two base values agree to 1e-5 relative where a cosine was read: the eigenspace, not a vector, was met.
    pub degenerate: bool,
    /// Rungs that failed on the way, in words.
    pub climbed: Vec<String>,
}

/// The numbers of one run at one module.
#[derive(Debug, Clone, PartialEq)]
pub struct RunOutcome {
    /// Sizes and spectrum of ΔW.
    pub delta: DeltaOutcome,
    /// Rounding audit, for dense runs.
    pub rounding: Option<RoundingSums>,
    /// Top of W; `None` when only ΔW was asked for.
    pub tuned: Option<TopOutcome>,
    /// One entry per side asked for.
    pub sides: Vec<SideOutcome>,
    /// Seconds spent on this run, without the base's share.
    pub seconds: f64,
}

/// The numbers of one module: its base once, and each run or the reason why it failed.
#[derive(Debug)]
pub struct ModuleOutcome {
    /// Top of W0; `None` when only ΔW was asked for (then `base_frobenius` is still filled).
    pub base: Option<TopOutcome>,
    /// ‖W0‖_F.
    pub base_frobenius: f64,
    /// Least strength at which a random rank-1 update enters the top k: `1/√(φ_m(σ_k)·φ_n(σ_k))`.
    pub critical_strength: Option<f64>,
    /// Runs in the order asked.
    pub runs: Vec<Result<RunOutcome, Error>>,
    /// Seconds spent on the base.
    pub base_seconds: f64,
}
