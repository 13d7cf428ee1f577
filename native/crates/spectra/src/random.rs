//! A small seeded generator for the Gaussian start blocks; the result depends on the seed alone.

use std::f64::consts::TAU;

use faer::{Mat, MatMut};

/// `SplitMix64` (Steele, Lea, Flood, OOPSLA 2014).
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// A stream that depends on the seed alone.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in (0, 1].
    fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 1.0) / (1_u64 << 53) as f64
    }

    /// Standard normal, by Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (TAU * self.uniform()).cos()
    }

    /// A matrix of standard normals.
    pub(crate) fn normals(&mut self, rows: usize, cols: usize) -> Mat<f64> {
        let mut out = Mat::zeros(rows, cols);
        self.add_normals(out.as_mut(), 1.0);
        out
    }

    /// Adds normals times `scale`, column by column.
    pub(crate) fn add_normals(&mut self, mut target: MatMut<'_, f64>, scale: f64) {
        for j in 0..target.ncols() {
            for i in 0..target.nrows() {
                target[(i, j)] += scale * self.normal();
            }
        }
    }
}
