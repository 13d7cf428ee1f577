//! Formulas opened by answering what they ask, for tests and fuzz targets: no list of names that a new formula could be
//! missing from.

use std::collections::HashSet;

use super::inputs::Wanted;
use super::{Formula, Inputs};
use crate::error::Result;
use crate::rows::Dense;

/// Questions that are answered before the formula is left alone; an invalid answer is asked for again and again.
const MOST_QUESTIONS: usize = 40;

/// Whoever answers, well or badly.
pub trait Answers {
    /// A matrix, of the wanted shape where the formula said one; `None` leaves it away.
    fn matrix(&mut self, wanted: Option<(usize, usize)>) -> Option<Dense>;

    /// A number; `None` leaves it away.
    fn number(&mut self) -> Option<f64>;
}

/// Opens the formula `kind` of an out × in matrix with the answers, in the order in which it asks for them, added to
/// `inputs`: first everything that was not asked before, then whatever it refused.
///
/// # Errors
/// As [`Formula::open`].
pub fn answered(kind: &str, inputs: &mut Inputs, shape: (usize, usize), answers: &mut impl Answers) -> Result<Formula> {
    let mut known = HashSet::new();
    for _ in 0..MOST_QUESTIONS {
        let opened = Formula::open(kind, inputs, shape);
        let asked = inputs.asked.take();
        let refused = asked.last().filter(|_| opened.is_err());
        let Some((name, wanted)) = asked.iter().find(|(name, _)| !known.contains(name)).or(refused) else {
            return opened;
        };
        known.insert(name.clone());
        let name = name.clone();
        match wanted {
            Wanted::Matrix(shape) => inputs.matrices.extend(answers.matrix(*shape).map(|matrix| (name, matrix))),
            Wanted::Number => inputs.numbers.extend(answers.number().map(|number| (name, number))),
        }
    }
    Formula::open(kind, inputs, shape)
}
