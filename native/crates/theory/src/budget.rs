//! Ranks of many matrices under one budget of parameters.

use serde::Serialize;

use crate::advice::rank_grid;
use crate::curve::curve;
use crate::setting::Setting;
use crate::{Result, invalid};

/// One matrix: its problem and the spectrum of its shift.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// Sizes and noise.
    pub setting: Setting,
    /// Singular values of the shift.
    pub spectrum: Vec<f64>,
}

/// Chosen ranks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Allocation {
    /// One for each matrix, 0: not adapted.
    pub ranks: Vec<usize>,
    /// Parameters used.
    pub used: usize,
    /// Predicted fall of the summed risk.
    pub gain: f64,
}

struct Segment {
    matrix: usize,
    rank: usize,
    parameters: usize,
    gain: f64,
}

/// Takes, from the lower convex hulls of risk against parameters, the steepest segments first; a segment that does not
/// fit closes its matrix. `grid`: ranks to choose from, powers of two up to 512 when `None`.
///
/// # Errors
/// `InvalidArgument` for a bad spectrum or no matrix.
pub fn allocate(matrices: &[Matrix], budget: usize, grid: Option<&[usize]>) -> Result<Allocation> {
    if matrices.is_empty() {
        return Err(invalid("there is no matrix to adapt"));
    }
    let mut segments = Vec::new();
    for (index, matrix) in matrices.iter().enumerate() {
        segments.extend(hull(matrix, index, grid)?);
    }
    let steepness = |segment: &Segment| segment.gain / segment.parameters as f64;
    segments.sort_by(|one, other| {
        let order = steepness(other).total_cmp(&steepness(one));
        order.then(one.matrix.cmp(&other.matrix)).then(one.rank.cmp(&other.rank))
    });
    let mut chosen = Allocation { ranks: vec![0; matrices.len()], used: 0, gain: 0.0 };
    let mut closed = vec![false; matrices.len()];
    for segment in segments {
        if closed[segment.matrix] || chosen.used + segment.parameters > budget {
            closed[segment.matrix] = true;
            continue;
        }
        chosen.ranks[segment.matrix] = segment.rank;
        chosen.used += segment.parameters;
        chosen.gain += segment.gain;
    }
    Ok(chosen)
}

/// Falling segments of the lower convex hull of (r(k + d), R[r]).
fn hull(matrix: &Matrix, index: usize, grid: Option<&[usize]>) -> Result<Vec<Segment>> {
    let Setting { k, d, .. } = matrix.setting;
    let q = matrix.setting.full_rank();
    let risk = curve(&matrix.setting, &matrix.spectrum)?.risk;
    let own = rank_grid(q);
    let ranks = grid.unwrap_or(&own).iter().copied().filter(|rank| *rank > 0 && *rank < q);
    let mut kept: Vec<usize> = vec![0];
    for rank in ranks {
        let slope = |from: usize, to: usize| (risk[to] - risk[from]) / (to - from) as f64;
        while kept.len() > 1 && slope(kept[kept.len() - 2], kept[kept.len() - 1]) >= slope(kept[kept.len() - 1], rank) {
            kept.pop();
        }
        kept.push(rank);
    }
    let falling = kept.windows(2).filter(|pair| risk[pair[1]] < risk[pair[0]]);
    Ok(falling
        .map(|pair| Segment {
            matrix: index,
            rank: pair[1],
            parameters: (pair[1] - pair[0]) * (k + d),
            gain: risk[pair[0]] - risk[pair[1]],
        })
        .collect())
}
