//! Matrices in memory, generators, and the reference answers.

use std::ops::Range;

use faer::Mat;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, StandardNormal};
use spectra::error::Result;
use spectra::outcome::{LowRank, Question, Side, SideOutcome};
use spectra::rows::Rows;

/// A matrix in memory.
pub struct Memory(pub Mat<f64>);

impl Rows for Memory {
    fn rows(&self) -> usize {
        self.0.nrows()
    }

    fn cols(&self) -> usize {
        self.0.ncols()
    }

    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        for (row, target) in range.zip(out.chunks_mut(self.0.ncols())) {
            for (column, value) in target.iter_mut().enumerate() {
                *value = self.0[(row, column)];
            }
        }
        Ok(())
    }
}

/// A matrix of f32 values, which says so: its Gram matrix may then be summed in f32.
pub struct Singles(pub Mat<f64>);

impl Singles {
    /// Rounds every value to f32.
    pub fn rounded(matrix: &Mat<f64>) -> Self {
        Self(Mat::from_fn(matrix.nrows(), matrix.ncols(), |i, j| f64::from(matrix[(i, j)] as f32)))
    }
}

impl Rows for Singles {
    fn rows(&self) -> usize {
        self.0.nrows()
    }

    fn cols(&self) -> usize {
        self.0.ncols()
    }

    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        Memory(self.0.clone()).read(range, out)
    }

    fn holds_singles(&self) -> bool {
        true
    }
}

pub fn normals(rows: usize, cols: usize, seed: u64) -> Mat<f64> {
    let mut random = SmallRng::seed_from_u64(seed);
    Mat::from_fn(rows, cols, |_, _| StandardNormal.sample(&mut random))
}

pub fn orthonormal(rows: usize, cols: usize, seed: u64) -> Mat<f64> {
    normals(rows, cols, seed).qr().compute_thin_Q()
}

/// U·diag(values)·Vᵀ with random orthonormal U and V.
pub fn with_values(m: usize, n: usize, values: &[f64], seed: u64) -> Mat<f64> {
    let (u, v) = (orthonormal(m, values.len(), seed), orthonormal(n, values.len(), seed + 1));
    Mat::from_fn(m, values.len(), |i, j| u[(i, j)] * values[j]) * v.transpose()
}

/// Power-law head over a Gaussian bulk, like the weights of a language model.
pub fn base_matrix(m: usize, n: usize, seed: u64) -> Mat<f64> {
    let p = m.min(n);
    let head = 48.min(p / 2).max(1);
    let bulk = 0.02 * ((m as f64).sqrt() + (n as f64).sqrt());
    let values: Vec<f64> = (0..head).map(|i| 4.0 * bulk * (i as f64 + 1.0).powf(-0.6)).collect();
    with_values(m, n, &values, seed) + faer::Scale(0.02) * normals(m, n, seed + 2)
}

/// A random update whose largest singular value is about `strength` times that of the base's bulk.
pub fn adapter(m: usize, n: usize, rank: usize, strength: f64, seed: u64) -> LowRank {
    let bulk = 0.02 * ((m as f64).sqrt() + (n as f64).sqrt());
    let (b, a) = (normals(m, rank, seed), normals(rank, n, seed + 1));
    let factor = |j: usize| (j as f64 + 1.0).powf(-0.3) / ((m * n) as f64).sqrt();
    LowRank {
        left: (0..m * rank).map(|index| b[(index / rank, index % rank)] * factor(index % rank)).collect(),
        right: (0..rank * n).map(|index| a[(index / n, index % n)]).collect(),
        rank,
        scale: strength * bulk,
    }
}

pub fn formed(term: &LowRank, m: usize, n: usize) -> Mat<f64> {
    Mat::from_fn(m, n, |i, j| {
        (0..term.rank).map(|r| term.left[i * term.rank + r] * term.right[r * n + j]).sum::<f64>() * term.scale
    })
}

pub fn question(sides: &[Side]) -> Question {
    Question {
        k: 10,
        epsilon: 0.5,
        epsilons: vec![0.3, 0.7],
        sides: sides.to_vec(),
        exact: false,
        rounding: None,
        seed: 11,
    }
}

/// Thin SVD by faer, values as a vector.
pub struct Reference {
    pub values: Vec<f64>,
    pub left: Mat<f64>,
    pub right: Mat<f64>,
}

pub fn reference(matrix: &Mat<f64>) -> Reference {
    let svd = matrix.thin_svd().expect("SVD");
    let values = svd.S().column_vector().iter().copied().collect();
    Reference { values, left: svd.U().to_owned(), right: svd.V().to_owned() }
}

/// Best cosine of each of the first k tuned vectors; equal base values are one eigenspace, zeros are none.
pub fn best_cosines(base: &Reference, tuned: &Reference, side: Side, k: usize) -> Vec<f64> {
    let pick =
        |reference: &Reference| if side == Side::Left { reference.left.clone() } else { reference.right.clone() };
    let cosines = pick(base).transpose() * pick(tuned);
    (0..k.min(tuned.values.len())).map(|j| best_of(&base.values, |i| cosines[(i, j)])).collect()
}

fn best_of(values: &[f64], cosine: impl Fn(usize) -> f64) -> f64 {
    let (mut best, mut first): (f64, usize) = (0.0, 0);
    while first < values.len() && values[first] > 1e-13 * values[0] {
        let equal = (first..values.len()).take_while(|&i| values[first] - values[i] <= 1e-12 * values[0]).count();
        let energy: f64 = (first..first + equal).map(|i| cosine(i).powi(2)).sum();
        best = best.max(energy.sqrt());
        first += equal;
    }
    best
}

/// Asserts that bounds contain the truth and that the decision at ε is right wherever it is not borderline.
pub fn assert_side(side: &SideOutcome, truth: &[f64], epsilon: f64, name: &str) {
    for (j, best) in truth.iter().take(side.lower.len()).enumerate() {
        let (lower, upper) = (side.lower[j], side.upper[j]);
        let where_ = format!(
            "{name}, {:?}, vector {j}: {lower} ≤ {best} ≤ {upper} ({:?}, {:?})",
            side.side, side.method, side.climbed
        );
        assert!(lower <= best + 1e-4, "lower bound above the truth: {where_}");
        assert!(upper >= best - 1e-4, "upper bound below the truth: {where_}");
        if (best - epsilon).abs() > 1e-3 {
            assert_eq!(lower >= epsilon, *best >= epsilon, "wrong decision: {where_}");
            assert_eq!(upper < epsilon, *best < epsilon, "undecided or wrong: {where_}");
        }
    }
}

pub fn assert_close(actual: f64, expected: f64, relative: f64, name: &str) {
    let error = (actual - expected).abs();
    assert!(
        error <= relative * expected.abs(),
        "{name}: {actual} for {expected}, relative error {:.2e}",
        error / expected.abs()
    );
}
