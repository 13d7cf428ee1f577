//! The search for NaN and infinities.

use crate::control::Control;
use crate::error::Result;
use crate::rows::Rows;

/// Values held at a time.
const BLOCK_VALUES: usize = 1 << 18;

/// Values of a matrix that are not finite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FiniteScan {
    /// Number of NaN.
    pub nan: u64,
    /// Number of infinities.
    pub infinite: u64,
    /// Row and column of the first of them.
    pub first: Option<(usize, usize)>,
}

/// Looks at every value once.
///
/// # Errors
/// As [`Rows::read`], and [`crate::error::ErrorKind::Cancelled`].
pub fn scan(matrix: &dyn Rows, control: &Control) -> Result<FiniteScan> {
    let (rows, columns) = (matrix.rows(), matrix.cols());
    let height = (BLOCK_VALUES / columns.max(1)).clamp(1, rows.max(1));
    let mut block = vec![0.0; height * columns];
    let mut found = FiniteScan::default();
    for start in (0..rows).step_by(height) {
        control.check()?;
        let count = height.min(rows - start);
        let values = &mut block[..count * columns];
        matrix.read(start..start + count, values)?;
        for (index, value) in values.iter().enumerate().filter(|(_, value)| !value.is_finite()) {
            found.first.get_or_insert((start + index / columns, index % columns));
            *(if value.is_nan() { &mut found.nan } else { &mut found.infinite }) += 1;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtype::ElementType;
    use crate::testing::Stored;
    use crate::view::ViewRef;

    #[test]
    fn counts_and_the_first_position() {
        let stored = Stored::new();
        let mut values = vec![1.0; 700 * 1000];
        let view =
            |values: &[f64]| ViewRef::whole(stored.tensor("w", ElementType::F32, &[700, 1000], values)).open().unwrap();
        assert_eq!(scan(&view(&values), &Control::SINGLE).unwrap(), FiniteScan::default());
        values[600_123] = f64::NEG_INFINITY;
        values[650_001] = f64::NAN;
        values[699_999] = f64::NAN;
        let expected = FiniteScan { nan: 2, infinite: 1, first: Some((600, 123)) };
        assert_eq!(scan(&view(&values), &Control::SINGLE).unwrap(), expected);
    }
}
