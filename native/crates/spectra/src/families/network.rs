//! `PEANuT`: ΔW = scale·B·h, where a small network with residual connections makes h (r × in) of the columns of W.

use faer::{Mat, MatRef};
use statrs::function::erf::erf;

use super::derived::{Derived, Seen, image, row_major};
use super::inputs::{Inputs, invalid, misfit};
use crate::control::Control;
use crate::error::Result;
use crate::matrix::product;
use crate::outcome::LowRank;
use crate::rows::{Dense, Rows};

/// One network for each column of W.
pub(super) struct Network {
    /// Aᵀ, out × r.
    first: Mat<f64>,
    encoders: Vec<Mat<f64>>,
    decoders: Vec<Mat<f64>>,
    last: Vec<f64>,
    activation: fn(f64) -> f64,
    scale: f64,
}

impl Network {
    /// Inputs `first` (r × out), `last` (out × r), `encoder0`, `decoder0`, … (r × r). Numbers: `scale`, `depth`, and
    /// `activation` (0 relu, 1 gelu, 2 silu, 3 tanh, 4 sigmoid).
    pub(super) fn open(inputs: &Inputs, rows: usize) -> Result<Self> {
        let first = inputs.matrix("first")?;
        let rank = first.rows();
        if first.cols() != rows || rank == 0 {
            return Err(misfit(format!("first is {rank}×{}, the matrix has {rows} rows", first.cols())));
        }
        let depth = inputs.count("depth", 0)?;
        let layers = |kind: &str| -> Result<Vec<Mat<f64>>> {
            (0..depth).map(|i| inputs.shaped(&format!("{kind}{i}"), rank, rank).map(of)).collect()
        };
        Ok(Self {
            first: of(first).transpose().to_owned(),
            encoders: layers("encoder")?,
            decoders: layers("decoder")?,
            last: inputs.shaped("last", rows, rank)?.values().to_vec(),
            activation: activation(inputs.count("activation", 0)?)?,
            scale: inputs.number("scale")?,
        })
    }

    fn apply(&self, mut values: Mat<f64>) -> Mat<f64> {
        for j in 0..values.ncols() {
            values.col_as_slice_mut(j).iter_mut().for_each(|value| *value = (self.activation)(*value));
        }
        values
    }
}

impl Derived for Network {
    fn see(&self, matrix: &dyn Rows, control: &Control) -> Result<Seen> {
        let layer = |weights: &Mat<f64>, values: &Mat<f64>| {
            self.apply(product(weights.as_ref(), values.as_ref(), control.parallelism()))
        };
        let mut values = self.apply(image(matrix, self.first.as_ref(), true, control)?);
        let mut earlier = Vec::with_capacity(self.encoders.len());
        for encoder in &self.encoders {
            control.check()?;
            let next = layer(encoder, &values);
            earlier.push(std::mem::replace(&mut values, next));
        }
        for (decoder, residual) in self.decoders.iter().zip(earlier.iter().rev()) {
            control.check()?;
            values = layer(decoder, &values) + residual;
        }
        let right = row_major(values.as_ref());
        Ok(Seen::Term(LowRank { left: self.last.clone(), right, rank: self.first.ncols(), scale: self.scale }))
    }
}

fn of(matrix: &Dense) -> Mat<f64> {
    MatRef::from_row_major_slice(matrix.values(), matrix.rows(), matrix.cols()).to_owned()
}

fn activation(number: usize) -> Result<fn(f64) -> f64> {
    Ok(match number {
        // Not `max`, which would lose NaN.
        0 => |x| if x < 0.0 { 0.0 } else { x },
        1 => |x| 0.5 * x * (1.0 + erf(x * std::f64::consts::FRAC_1_SQRT_2)),
        2 => |x| x / (1.0 + (-x).exp()),
        3 => f64::tanh,
        4 => |x| 1.0 / (1.0 + (-x).exp()),
        other => return Err(invalid(format!("there is no activation {other}"))),
    })
}
