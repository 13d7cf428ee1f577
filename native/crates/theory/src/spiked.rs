//! Which components of a shift can be seen in noise, and which pay (asymptotic).

use serde::Serialize;

use crate::setting::Setting;
use crate::{Result, invalid};

/// A component of strength x in k × m noise of deviation σ.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spike {
    /// x⁴ > k·m·σ⁴.
    pub detected: bool,
    /// Its singular value in the noisy matrix; the edge of the noise when not detected.
    pub y: f64,
    /// Cosine of its left vector with the true one.
    pub cu: f64,
    /// Cosine of its right vector with the true one.
    pub cv: f64,
}

/// Spiked asymptotics of a k × m response matrix (real-valued sizes: the fast curve counts components off).
pub(crate) fn spike_of(x: f64, sigma: f64, k: f64, m: f64) -> Spike {
    let (x2, s2) = (x * x, sigma * sigma);
    let above = x2 * x2 - k * m * s2 * s2;
    if above <= 0.0 {
        return Spike { detected: false, y: sigma * (k.sqrt() + m.sqrt()), cu: 0.0, cv: 0.0 };
    }
    let y = ((x2 + k * s2) * (x2 + m * s2)).sqrt() / x;
    let cu = (above / (x2 * x2 + k * s2 * x2)).sqrt();
    let cv = (above / (x2 * x2 + m * s2 * x2)).sqrt();
    Spike { detected: true, y, cu, cv }
}

/// # Errors
/// `InvalidArgument` for negative or infinite numbers or an empty shape.
pub fn spike(x: f64, sigma: f64, k: usize, m: usize) -> Result<Spike> {
    for (name, value) in [("x", x), ("sigma", sigma)] {
        if !(value.is_finite() && value >= 0.0) {
            return Err(invalid(format!("{name} is {value}")));
        }
    }
    if k == 0 || m == 0 {
        return Err(invalid(format!("a {k}×{m} matrix is empty")));
    }
    Ok(spike_of(x, sigma, k as f64, m as f64))
}

/// Change of the risk when a component of strength s is kept: φ(s), for `removed` components that were kept before.
pub(crate) fn inclusion_change(setting: &Setting, s: f64, removed: usize) -> f64 {
    let samples = (setting.n as f64).sqrt();
    let (k, m) = ((setting.k - removed) as f64, (setting.small() - removed) as f64);
    let found = spike_of(s * samples, setting.sigma, k, m);
    let large = setting.large();
    let noise = (large - 1.0) / ((setting.distance() - 1.0) * (large - removed as f64 - 1.0));
    let aligned = found.cv * found.cv;
    found.y * found.y * (aligned / large + (1.0 - aligned) * noise)
        - 2.0 * found.y * s * found.cu * found.cv * samples / large
}

/// Thresholds of one component.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Inclusion {
    /// Weaker components cannot be seen.
    pub s_bbp: f64,
    /// Weaker components cost more noise than they bring.
    pub s_inc: f64,
}

/// Strengths at which a component becomes visible and at which keeping it pays.
#[must_use]
pub fn inclusion(setting: &Setting) -> Inclusion {
    let area = (setting.k * setting.small()) as f64;
    let s_bbp = setting.sigma * area.powf(0.25) / (setting.n as f64).sqrt();
    // The formula of the first component: b = 1/(D − 1).
    let change = |s: f64| inclusion_change(setting, s, 0);
    let (mut low, mut high) = (s_bbp * (1.0 + 1e-12), s_bbp * 2.0);
    if setting.sigma == 0.0 || change(low) <= 0.0 {
        return Inclusion { s_bbp, s_inc: s_bbp };
    }
    while change(high) > 0.0 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if change(middle) > 0.0 { low = middle } else { high = middle }
    }
    Inclusion { s_bbp, s_inc: f64::midpoint(low, high) }
}
