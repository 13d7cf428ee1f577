//! Rounding audit of a dense run: sums of squared grid steps, streamed with the subtraction W − W0.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;

use pulp::Arch;

use crate::control::Control;
use crate::error::{Error, Result};
use crate::outcome::{Grid, RoundingSums};
use crate::rounding_row::{AuditedRow, Layout};
use crate::rows::Rows;
use crate::stream::{all_finite, not_finite};

/// Values of W0 held at a time: 256 kB.
const HELD_VALUES: usize = 32 << 10;

/// Grid step u(w) = 2^(⌊log₂|w|⌋ − 7) for bf16; −10 for f16 and never below 2⁻²⁴.
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

    fn add_row(&mut self, base: &[f64], tuned: &[f64], grid: Grid) {
        let row =
            Arch::new().dispatch(AuditedRow { base, tuned, columns: &mut self.columns, layout: Layout::of(grid) });
        self.equal += row.equal;
        self.total += base.len() as u64;
        self.squares += row.squares;
        self.row_maximum = self.row_maximum.max(row.squares);
        self.within_half_step &= row.farther == 0;
        // Once false, never looked at again: the test has a division.
        let on_grid = |values: &[f64]| values.iter().all(|value| is_on_grid(*value, step(*value, grid), grid));
        self.base_on_grid = self.base_on_grid && (row.base_odd == 0 || on_grid(base));
        self.tuned_on_grid = self.tuned_on_grid && (row.tuned_odd == 0 || on_grid(tuned));
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

    fn not_finite(&self, base: &[f64]) -> Error {
        if all_finite(base) {
            not_finite(self.tuned, &self.control)
        } else {
            not_finite(self.base, &self.control).at("base")
        }
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
        let cols = self.cols();
        let height = (HELD_VALUES / cols.max(1)).clamp(1, range.len().max(1));
        let mut base = vec![0.0; height * cols];
        let mut part = self.grid.map(|grid| (grid, Part::new(cols)));
        // A few rows at a time stay in the cache from decoding to subtracting.
        for (first, out) in range.clone().step_by(height).zip(out.chunks_mut(height * cols)) {
            let taken = first..(first + height).min(range.end);
            let base = &mut base[..out.len()];
            self.base.read(taken.clone(), base)?;
            self.tuned.read(taken, out)?;
            if let Some((grid, part)) = &mut part {
                base.chunks(cols).zip(out.chunks(cols)).for_each(|(from, to)| part.add_row(from, to, *grid));
            }
            out.iter_mut().zip(base.iter()).for_each(|(to, from)| *to -= from);
            // Whichever side is not finite, the difference is not.
            if !all_finite(out) {
                return Err(self.not_finite(base));
            }
        }
        if let Some((_, part)) = part {
            self.parts.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(range.start, part);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Held;

    fn audited(base: Vec<f64>, tuned: Vec<f64>, grid: Grid) -> RoundingSums {
        let count = base.len();
        let (base, tuned) = (Held::new(1, count, base), Held::new(1, count, tuned));
        let difference = Difference::new(&base, &tuned, Some(grid), Control::SINGLE);
        difference.read(0..1, &mut vec![0.0; count]).expect("row");
        difference.sums().expect("sums")
    }

    fn finite(decode: impl Fn(u16) -> f64) -> Vec<f64> {
        (0..=u16::MAX).map(decode).filter(|value| value.is_finite()).collect()
    }

    #[test]
    fn every_number_of_a_type_lies_on_its_grid_and_nothing_between() {
        let types = [
            (Grid::Bf16, finite(|bits| half::bf16::from_bits(bits).to_f64())),
            (Grid::F16, finite(|bits| half::f16::from_bits(bits).to_f64())),
        ];
        for (grid, values) in types {
            let squares: f64 = values.iter().map(|value| step(*value, grid).powi(2)).sum();
            let sums = audited(values.clone(), values.clone(), grid);
            assert!(sums.base_on_grid && sums.tuned_on_grid && sums.within_half_step, "{grid:?}");
            assert_eq!((sums.equal, sums.total), (values.len() as u64, values.len() as u64));
            assert!((sums.step_squares / squares - 1.0).abs() < 1e-12, "{grid:?}");
            for (index, value) in values.iter().enumerate().step_by(997) {
                let mut moved = values.clone();
                moved[index] = value + 0.3 * step(*value, grid);
                let sums = audited(values.clone(), moved.clone(), grid);
                assert!(sums.base_on_grid && !sums.tuned_on_grid && sums.within_half_step, "{grid:?} {value}");
                assert_eq!(sums.equal, values.len() as u64 - 1);
                moved[index] = value + 0.6 * step(*value, grid);
                assert!(!audited(values.clone(), moved, grid).within_half_step, "{grid:?} {value}");
            }
        }
    }
}
