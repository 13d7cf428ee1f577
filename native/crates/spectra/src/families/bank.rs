//! Factors whose entries are drawn from a small common store: `VB-LoRA` mixes vectors of a bank, `Uni-LoRA` points into
//! one vector.

use super::inputs::{Inputs, misfit};
use crate::error::Result;
use crate::outcome::LowRank;
use crate::rows::{Dense, Rows};

/// `VB-LoRA`: inputs `bank` (N × v) and, for the two sides `a` and `b`, either `logits_…` (tiles × N) or `indices_…`
/// with `weights_…` (tiles × (k − 1)); numbers `rank` and `topk` k. Tiles are in the order (rank, in/v) for `a` and
/// (out/v, rank) for `b`.
pub(super) fn mixed(inputs: &Inputs, rows: usize, columns: usize) -> Result<Vec<LowRank>> {
    let (bank, rank) = (inputs.matrix("bank")?, inputs.count("rank", 1)?);
    let length = bank.cols();
    if length == 0 || !rows.is_multiple_of(length) || !columns.is_multiple_of(length) {
        return Err(misfit(format!("vectors of {length} do not divide {rows}×{columns}")));
    }
    // A small bank must not grow into factors larger than any matrix.
    if rank > rows.max(columns) {
        return Err(misfit(format!("rank {rank} is more than a {rows}×{columns} matrix can have")));
    }
    let right = side(inputs, bank, "a", rank.saturating_mul(columns / length))?;
    let tiles = side(inputs, bank, "b", rank.saturating_mul(rows / length))?;
    let mut left = vec![0.0; rows * rank];
    for (place, entry) in left.iter_mut().enumerate() {
        let (row, k) = (place / rank, place % rank);
        *entry = tiles[(row / length * rank + k) * length + row % length];
    }
    Ok(vec![LowRank { left, right, rank, scale: 1.0 }])
}

/// All tiles of one side, one after the other.
fn side(inputs: &Inputs, bank: &Dense, name: &str, tiles: usize) -> Result<Vec<f64>> {
    let (vectors, length, topk) = (bank.rows(), bank.cols(), inputs.count("topk", 1)?);
    let logits = format!("logits_{name}");
    let mixtures = if inputs.has(&logits) {
        let logits = inputs.logits(&logits, tiles, vectors)?;
        if topk > vectors {
            return Err(misfit(format!("the best {topk} of {vectors} vectors")));
        }
        logits.values().chunks_exact(vectors).map(|line| softmax(line, topk)).collect()
    } else {
        stored(inputs, name, tiles, vectors, topk)?
    };
    let mut values = Vec::with_capacity(tiles * length);
    for mixture in mixtures {
        let first = values.len();
        values.resize(first + length, 0.0);
        for (vector, weight) in mixture {
            let line = &bank.values()[vector * length..][..length];
            values[first..].iter_mut().zip(line).for_each(|(value, entry)| *value += weight * entry);
        }
    }
    Ok(values)
}

/// The largest logits as weights that sum to one.
fn softmax(logits: &[f64], topk: usize) -> Vec<(usize, f64)> {
    let mut order: Vec<usize> = (0..logits.len()).collect();
    if topk < order.len() {
        order.select_nth_unstable_by(topk - 1, |one, other| logits[*other].total_cmp(&logits[*one]));
        order.truncate(topk);
    }
    let most = order.iter().map(|vector| logits[*vector]).fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = order.iter().map(|vector| (logits[*vector] - most).exp()).collect();
    let sum: f64 = weights.iter().sum();
    order.into_iter().zip(weights).map(|(vector, weight)| (vector, weight / sum)).collect()
}

/// Mixtures that were saved without their logits; the last weight is what is missing to one.
fn stored(inputs: &Inputs, name: &str, tiles: usize, vectors: usize, topk: usize) -> Result<Vec<Vec<(usize, f64)>>> {
    let indices = inputs.places(&format!("indices_{name}"), tiles.saturating_mul(topk), vectors)?;
    // One vector alone has the whole weight, and no weights are stored.
    let weights =
        if topk == 1 { &[] } else { inputs.vector(&format!("weights_{name}"), tiles.saturating_mul(topk - 1))? };
    let mixture = |(tile, vectors): (usize, &[usize])| {
        let weights = &weights[tile * (topk - 1)..][..topk - 1];
        let last = 1.0 - weights.iter().sum::<f64>();
        vectors.iter().copied().zip(weights.iter().copied().chain([last])).collect()
    };
    Ok(indices.chunks_exact(topk).enumerate().map(mixture).collect())
}

/// `Uni-LoRA`: inputs `theta` (one row), and `indices_…` and `scales_…` of the factors `a` (r × in) and `b` (out × r);
/// number `rank`.
pub(super) fn picked(inputs: &Inputs, rows: usize, columns: usize) -> Result<Vec<LowRank>> {
    let (theta, rank) = (inputs.matrix("theta")?.values(), inputs.count("rank", 1)?);
    let factor = |name: &str, side: usize| -> Result<Vec<f64>> {
        let count = rank.saturating_mul(side);
        let indices = inputs.places(&format!("indices_{name}"), count, theta.len())?;
        let scales = inputs.vector(&format!("scales_{name}"), count)?;
        Ok(indices.iter().zip(scales).map(|(index, scale)| theta[*index] * scale).collect())
    };
    Ok(vec![LowRank { left: factor("b", rows)?, right: factor("a", columns)?, rank, scale: 1.0 }])
}
