//! How the energy of pure noise is spread over its singular values (Marchenko–Pastur).

use std::f64::consts::PI;
use std::sync::OnceLock;

use crate::{Result, invalid};

/// Nodes of the quadrature.
const NODES: usize = 4096;

/// cos θ and sin² θ of the nodes.
fn nodes() -> &'static [(f64, f64)] {
    static TABLE: OnceLock<Vec<(f64, f64)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let node = |j: usize| {
            let angle = PI * (j as f64 + 0.5) / NODES as f64;
            (angle.cos(), angle.sin().powi(2))
        };
        (0..NODES).map(node).collect()
    })
}

/// e_0…e_S: share of the energy that the j largest of S = min(p, q) singular values of a p × q noise matrix hold.
///
/// # Errors
/// `InvalidArgument` for an empty shape.
pub fn noise_energy(p: usize, q: usize) -> Result<Vec<f64>> {
    if p == 0 || q == 0 {
        return Err(invalid(format!("a {p}×{q} matrix is empty")));
    }
    Ok(energy_shares(p, q))
}

pub(crate) fn energy_shares(p: usize, q: usize) -> Vec<f64> {
    let (count, ratio) = (p.min(q), p.min(q) as f64 / p.max(q) as f64);
    let (low, high) = ((1.0 - ratio.sqrt()).powi(2), (1.0 + ratio.sqrt()).powi(2));
    let (center, radius) = (f64::midpoint(low, high), (high - low) / 2.0);
    let weight = |&(cosine, sine_squared): &(f64, f64)| sine_squared / (center + radius * cosine);
    let total: f64 = nodes().iter().map(weight).sum();
    let energy: f64 = nodes().iter().map(|(_, sine_squared)| sine_squared).sum();
    let mut shares = Vec::with_capacity(count + 1);
    shares.push(0.0);
    let (mut counted, mut gathered) = (0.0, 0.0);
    for node in nodes() {
        let (step, part) = (weight(node) / total, node.1 / energy);
        while shares.len() < count && shares.len() as f64 / count as f64 <= counted + step {
            let wanted = shares.len() as f64 / count as f64;
            shares.push(gathered + part * (wanted - counted) / step);
        }
        counted += step;
        gathered += part;
    }
    shares.resize(count, gathered);
    shares.push(1.0);
    shares
}
