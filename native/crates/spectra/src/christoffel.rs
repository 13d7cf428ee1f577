//! Upper bound of the atoms of a measure from its first Lanczos polynomials.
//!
//! λ(x) = 1/Σⱼ pⱼ(x)² = min ∫P²dμ over polynomials with P(x) = 1 and degree below the number of steps, hence
//! λ(x) ≥ μ({x}) at every x (Christoffel; Freud, Orthogonal Polynomials, 1971, section I.4). The largest value over
//! the interval that holds the spectrum bounds every atom.

/// Points between two nodes. λ is smooth at the scale of the distance of nodes, so each maximum between grid points
/// is bracketed by three of them, and then refined.
const POINTS: usize = 16;
/// Evaluations that shrink a bracket by 0.618 each: 24 leave 1e-5 of it, where λ is flat to 1e-9.
const REFINEMENTS: usize = 24;
/// Covers what the refinement leaves.
const MARGIN: f64 = 1.0 + 1e-6;

/// Largest value of the Christoffel function on [0, ceiling], for a measure of mass 1.
///
/// `nodes` (falling) and `weights` are the eigenvalues and squared first components of the Jacobi matrix; at the
/// nodes λ equals the weight, and the weight is used there because the recurrence is not reliable at a node.
pub(crate) fn largest_atom(diagonal: &[f64], coupling: &[f64], nodes: &[f64], weights: &[f64], ceiling: f64) -> f64 {
    let recurrence = Recurrence::new(diagonal, coupling);
    let mut best = weights.iter().copied().fold(0.0, f64::max);
    let grid = grid(nodes, ceiling);
    let values: Vec<f64> = grid.iter().map(|x| recurrence.at(*x)).collect();
    best = values.iter().copied().fold(best, f64::max);
    for i in 1..grid.len().saturating_sub(1) {
        if values[i] >= values[i - 1] && values[i] >= values[i + 1] && values[i] > 0.5 * best {
            best = best.max(recurrence.refine(grid[i - 1], grid[i + 1]));
        }
    }
    (best * MARGIN).min(1.0)
}

/// Rising points from 0 to the ceiling: every gap between nodes, and the two ends, in equal parts.
fn grid(nodes: &[f64], ceiling: f64) -> Vec<f64> {
    let mut stops = vec![0.0];
    stops.extend(nodes.iter().rev().copied().filter(|node| *node > 0.0));
    let last = stops[stops.len() - 1];
    stops.push(ceiling.max(last * (1.0 + 1e-9)));
    let mut points = Vec::with_capacity(POINTS * stops.len());
    for pair in stops.windows(2) {
        points.extend((0..POINTS).map(|part| pair[0] + (pair[1] - pair[0]) * part as f64 / POINTS as f64));
    }
    points.push(stops[stops.len() - 1]);
    points
}

/// The three-term recurrence with the divisions done once.
struct Recurrence<'a> {
    diagonal: &'a [f64],
    coupling: &'a [f64],
    inverse: Vec<f64>,
}

impl<'a> Recurrence<'a> {
    fn new(diagonal: &'a [f64], coupling: &'a [f64]) -> Self {
        let inverse = coupling.iter().map(|value| value.recip()).collect();
        Self { diagonal, coupling, inverse }
    }

    /// λ(x); zero once the sum has left every useful range.
    fn at(&self, x: f64) -> f64 {
        let (mut previous, mut current, mut sum) = (0.0, 1.0, 1.0);
        for i in 0..self.diagonal.len() - 1 {
            let back = if i == 0 { 0.0 } else { self.coupling[i - 1] * previous };
            let next = ((x - self.diagonal[i]) * current - back) * self.inverse[i];
            previous = current;
            current = next;
            sum += next * next;
            if sum > 1e200 {
                return 0.0;
            }
        }
        1.0 / sum
    }

    /// Golden-section search for the maximum in a bracket.
    fn refine(&self, mut low: f64, mut high: f64) -> f64 {
        let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
        let (mut left, mut right) = (high - golden * (high - low), low + golden * (high - low));
        let (mut at_left, mut at_right) = (self.at(left), self.at(right));
        for _ in 0..REFINEMENTS {
            if at_left < at_right {
                (low, left, at_left) = (left, right, at_right);
                right = low + golden * (high - low);
                at_right = self.at(right);
            } else {
                (high, right, at_right) = (right, left, at_left);
                left = high - golden * (high - low);
                at_left = self.at(left);
            }
        }
        at_left.max(at_right)
    }
}
