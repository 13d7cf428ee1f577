//! The tuned matrix as a stated delta over the base.

use std::collections::HashMap;
use std::sync::Arc;

use napi_derive::napi;
use spectra::composite::{Axis, Composite, Dora, Parts, ReplacedRows as NewRows};
use spectra::control::Control;
use spectra::dtype::ElementType;
use spectra::error::{Error, ErrorKind, Result};
use spectra::families::{Formula as OpenFormula, Inputs, SOURCE};
use spectra::finite;
use spectra::outcome::{LowRank, Tuned};
use spectra::rows::{Dense, Rows};
use spectra::tensor::TensorRef as StoredTensor;
use spectra::view::{MatrixView as OpenView, ViewRef};

use crate::tensor::{MatrixView, TensorRef, invalid, pair, positions, whole};

/// Rows that take the place of rows of the base (trainable tokens).
#[napi(object)]
pub struct ReplacedRows {
    /// Row numbers in the base.
    pub indices: Vec<f64>,
    /// New rows, in that order.
    pub values: MatrixView,
}

/// scale · left · right.
#[napi(object)]
pub struct LowRankTerm {
    /// out × r.
    pub left: MatrixView,
    /// r × in.
    pub right: MatrixView,
    /// Factor in front of the product.
    pub scale: f64,
}

/// W′ = diag(m / ‖V‖ row) · V, or V · diag(m / ‖V‖ column).
#[napi(object)]
pub struct DoraStatement {
    /// m, a tensor with one value per row (or column); the norms of the matrix without its low-rank terms if absent.
    pub magnitude: Option<TensorRef>,
    /// Which norms: row for linear layers, column for embeddings.
    #[napi(ts_type = "'row' | 'column'")]
    pub axis: String,
}

/// What an adapter family other than LoRA makes of a matrix.
#[napi(object)]
pub struct DeltaFormula {
    /// Name of the formula.
    pub kind: String,
    /// Rows and columns of the matrix it is for.
    #[napi(ts_type = "[rows: number, columns: number]")]
    pub shape: Vec<f64>,
    /// Matrices of the adapter by their part in the formula; vectors as matrices with one row.
    pub views: HashMap<String, MatrixView>,
    /// Positions stored as whole numbers, by their part in the formula.
    pub positions: Option<HashMap<String, TensorRef>>,
    /// Numbers of its settings.
    pub numbers: HashMap<String, f64>,
}

/// W′ = dora(formula(rows(replacement ?? W0)) + Σ scale · left · right); every part may be absent.
#[napi(object)]
pub struct DeltaStatement {
    /// Matrix in place of the base.
    pub replacement: Option<MatrixView>,
    /// Rows replaced before the low-rank terms are added.
    pub replaced_rows: Option<ReplacedRows>,
    /// Formula applied before the low-rank terms are added.
    pub formula: Option<DeltaFormula>,
    /// Low-rank terms.
    pub low_rank: Option<Vec<LowRankTerm>>,
    /// Re-scaling after everything else.
    pub dora: Option<DoraStatement>,
}

/// A statement with its files open and its small parts in memory.
pub(crate) struct OpenDelta {
    replacement: Option<OpenView>,
    replacement_name: Option<String>,
    replaced_rows: Option<(Vec<usize>, Vec<f64>)>,
    formula: Option<NamedFormula>,
    pub(crate) terms: Vec<LowRank>,
    dora: Option<Dora>,
}

impl OpenDelta {
    pub(crate) fn open(statement: DeltaStatement) -> Result<Self> {
        let replacement_name = statement.replacement.as_ref().and_then(|view| view.tensor.stored_name.clone());
        let replacement = statement.replacement.map(|view| ViewRef::try_from(view)?.open()).transpose()?;
        let replaced_rows = statement.replaced_rows.map(open_rows).transpose()?;
        let mut terms = open_terms(statement.low_rank.unwrap_or_default())?;
        let formula = statement.formula.map(open_formula).transpose()?;
        // A formula that is a sum of factors needs no formula any more.
        let formula = match formula.as_ref().and_then(|(formula, _)| formula.terms()) {
            Some(factors) => {
                terms.extend_from_slice(factors);
                None
            }
            None => formula,
        };
        let dora = statement.dora.map(open_dora).transpose()?;
        Ok(Self { replacement, replacement_name, replaced_rows, formula, terms, dora })
    }

    /// Whether the delta is a sum of factors and nothing else.
    pub(crate) fn is_low_rank(&self) -> bool {
        let is_plain = self.replacement.is_none() && self.formula.is_none();
        is_plain && self.replaced_rows.is_none() && self.dora.is_none()
    }

    /// Why the tuned matrix failed: values that are not finite are told of the replacement that holds them, which is too
    /// large to be looked through before. All other parts were.
    pub(crate) fn blame(&self, error: Error, control: &Control) -> Error {
        let Some(replacement) = self.replacement.as_ref().filter(|_| error.kind == ErrorKind::NotFinite) else {
            return error;
        };
        match finite::check_rows(replacement, control) {
            Err(found) if found.kind == ErrorKind::NotFinite => named(found, self.replacement_name.clone()),
            _ => error,
        }
    }

    /// The tuned matrix in the cheapest exact form; rounding to a storage type makes it dense.
    pub(crate) fn tuned<'a>(
        &self,
        base: &'a dyn Rows,
        rounded_to: Option<ElementType>,
        control: &Control,
    ) -> Result<TunedMatrix<'a>> {
        if rounded_to.is_none() && self.is_low_rank() {
            return Ok(TunedMatrix::Factors(self.terms.clone()));
        }
        self.compose(base, rounded_to, control).map(|composite| TunedMatrix::Dense(Box::new(composite)))
    }

    /// The tuned matrix row by row.
    pub(crate) fn compose<'a>(
        &self,
        base: &'a dyn Rows,
        rounded_to: Option<ElementType>,
        control: &Control,
    ) -> Result<Composite<'a>> {
        self.compose_over(Box::new(base), rounded_to, control)
    }

    /// The same over a base that it keeps.
    pub(crate) fn compose_owned(&self, base: Box<dyn Rows>, control: &Control) -> Result<Composite<'static>> {
        self.compose_over(base, None, control)
    }

    fn compose_over<'a>(
        &self,
        base: Box<dyn Rows + 'a>,
        rounded_to: Option<ElementType>,
        control: &Control,
    ) -> Result<Composite<'a>> {
        let start = self.replacement.clone().map_or(base, |view| Box::new(view));
        let replaced_rows = self.replaced_rows.clone().map(|(indices, values)| NewRows { indices, values });
        let mut terms = self.terms.clone();
        let start = match &self.formula {
            None => start,
            Some((formula, names)) => {
                let (changed, taken) = formula.over(start, control).map_err(|error| at_tensor(error, names))?;
                terms.extend(taken);
                changed
            }
        };
        let parts = Parts { start, replaced_rows, terms, dora: self.dora.clone(), rounded_to };
        Composite::new(parts, control)
    }
}

/// A tuned matrix that the numerics can borrow.
pub(crate) enum TunedMatrix<'a> {
    Factors(Vec<LowRank>),
    Dense(Box<Composite<'a>>),
}

impl TunedMatrix<'_> {
    pub(crate) fn as_tuned(&self) -> Tuned<'_> {
        match self {
            Self::Factors(terms) => Tuned::Factors(terms.clone()),
            Self::Dense(composite) => Tuned::Dense(composite.as_ref()),
        }
    }
}

fn open_rows(rows: ReplacedRows) -> Result<(Vec<usize>, Vec<f64>)> {
    let indices = rows.indices.iter().map(|index| whole(*index, "indices")).collect::<Result<Vec<_>>>()?;
    Ok((indices, read_finite(rows.values)?.into_values()))
}

/// A part of an adapter, in memory. A value that is not finite is told with the tensor's name.
fn read_finite(view: MatrixView) -> Result<Dense> {
    let name = view.tensor.stored_name.clone();
    let matrix = read(view)?;
    finite::check(matrix.values(), matrix.cols()).map_err(|error| named(error, name))?;
    Ok(matrix)
}

/// The same for all values of a tensor, whatever its axes.
pub(crate) fn read_finite_vector(tensor: TensorRef) -> Result<Vec<f64>> {
    let name = tensor.stored_name.clone();
    let values = StoredTensor::try_from(tensor)?.open()?.read_vector()?;
    finite::check(&values, values.len()).map_err(|error| named(error, name))?;
    Ok(values)
}

fn read(view: MatrixView) -> Result<Dense> {
    let view = ViewRef::try_from(view)?.open()?;
    Ok(Dense::new(view.rows(), view.cols(), view.read_all()?))
}

/// The error with the name of the tensor that it speaks of, where that is known.
fn named(error: Error, name: Option<String>) -> Error {
    match name {
        Some(name) => Error { place: Some(name), ..error },
        None => error,
    }
}

/// Reads all factors into memory.
pub(crate) fn open_terms(terms: Vec<LowRankTerm>) -> Result<Vec<LowRank>> {
    terms.into_iter().map(open_term).collect()
}

fn open_term(term: LowRankTerm) -> Result<LowRank> {
    let (left, right) = (read_finite(term.left)?, read_finite(term.right)?);
    let rank = left.cols();
    if right.rows() != rank {
        let message = format!("the left factor has {rank} columns, the right one {} rows", right.rows());
        return Err(Error::new(ErrorKind::ShapeMismatch, message));
    }
    if !term.scale.is_finite() {
        return Err(invalid(format!("the scale of a low-rank term is {}", term.scale)));
    }
    Ok(LowRank { left: left.into_values(), right: right.into_values(), rank, scale: term.scale })
}

/// A formula, and the names of the tensors behind its parts.
type NamedFormula = (OpenFormula, HashMap<String, String>);

fn open_formula(formula: DeltaFormula) -> Result<NamedFormula> {
    let DeltaFormula { kind, shape, mut views, positions: places, numbers } = formula;
    let places = places.unwrap_or_default();
    let tensors = views.iter().map(|(part, view)| (part, &view.tensor)).chain(&places);
    let names: HashMap<_, _> =
        tensors.filter_map(|(part, tensor)| Some((part.clone(), tensor.stored_name.clone()?))).collect();
    // As large as a matrix of the base, and read block by block.
    let source = views.remove(SOURCE).map(|view| ViewRef::try_from(view)?.open()).transpose()?;
    let mut matrices = HashMap::with_capacity(views.len() + places.len());
    for (part, view) in views {
        let matrix = read(view).map_err(|error| error.at(part.clone()))?;
        matrices.insert(part, matrix);
    }
    for (part, tensor) in places {
        let values = positions(tensor)?.open()?.read_vector().map_err(|error| error.at(part.clone()))?;
        matrices.insert(part, Dense::new(1, values.len(), values));
    }
    let source = source.map(|view| Arc::new(view) as Arc<dyn Rows + Send>);
    let inputs = Inputs { matrices, numbers, source };
    let opened = OpenFormula::open(&kind, &inputs, pair(&shape, "shape")?).map_err(|error| at_tensor(error, &names))?;
    Ok((opened, names))
}

/// The error at the tensor behind the part that holds a value that is not finite.
fn at_tensor(error: Error, names: &HashMap<String, String>) -> Error {
    let is_value = error.kind == ErrorKind::NotFinite;
    let name = error.place.as_ref().filter(|_| is_value).and_then(|part| names.get(part)).cloned();
    named(error, name)
}

fn open_dora(dora: DoraStatement) -> Result<Dora> {
    let axis = match dora.axis.as_str() {
        "row" => Axis::Row,
        "column" => Axis::Column,
        other => return Err(invalid(format!("{other:?} is no axis"))),
    };
    Ok(Dora { axis, magnitude: dora.magnitude.map(read_finite_vector).transpose()? })
}
