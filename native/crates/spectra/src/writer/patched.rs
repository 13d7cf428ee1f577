//! A stored tensor in which some windows hold other numbers: fused projections, experts, transposed layers.

use std::ops::Range;

use crate::control::Control;
use crate::error::{Error, ErrorKind, Result};
use crate::rows::{Dense, Rows};
use crate::tensor::TensorRef;
use crate::view::{Stride, ViewRef};
use crate::writer::flat::Flat;

/// Numbers for one window.
struct Patch {
    /// Elements of the tensor before the matrix that the window selects from.
    offset: usize,
    /// Elements from one row of that matrix to the next.
    width: usize,
    rows: Stride,
    columns: Stride,
    /// In the orientation of the window.
    values: Box<dyn Rows>,
}

/// The tensor with its patches, seen as a matrix whose columns are the last axis.
struct Patched {
    stored: Box<dyn Rows>,
    patches: Vec<Patch>,
}

/// The tensor with the matrices in their windows. `place.tensor` must be the tensor; a transposed window holds its
/// matrix in memory.
///
/// # Errors
/// As [`ViewRef::open`] and [`Flat::open`]; [`ErrorKind::ShapeMismatch`] for a matrix that does not fill its window;
/// [`ErrorKind::InvalidArgument`] for a window given twice (two modules that share one stored matrix);
/// [`ErrorKind::Cancelled`].
pub fn patched(tensor: &TensorRef, patches: Vec<(ViewRef, Box<dyn Rows>)>, control: &Control) -> Result<Box<dyn Rows>> {
    let mut opened: Vec<Patch> = Vec::with_capacity(patches.len());
    for (place, values) in patches {
        let patch = Patch::new(tensor, &place, values, control)?;
        if opened.iter().any(|other| other.window() == patch.window()) {
            return Err(Error::new(ErrorKind::InvalidArgument, "two matrices are written to one place"));
        }
        opened.push(patch);
    }
    if opened.len() == 1 && opened[0].is_whole(tensor) {
        return Ok(opened.remove(0).values);
    }
    let stored: Box<dyn Rows> = if tensor.scale.is_some() {
        Box::new(ViewRef::whole(tensor.clone()).open()?)
    } else {
        Box::new(Flat::open(tensor)?)
    };
    Ok(Box::new(Patched { stored, patches: opened }))
}

impl Patch {
    fn new(tensor: &TensorRef, place: &ViewRef, values: Box<dyn Rows>, control: &Control) -> Result<Self> {
        if (&place.tensor.path, place.tensor.begin, &place.tensor.shape) != (&tensor.path, tensor.begin, &tensor.shape)
        {
            return Err(Error::new(ErrorKind::InvalidArgument, "the window lies on another tensor"));
        }
        let window = place.window()?;
        let values: Box<dyn Rows> =
            if place.transpose { Box::new(Dense::of(&values, control)?.transposed()) } else { values };
        if (values.rows(), values.cols()) != (window.rows.count, window.columns.count) {
            let (rows, cols) = (values.rows(), values.cols());
            let message =
                format!("{rows}×{cols} values for a window of {}×{}", window.rows.count, window.columns.count);
            return Err(Error::new(ErrorKind::ShapeMismatch, message));
        }
        Ok(Self { offset: place.offset, width: window.width, rows: window.rows, columns: window.columns, values })
    }

    /// The elements that are meant.
    fn window(&self) -> (usize, usize, Stride, Stride) {
        (self.offset, self.width, self.rows, self.columns)
    }

    /// Every element of the tensor, in its order.
    fn is_whole(&self, tensor: &TensorRef) -> bool {
        let all = |stride: Stride| stride == Stride::all(stride.count);
        self.offset == 0
            && all(self.rows)
            && all(self.columns)
            && self.columns.count == self.width
            && self.rows.count * self.columns.count == tensor.elements()
    }

    /// First element of window row i.
    fn row_begin(&self, i: usize) -> usize {
        self.offset + self.rows.position(i) * self.width
    }

    /// Puts what belongs to the elements `taken` into `out`, which holds them.
    fn apply(&self, taken: &Range<usize>, out: &mut [f64]) -> Result<()> {
        let all = 0..self.rows.count;
        let first =
            partition(&all, |i| self.row_begin(i) + self.columns.position(self.columns.count - 1) < taken.start);
        let last = partition(&all, |i| self.row_begin(i) + self.columns.position(0) < taken.end);
        if first >= last {
            return Ok(());
        }
        let mut values = vec![0.0; (last - first) * self.columns.count];
        self.values.read(first..last, &mut values)?;
        for (i, row) in (first..last).zip(values.chunks_exact(self.columns.count)) {
            let begin = self.row_begin(i);
            for (j, value) in row.iter().enumerate() {
                let element = begin + self.columns.position(j);
                if taken.contains(&element) {
                    out[element - taken.start] = *value;
                }
            }
        }
        Ok(())
    }
}

/// How many indices of the range satisfy a condition that holds first and then no more.
fn partition(range: &Range<usize>, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = usize::midpoint(low, high);
        if holds(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

impl Rows for Patched {
    fn rows(&self) -> usize {
        self.stored.rows()
    }

    fn cols(&self) -> usize {
        self.stored.cols()
    }

    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        self.stored.read(range.clone(), out)?;
        let taken = range.start * self.cols()..range.end * self.cols();
        self.patches.iter().try_for_each(|patch| patch.apply(&taken, out))
    }
}
