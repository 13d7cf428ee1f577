//! Rounding audit of a dense run: sums of squared grid steps, streamed with the subtraction W − W0.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;

use crate::control::Control;
use crate::error::Result;
use crate::outcome::{Grid, RoundingSums};
use crate::rows::Rows;
use crate::stream::{all_finite, not_finite};

/// Grid step u(w) = 2^(⌊log₂|w|⌋ − 7) for bf16; −10 for f16 and never below 2⁻²⁴ (theory.md, section 9).
/// Zeros and subnormals take the least step of the type.
#[must_use]
pub fn step(value: f64, grid: Grid) -> f64 {
    let exponent = ((value.to_bits() >> 52) & 0x7FF).cast_signed() - 1023;
    let power = match grid {
        Grid::Bf16 => exponent.max(-126) - 7,
        Grid::F16 => (exponent - 10).max(-24),
    };
    f64::from_bits(((power + 1023).clamp(1, 2046) as u64) << 52)
}

/// Whether the value is a multiple of its own grid step and inside the range of the type.
#[expect(clippy::float_cmp, reason = "a multiple of a power of two is exact or it is none")]
fn is_on_grid(value: f64, step: f64, grid: Grid) -> bool {
    // Significant bits beyond those of the type, and the exponents of its normal numbers.
    let (spare, exponents, largest) = match grid {
        Grid::Bf16 => (45, 1023 - 126..=1023 + 126, 3.389_531_389_251_535_5e38),
        Grid::F16 => (42, 1023 - 14..=1023 + 14, 65504.0),
    };
    let bits = value.to_bits();
    if exponents.contains(&((bits >> 52) & 0x7FF)) {
        return bits.trailing_zeros() >= spare;
    }
    let multiple = value / step;
    value.abs() <= largest && multiple.trunc() == multiple
}

/// Sums over one block of rows.
struct Part {
    equal: u64,
    total: u64,
    squares: f64,
    row_maximum: f64,
    columns: Vec<f64>,
    within_half_step: bool,
    base_on_grid: bool,
    tuned_on_grid: bool,
}

impl Part {
    fn new(cols: usize) -> Self {
        Self {
            equal: 0,
            total: 0,
            squares: 0.0,
            row_maximum: 0.0,
            columns: vec![0.0; cols],
            within_half_step: true,
            base_on_grid: true,
            tuned_on_grid: true,
        }
    }

    #[expect(clippy::float_cmp, reason = "the audit counts entries that are the same value")]
    fn add_row(&mut self, base: &[f64], tuned: &[f64], grid: Grid) {
        let mut row = 0.0;
        for ((&from, &to), column) in base.iter().zip(tuned).zip(&mut self.columns) {
            let unit = step(from, grid);
            let square = unit * unit;
            row += square;
            *column += square;
            self.equal += u64::from(from == to);
            self.within_half_step &= (to - from).abs() <= 0.5 * unit;
            // Once false, never looked at again: the test has a division.
            self.base_on_grid = self.base_on_grid && is_on_grid(from, unit, grid);
            self.tuned_on_grid = self.tuned_on_grid && is_on_grid(to, step(to, grid), grid);
        }
        self.total += base.len() as u64;
        self.squares += row;
        self.row_maximum = self.row_maximum.max(row);
    }

    fn merge(&mut self, other: &Self) {
        self.equal += other.equal;
        self.total += other.total;
        self.squares += other.squares;
        self.row_maximum = self.row_maximum.max(other.row_maximum);
        self.columns.iter_mut().zip(&other.columns).for_each(|(sum, value)| *sum += value);
        self.within_half_step &= other.within_half_step;
        self.base_on_grid &= other.base_on_grid;
        self.tuned_on_grid &= other.tuned_on_grid;
    }
}

/// ΔW = W − W0 as rows, auditing the rounding of every block that is read when a grid is given.
pub(crate) struct Difference<'a> {
    base: &'a dyn Rows,
    tuned: &'a dyn Rows,
    grid: Option<Grid>,
    control: Control<'a>,
    /// Parts by first row: merged in this order, so that the sums do not depend on which thread was faster.
    parts: Mutex<BTreeMap<usize, Part>>,
}

impl<'a> Difference<'a> {
    /// Both matrices must have the same shape.
    pub(crate) fn new(base: &'a dyn Rows, tuned: &'a dyn Rows, grid: Option<Grid>, control: Control<'a>) -> Self {
        Self { base, tuned, grid, control, parts: Mutex::new(BTreeMap::new()) }
    }

    /// The sums over all blocks read so far; `None` without a grid.
    pub(crate) fn sums(&self) -> Option<RoundingSums> {
        self.grid?;
        let parts = self.parts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut sum = Part::new(self.base.cols());
        parts.values().for_each(|part| sum.merge(part));
        Some(RoundingSums {
            equal: sum.equal,
            total: sum.total,
            step_squares: sum.squares,
            row_maximum: sum.row_maximum,
            column_maximum: sum.columns.iter().copied().fold(0.0, f64::max),
            within_half_step: sum.within_half_step,
            base_on_grid: sum.base_on_grid,
            tuned_on_grid: sum.tuned_on_grid,
        })
    }

    fn audit(&self, range: &Range<usize>, base: &[f64], tuned: &[f64], grid: Grid) {
        let cols = self.base.cols();
        let mut part = Part::new(cols);
        for (from, to) in base.chunks(cols).zip(tuned.chunks(cols)) {
            part.add_row(from, to, grid);
        }
        self.parts.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(range.start, part);
    }
}

impl Rows for Difference<'_> {
    fn rows(&self) -> usize {
        self.base.rows()
    }

    fn cols(&self) -> usize {
        self.base.cols()
    }

    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        let mut base = vec![0.0; out.len()];
        self.base.read(range.clone(), &mut base)?;
        self.tuned.read(range.clone(), out)?;
        if !all_finite(&base) {
            return Err(not_finite(self.base, &self.control).at("base"));
        }
        if !all_finite(out) {
            return Err(not_finite(self.tuned, &self.control));
        }
        if let Some(grid) = self.grid {
            self.audit(&range, &base, out, grid);
        }
        out.iter_mut().zip(&base).for_each(|(to, from)| *to -= from);
        Ok(())
    }
}
