//! The search for NaN and infinities.

use crate::control::Control;
use crate::error::Result;
use crate::rows::Rows;
use crate::stream::{all_finite, count_not_finite, not_finite_error};

/// Refuses values held in memory, row by row with `columns` each, when one of them is NaN or infinite.
///
/// # Errors
/// [`crate::error::ErrorKind::NotFinite`] with their number and the first place.
pub fn check(values: &[f64], columns: usize) -> Result<()> {
    if all_finite(values) { Ok(()) } else { check_each(values, columns, f64::is_finite) }
}

/// The same for values of which some that are not finite have a meaning.
///
/// # Errors
/// As [`check`].
pub(crate) fn check_each(values: &[f64], columns: usize, is_meant: fn(f64) -> bool) -> Result<()> {
    let mut others = values.iter().enumerate().filter(|(_, value)| !is_meant(**value)).map(|(index, _)| index);
    let Some(first) = others.next() else { return Ok(()) };
    Err(not_finite_error(1 + others.count() as u64, first / columns.max(1), first % columns.max(1)))
}

/// The same for a matrix of any size.
///
/// # Errors
/// As [`check`] and [`Rows::read`], and [`crate::error::ErrorKind::Cancelled`].
pub fn check_rows(matrix: &dyn Rows, control: &Control<'_>) -> Result<()> {
    match count_not_finite(matrix, control)? {
        (count, Some((row, column))) => Err(not_finite_error(count, row, column)),
        (_, None) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtype::ElementType;
    use crate::testing::Stored;
    use crate::view::ViewRef;

    #[test]
    fn values_in_memory_are_counted_too() {
        assert_eq!(check(&[1.0, -2.0], 2), Ok(()));
        let error = check(&[1.0, 2.0, 3.0, f64::INFINITY, f64::NAN, 0.0], 2).unwrap_err();
        assert_eq!(error.message, "2 entries are NaN or infinite, the first at row 1, column 1");
    }

    #[test]
    fn a_matrix_is_counted_block_by_block() {
        let stored = Stored::new();
        let mut values = vec![1.0; 700 * 1000];
        let view =
            |values: &[f64]| ViewRef::whole(stored.tensor("w", ElementType::F32, &[700, 1000], values)).open().unwrap();
        assert_eq!(check_rows(&view(&values), &Control::SINGLE), Ok(()));
        values[600_123] = f64::NEG_INFINITY;
        values[650_001] = f64::NAN;
        values[699_999] = f64::NAN;
        let error = check_rows(&view(&values), &Control::SINGLE).unwrap_err();
        assert_eq!(error.message, "3 entries are NaN or infinite, the first at row 600, column 123");
    }
}
