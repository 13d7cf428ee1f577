//! LU decomposition in place, in panels, so that a large one can be cancelled and needs no second matrix.

use std::ops::Range;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::lu::partial_pivoting::factor::{lu_in_place, lu_in_place_scratch};
use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_unit_lower_triangular_in_place, solve_unit_upper_triangular_in_place,
};
use faer::prelude::{IntoConst, Reborrow, ReborrowMut};
use faer::{Mat, MatMut, Par};

use crate::control::Control;
use crate::error::Result;
use crate::matrix::add_product;

/// Columns factored at a time.
const PANEL: usize = 128;
/// Columns that follow a panel between two looks at the cancel flag.
const FOLLOWING: usize = 2048;

/// P·A = L·U with both factors in place of A.
pub(crate) struct Lu {
    packed: Mat<f64>,
    /// Row i of P·A is row `order[i]` of A.
    order: Vec<usize>,
}

impl Lu {
    /// Factors a square matrix. A singular one leaves zeros or NaN among the [`Lu::pivots`].
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`](crate::error::ErrorKind::Cancelled).
    pub(crate) fn new(mut matrix: Mat<f64>, control: &Control<'_>) -> Result<Self> {
        let n = matrix.nrows();
        let mut order: Vec<usize> = (0..n).collect();
        for first in (0..n).step_by(PANEL) {
            control.check()?;
            let panel = first..n.min(first + PANEL);
            let moves = factor_panel(&mut matrix, panel.clone(), control.parallelism());
            moves.apply(&mut order[first..]);
            for column in (0..first).chain(panel.end..n) {
                moves.apply(&mut matrix.col_as_slice_mut(column)[first..]);
            }
            for start in (panel.end..n).step_by(FOLLOWING) {
                control.check()?;
                follow(&mut matrix, panel.clone(), start..n.min(start + FOLLOWING), control.parallelism());
            }
        }
        Ok(Self { packed: matrix, order })
    }

    /// The diagonal of U.
    pub(crate) fn pivots(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.packed.nrows()).map(|i| self.packed[(i, i)])
    }

    /// Replaces the columns B by X with Aᵀ·X = B.
    pub(crate) fn solve_transposed(&self, mut columns: MatMut<'_, f64>, par: Par) {
        let turned = self.packed.transpose();
        solve_lower_triangular_in_place(turned, columns.rb_mut(), par);
        solve_unit_upper_triangular_in_place(turned, columns.rb_mut(), par);
        let mut before = vec![0.0; self.order.len()];
        for j in 0..columns.ncols() {
            let mut column = columns.rb_mut().col_mut(j);
            before.iter_mut().zip(column.rb().iter()).for_each(|(kept, value)| *kept = *value);
            self.order.iter().zip(&before).for_each(|(place, value)| column[*place] = *value);
        }
    }
}

/// Rows that change places: to, from.
struct Moves(Vec<(usize, usize)>);

impl Moves {
    fn apply<T: Copy>(&self, values: &mut [T]) {
        let moved: Vec<T> = self.0.iter().map(|(_, from)| values[*from]).collect();
        self.0.iter().zip(moved).for_each(|((to, _), value)| values[*to] = value);
    }
}

/// Factors the columns of the panel below its first row.
fn factor_panel(matrix: &mut Mat<f64>, panel: Range<usize>, par: Par) -> Moves {
    let height = matrix.nrows() - panel.start;
    let target = matrix.as_mut().submatrix_mut(panel.start, panel.start, height, panel.len());
    let (mut order, mut inverse) = (vec![0_usize; height], vec![0_usize; height]);
    let mut memory =
        MemBuffer::new(lu_in_place_scratch::<usize, f64>(height, panel.len(), par, faer::prelude::default()));
    lu_in_place(target, &mut order, &mut inverse, par, MemStack::new(&mut memory), faer::prelude::default());
    Moves(order.into_iter().enumerate().filter(|(to, from)| to != from).collect())
}

/// What the panel means for columns right of it.
fn follow(matrix: &mut Mat<f64>, panel: Range<usize>, columns: Range<usize>, par: Par) {
    let height = matrix.nrows() - panel.start;
    let right = matrix.as_mut().submatrix_mut(panel.start, panel.start, height, columns.end - panel.start);
    let (left, right) = right.split_at_col_mut(columns.start - panel.start);
    let (upper, lower) = left.into_const().subcols(0, panel.len()).split_at_row(panel.len());
    let (mut top, rest) = right.split_at_row_mut(panel.len());
    solve_unit_lower_triangular_in_place(upper, top.rb_mut(), par);
    add_product(rest, lower, top.into_const(), -1.0, par);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::error::ErrorKind;
    use crate::matrix::product;
    use crate::random::Random;

    #[test]
    fn solves_across_panels() {
        let n = 2 * PANEL + 37;
        let matrix = Random::new(3).normals(n, n);
        let expected = Random::new(4).normals(n, 3);
        let mut found = product(matrix.transpose(), expected.as_ref(), Par::Seq);
        let factors = Lu::new(matrix, &Control::SINGLE).unwrap();
        factors.solve_transposed(found.as_mut(), Par::Seq);
        assert!((found - &expected).norm_l2() < 1e-9 * expected.norm_l2());
        assert!(factors.pivots().all(|pivot| pivot != 0.0));
    }

    #[test]
    fn a_matrix_without_a_row_has_a_zero_pivot() {
        let mut matrix = Random::new(5).normals(4, 4);
        matrix.row_mut(1).fill(0.0);
        let factors = Lu::new(matrix, &Control::SINGLE).unwrap();
        assert!(factors.pivots().any(|pivot| pivot == 0.0));
    }

    #[test]
    fn a_cancelled_decomposition_stops() {
        let flag = AtomicBool::new(true);
        let control = Control { threads: 1, cancel: Some(&flag) };
        let stopped = Lu::new(Mat::identity(3, 3), &control);
        assert_eq!(stopped.err().map(|error| error.kind), Some(ErrorKind::Cancelled));
    }
}
