//! How much of an update lies along the top vectors of the tuned matrix.

use faer::{Mat, MatRef};

use crate::control::Control;
use crate::factors::Factors;
use crate::matrix::product;
use crate::tuned::{Form, Top};

/// ‖ΔWᵀu‖² / ‖ΔW‖_F² for each of the first k vectors u of one side (‖ΔW·v‖² for right ones); zeros when ΔW is zero.
/// `change_image` is what [`Top::large_side`] gave for a dense matrix.
pub(crate) fn delta_share(
    form: &Form<'_>,
    top: &Top,
    change_image: Option<&Mat<f64>>,
    is_small: bool,
    frobenius: f64,
    k: usize,
    control: &Control<'_>,
) -> Vec<f64> {
    let count = top.directions(k);
    if frobenius == 0.0 {
        return vec![0.0; count];
    }
    let vectors = top.pairs.vectors().subcols(0, count);
    let energies: Vec<f64> = match (form, is_small) {
        (Form::Factors { factors, .. }, true) => factor_energies(factors, vectors, control),
        (Form::Factors { factors, cross, .. }, false) => mapped_factor_energies(factors, cross, vectors, control),
        (Form::Dense { change, .. }, true) => {
            let image = product(change.as_ref(), vectors, control.parallelism());
            (0..count).map(|j| vectors.col(j).transpose() * image.col(j)).collect()
        }
        (Form::Dense { .. }, false) => change_image.map_or_else(Vec::new, |image| squares(image.as_ref())),
    };
    let whole = frobenius * frobenius;
    energies.iter().zip(&top.pairs.values).map(|(energy, value)| share(*energy, *value, is_small, whole)).collect()
}

/// Vectors of the larger side are images Wᵀu / σ: their energy still holds a factor σ².
fn share(energy: f64, value: f64, is_small: bool, whole: f64) -> f64 {
    (if is_small { energy } else { energy / value } / whole).clamp(0.0, 1.0)
}

/// ‖L·Sᵀu‖² with ΔW = S·Lᵀ in small orientation.
fn factor_energies(factors: &Factors, vectors: MatRef<'_, f64>, control: &Control<'_>) -> Vec<f64> {
    let par = control.parallelism();
    let inside = product(factors.small().transpose(), vectors, par);
    squares(product(factors.large(), inside.as_ref(), par).as_ref())
}

/// ‖S·Lᵀ·Wᵀu‖² with W·L = C + S·LᵀL.
fn mapped_factor_energies(
    factors: &Factors,
    cross: &Mat<f64>,
    vectors: MatRef<'_, f64>,
    control: &Control<'_>,
) -> Vec<f64> {
    let par = control.parallelism();
    let inner = product(factors.large().transpose(), factors.large(), par);
    let mapped = cross + product(factors.small(), inner.as_ref(), par);
    let inside = product(mapped.transpose(), vectors, par);
    squares(product(factors.small(), inside.as_ref(), par).as_ref())
}

fn squares(columns: MatRef<'_, f64>) -> Vec<f64> {
    (0..columns.ncols()).map(|j| columns.col(j).squared_norm_l2()).collect()
}
