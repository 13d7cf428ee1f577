//! Random numbers that depend on what they are for, not on who draws first: one counter-based stream per replicate.

use faer::{Mat, MatRef, Par};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{ChiSquared, Distribution, StandardNormal};
use spectra::matrix::{product, thin_qr, thin_svd};

use crate::shift::Shift;
use crate::{Result, invalid};

/// Kinds of streams, so that none shares numbers with another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    /// Replicates of a simulation.
    Simulation = 1,
    /// Random shifts over which closed forms are averaged.
    Spectra = 2,
}

/// Points that can be told apart: the rest of the 64 bits counts replicates.
const POINT_BITS: u32 = 24;

/// The draws of one replicate at one point.
pub(crate) struct Draws(ChaCha8Rng);

impl Draws {
    pub(crate) fn new(seed: u64, stream: Stream, point: usize, replicate: usize) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed ^ ((stream as u64) << 56));
        generator.set_stream(((replicate as u64) << POINT_BITS) | (point as u64 & ((1 << POINT_BITS) - 1)));
        Self(generator)
    }

    pub(crate) fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }

    pub(crate) fn normals(&mut self, rows: usize, columns: usize) -> Mat<f64> {
        let mut out = Mat::zeros(rows, columns);
        for j in 0..columns {
            for i in 0..rows {
                out[(i, j)] = self.normal();
            }
        }
        out
    }

    /// Lower triangular L with L·Lᵀ distributed like X·Xᵀ for a d × n matrix of normals (Bartlett), n ≥ d.
    pub(crate) fn bartlett(&mut self, d: usize, n: usize) -> Result<Mat<f64>> {
        let mut out = Mat::zeros(d, d);
        for j in 0..d {
            let degrees = (n - j) as f64;
            let chi = ChiSquared::new(degrees).map_err(|error| invalid(error.to_string()))?;
            out[(j, j)] = chi.sample(&mut self.0).sqrt();
            for i in j + 1..d {
                out[(i, j)] = self.normal();
            }
        }
        Ok(out)
    }

    /// Singular values of the shift, falling; drawn where it is random.
    pub(crate) fn shift(&mut self, shift: &Shift, k: usize, d: usize) -> Result<Vec<f64>> {
        match shift {
            Shift::Ba { rank } => {
                let (left, right) = (self.normals(k, *rank), self.normals(d, *rank));
                let (_, left) = thin_qr(left, Par::Seq);
                let (_, right) = thin_qr(right, Par::Seq);
                let core = product(left.as_ref(), right.transpose(), Par::Seq);
                let values = singular_values(core.as_ref())?;
                Ok(values.iter().map(|value| value / (*rank as f64).sqrt()).collect())
            }
            other => Ok(other.fixed(k, d).unwrap_or_default()),
        }
    }
}

fn singular_values(matrix: MatRef<'_, f64>) -> Result<Vec<f64>> {
    Ok(thin_svd(matrix, false, Par::Seq)?.values)
}
