//! Factors and settings of any shape for every formula of the adapter families: a typed error, or rows that can be read.
#![no_main]

use std::sync::Arc;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use spectra::control::Control;
use spectra::families::answers::{Answers, answered};
use spectra::families::{Inputs, kinds};
use spectra::rows::{Dense, Rows};

/// Most entries of a matrix: what is asked for may be as large as the numbers before it said.
const MOST_ENTRIES: usize = 4096;

#[derive(Debug, Arbitrary)]
struct Input {
    kind: u8,
    rows: u8,
    columns: u8,
    /// Rows and columns of a matrix of the base.
    source: Option<(u8, u8)>,
    answers: Vec<Answer>,
}

/// What is answered to the next question.
#[derive(Debug, Arbitrary)]
enum Answer {
    Nothing,
    /// A matrix of the shape that is asked for, or a small whole number.
    Fitting(u8),
    Matrix {
        rows: u8,
        columns: u8,
        first: f32,
    },
    Whole(u32),
    Any(f64),
}

struct Given(std::vec::IntoIter<Answer>);

impl Answers for Given {
    fn matrix(&mut self, wanted: Option<(usize, usize)>) -> Option<Dense> {
        let wanted = wanted.filter(|(rows, columns)| rows.saturating_mul(*columns) <= MOST_ENTRIES);
        let ((rows, columns), first) = match self.0.next()? {
            Answer::Nothing => return None,
            Answer::Fitting(first) => (wanted.unwrap_or((1 + usize::from(first) % 12, 2)), f64::from(first % 8)),
            Answer::Matrix { rows, columns, first } => {
                ((usize::from(rows % 25), usize::from(columns % 25)), f64::from(first))
            }
            Answer::Whole(first) => (wanted?, f64::from(first)),
            Answer::Any(first) => (wanted?, first),
        };
        Some(Dense::new(rows, columns, (0..rows * columns).map(|place| (place % 7) as f64 + first).collect()))
    }

    fn number(&mut self) -> Option<f64> {
        Some(match self.0.next()? {
            Answer::Nothing => return None,
            Answer::Fitting(number) => f64::from(number % 16),
            Answer::Matrix { first, .. } => f64::from(first),
            Answer::Whole(number) => f64::from(number),
            Answer::Any(number) => number,
        })
    }
}

fuzz_target!(|input: Input| {
    // Matrices without values never get here: pairing leaves them out.
    let (rows, columns) = (1 + usize::from(input.rows % 12), 1 + usize::from(input.columns % 12));
    let names: Vec<&str> = kinds().collect();
    let kind = names[usize::from(input.kind) % names.len()];
    let mut inputs = Inputs::default();
    if let Some((height, width)) = input.source {
        let (height, width) = (usize::from(height % 13), usize::from(width % 13));
        let values = (0..height * width).map(|place| (place % 5) as f64 - 1.5).collect();
        inputs.source = Some(Arc::new(Dense::new(height, width, values)));
    }
    let answers = &mut Given(input.answers.into_iter());
    let Ok(formula) = answered(kind, &mut inputs, (rows, columns), answers) else { return };
    let start = Dense::new(rows, columns, (0..rows * columns).map(|place| place as f64 - 3.0).collect());
    let Ok((changed, terms)) = formula.over(Box::new(&start), &Control::SINGLE) else { return };
    assert_eq!((changed.rows(), changed.cols()), (rows, columns), "{kind}");
    for row in 0..rows {
        let _ = changed.read(row..row + 1, &mut vec![0.0; columns]);
    }
    for term in terms {
        assert_eq!((term.left.len(), term.right.len()), (rows * term.rank, columns * term.rank), "{kind}");
    }
});
