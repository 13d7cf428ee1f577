//! The rounding audit of one row, in vector code.

#![expect(clippy::inline_always, reason = "only what is inlined into the loop uses its vector instructions")]

use pulp::{Simd, WithSimd};

use crate::outcome::Grid;

/// Bits of an f64 that holds a number of a storage type.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    /// Bits that are zero in every normal number of the type.
    spare: u64,
    /// Exponent fields of its normal numbers, but for the largest binade, which is not whole.
    exponents: (u64, u64),
    /// Exponent field of a number less that of its grid step.
    digits: u64,
}

impl Layout {
    pub(crate) const fn of(grid: Grid) -> Self {
        match grid {
            Grid::Bf16 => Self { spare: (1 << 45) - 1, exponents: (1023 - 126, 1023 + 126), digits: 7 },
            Grid::F16 => Self { spare: (1 << 42) - 1, exponents: (1023 - 14, 1023 + 14), digits: 10 },
        }
    }

    /// One when the value is neither zero nor, by its bits alone, a normal number of the type.
    #[inline(always)]
    fn oddity(self, bits: u64) -> u64 {
        let exponent = (bits >> 52) & 0x7FF;
        let outside = u64::from(exponent < self.exponents.0) | u64::from(exponent > self.exponents.1);
        let nonzero = u64::from(bits << 1 != 0);
        nonzero & (outside | u64::from(bits & self.spare != 0))
    }
}

/// One row of both matrices; every count is a sum without branches, so that the loop becomes vector code.
pub(crate) struct AuditedRow<'a> {
    /// W0.
    pub base: &'a [f64],
    /// W.
    pub tuned: &'a [f64],
    /// Sums of squared grid steps by column.
    pub columns: &'a mut [f64],
    /// Of the storage type.
    pub layout: Layout,
}

/// What the audit of a row counts.
#[derive(Default)]
pub(crate) struct RowCounts {
    /// Σ of the squared grid steps.
    pub squares: f64,
    /// Entries that are the same value.
    pub equal: u64,
    /// Entries that moved by more than half a step.
    pub farther: u64,
    /// Entries of W0 that need a closer look before they count as numbers of the type.
    pub base_odd: u64,
    /// The same for W.
    pub tuned_odd: u64,
}

/// Sums kept side by side.
const LANES: usize = 8;

impl WithSimd for AuditedRow<'_> {
    type Output = RowCounts;

    #[inline(always)]
    #[expect(clippy::float_cmp, reason = "the audit counts entries that are the same value")]
    fn with_simd<S: Simd>(self, _: S) -> RowCounts {
        let Self { base, tuned, columns, layout } = self;
        let mut counts = RowCounts::default();
        let mut lanes = [0.0; LANES];
        let chunks = base.chunks(LANES).zip(tuned.chunks(LANES)).zip(columns.chunks_mut(LANES));
        for ((base, tuned), columns) in chunks {
            for (((from, to), column), lane) in base.iter().zip(tuned).zip(columns).zip(&mut lanes) {
                let bits = from.to_bits();
                let exponent = ((bits >> 52) & 0x7FF).max(layout.exponents.0);
                let unit = f64::from_bits((exponent - layout.digits) << 52);
                let square = unit * unit;
                *lane += square;
                *column += square;
                counts.equal += u64::from(from == to);
                counts.farther += u64::from((to - from).abs() > 0.5 * unit);
                counts.base_odd += layout.oddity(bits);
                counts.tuned_odd += layout.oddity(to.to_bits());
            }
        }
        counts.squares = lanes.iter().sum();
        counts
    }
}
