//! Symmetric band to tridiagonal by chasing bulges with Householder reflections (Lang 1993): every step works on
//! one small block of the band.

#![expect(clippy::inline_always, reason = "only what is inlined into the sweep uses its vector instructions")]

use faer::MatRef;
use pulp::{Arch, Simd, WithSimd};

use crate::control::Control;
use crate::error::Result;

/// Subdiagonals of the band, and the length of every reflection.
pub(crate) const WIDTH: usize = 32;
/// Rows kept per column: a bulge reaches twice the width.
const STRIDE: usize = 2 * WIDTH;
/// Numbers that are summed side by side, so that the loops become vector code.
const LANES: usize = 8;

type Vector = [f64; WIDTH];

/// Lower part of a symmetric band matrix. Zero columns behind the last one make every block whole.
pub(crate) struct Band {
    /// Entry (i, j), i ≥ j, at `j * STRIDE + i − j`.
    values: Vec<f64>,
    order: usize,
}

impl Band {
    /// The band of a matrix whose other entries count as zero.
    pub(crate) fn of(matrix: MatRef<'_, f64>) -> Self {
        let order = matrix.nrows();
        let mut values = vec![0.0; (order + STRIDE) * STRIDE];
        for j in 0..order {
            for i in j..(j + WIDTH + 1).min(order) {
                values[j * STRIDE + i - j] = matrix[(i, j)];
            }
        }
        Self { values, order }
    }

    /// Leaves one subdiagonal.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Cancelled`].
    pub(crate) fn reduce(&mut self, control: &Control<'_>) -> Result<()> {
        let arch = Arch::new();
        for column in 0..self.order.saturating_sub(2) {
            control.check()?;
            arch.dispatch(Sweep { values: &mut self.values, order: self.order, column });
        }
        Ok(())
    }

    /// Diagonal and subdiagonal (with a zero at the end) of the reduced matrix.
    pub(crate) fn tridiagonal(&self) -> (Vec<f64>, Vec<f64>) {
        let diagonal = |offset: usize| (0..self.order).map(|j| self.values[j * STRIDE + offset]).collect();
        (diagonal(0), diagonal(1))
    }
}

/// One sweep, compiled once for each set of vector instructions: everything it calls is inlined into it.
struct Sweep<'a> {
    values: &'a mut [f64],
    order: usize,
    column: usize,
}

impl WithSimd for Sweep<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        sweep(self.values, self.order, self.column);
    }
}

/// Clears one column below its first subdiagonal and chases the bulge that this makes out of the band.
#[inline(always)]
fn sweep(values: &mut [f64], order: usize, column: usize) {
    let mut reflection = reflect(fixed(&mut values[column * STRIDE + 1..]));
    let mut start = column + 1;
    loop {
        let columns = &mut values[start * STRIDE..(start + WIDTH) * STRIDE];
        diagonal_block(columns, &reflection);
        start += WIDTH;
        if start >= order {
            return;
        }
        reflection = lower_block(columns, &reflection);
    }
}

/// First entries of a slice as an array; the padding keeps every block whole.
#[inline(always)]
fn fixed(slice: &mut [f64]) -> &mut Vector {
    slice.first_chunk_mut().expect("the band is padded")
}

/// u with (I − u·uᵀ)·x = β·e₁, and x replaced by β·e₁; zero when x has that form already.
#[inline(always)]
fn reflect(x: &mut Vector) -> Vector {
    let mut u = *x;
    u[0] = 0.0;
    let rest = dot(&u, &u);
    if rest == 0.0 {
        return u;
    }
    let norm = (x[0] * x[0] + rest).sqrt();
    let beta = if x[0] > 0.0 { -norm } else { norm };
    u[0] = x[0] - beta;
    // I − τ·v·vᵀ with v = x / (x₁ − β), v₁ = 1 and τ = (β − x₁) / β.
    let factor = (-u[0] / beta).sqrt() / u[0];
    for value in &mut u {
        *value *= factor;
    }
    *x = [0.0; WIDTH];
    x[0] = beta;
    u
}

/// D ← (I − u·uᵀ)·D·(I − u·uᵀ) = D − u·qᵀ − q·uᵀ with p = D·u and q = p − ½·(uᵀp)·u, on the lower triangle of the
/// diagonal block that starts at the first of the columns.
#[inline(always)]
fn diagonal_block(columns: &mut [f64], u: &Vector) {
    let mut p = [0.0; WIDTH];
    for c in 0..WIDTH {
        // Row 0 of the block, counted from column c, lies c places before the diagonal: masked out.
        let column = fixed(&mut columns[c * STRIDE - c..]);
        let mask = below_diagonal(c);
        let mut kept = [0.0; WIDTH];
        for i in 0..WIDTH {
            kept[i] = column[i] * mask[i];
            p[i] = kept[i].mul_add(u[c], p[i]);
        }
        p[c] += dot(&kept, u) - kept[c] * u[c];
    }
    let half = 0.5 * dot(&p, u);
    for i in 0..WIDTH {
        p[i] -= half * u[i];
    }
    for c in 0..WIDTH {
        let column = fixed(&mut columns[c * STRIDE - c..]);
        let mask = below_diagonal(c);
        for i in 0..WIDTH {
            column[i] -= mask[i] * u[i].mul_add(p[c], p[i] * u[c]);
        }
    }
}

/// B ← B·(I − u·uᵀ) for the block below the diagonal one, and then (I − r·rᵀ)·B with r such that only the first
/// entry of the first column remains; gives r.
#[inline(always)]
fn lower_block(columns: &mut [f64], u: &Vector) -> Vector {
    let mut image = [0.0; WIDTH];
    for c in 0..WIDTH {
        let column = fixed(&mut columns[c * STRIDE + WIDTH - c..]);
        for i in 0..WIDTH {
            image[i] = column[i].mul_add(u[c], image[i]);
        }
    }
    let first = fixed(&mut columns[WIDTH..]);
    subtract(first, &image, u[0]);
    let reflection = reflect(first);
    for c in 1..WIDTH {
        let column = fixed(&mut columns[c * STRIDE + WIDTH - c..]);
        subtract(column, &image, u[c]);
        let along = dot(column, &reflection);
        subtract(column, &reflection, along);
    }
    reflection
}

/// target −= factor · vector.
#[inline(always)]
fn subtract(target: &mut Vector, vector: &Vector, factor: f64) {
    for (value, change) in target.iter_mut().zip(vector) {
        *value = change.mul_add(-factor, *value);
    }
}

#[inline(always)]
fn dot(left: &Vector, right: &Vector) -> f64 {
    let mut lanes = [0.0; LANES];
    for i in (0..WIDTH).step_by(LANES) {
        for lane in 0..LANES {
            lanes[lane] = left[i + lane].mul_add(right[i + lane], lanes[lane]);
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (b + f)) + ((c + g) + (d + h))
}

/// Zero before place `column`, one from there on.
#[inline(always)]
fn below_diagonal(column: usize) -> &'static Vector {
    static STEPS: [f64; STRIDE] = {
        let mut steps = [0.0; STRIDE];
        let mut place = WIDTH;
        while place < STRIDE {
            steps[place] = 1.0;
            place += 1;
        }
        steps
    };
    STEPS[WIDTH - column..].first_chunk().expect("a column of the block")
}
