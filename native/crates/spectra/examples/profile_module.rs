//! Seconds per phase of one module for the shapes of common models.
//!
//! `cargo run --release --example profile_module -- [threads] [shape filter] [adapter|dense|second]`

use std::ops::Range;
use std::time::Instant;

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, StandardNormal};
use spectra::control::Control;
use spectra::error::Result;
use spectra::module::analyze_module;
use spectra::outcome::{Grid, LowRank, ModuleOutcome, Question, Side, Tuned};
use spectra::rows::Rows;

/// A bf16 matrix in memory, decoded when it is read.
struct Stored {
    values: Vec<u16>,
    rows: usize,
    cols: usize,
}

impl Rows for Stored {
    fn rows(&self) -> usize {
        self.rows
    }

    fn cols(&self) -> usize {
        self.cols
    }

    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        let taken = &self.values[range.start * self.cols..range.end * self.cols];
        for (target, bits) in out.iter_mut().zip(taken) {
            *target = f64::from(f32::from_bits(u32::from(*bits) << 16));
        }
        Ok(())
    }

    fn holds_singles(&self) -> bool {
        std::env::var_os("SPECTRA_DOUBLE").is_none()
    }

    fn read_singles(&self, range: Range<usize>, out: &mut [f32]) -> Result<()> {
        let taken = &self.values[range.start * self.cols..range.end * self.cols];
        for (target, bits) in out.iter_mut().zip(taken) {
            *target = f32::from_bits(u32::from(*bits) << 16);
        }
        Ok(())
    }
}

fn normals(count: usize, seed: u64) -> Vec<f32> {
    let mut random = SmallRng::seed_from_u64(seed);
    (0..count).map(|_| StandardNormal.sample(&mut random)).collect()
}

fn to_bits(value: f32) -> u16 {
    half_round(value.to_bits())
}

fn half_round(bits: u32) -> u16 {
    ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16) as u16
}

/// Power-law head of 64 values over a Gaussian bulk of 0.02.
fn base(rows: usize, cols: usize) -> Stored {
    let head = 64.min(rows.min(cols) / 2);
    let (u, v) = (normals(rows * head, 1), normals(cols * head, 2));
    let scale = 4.0 * 0.06 / (rows.max(cols) as f32).sqrt();
    let weights: Vec<f32> = (0..head).map(|j| scale * (j as f32 + 1.0).powf(-0.6)).collect();
    let noise = normals(rows * cols, 3);
    let entry = |index: usize| {
        let (i, j) = (index / cols, index % cols);
        let head: f32 = (0..head).map(|h| u[i * head + h] * weights[h] * v[j * head + h]).sum();
        to_bits(head + 0.02 * noise[index])
    };
    Stored { values: (0..rows * cols).map(entry).collect(), rows, cols }
}

fn adapter(rows: usize, cols: usize, strength: f64, seed: u64) -> LowRank {
    let rank = 16;
    let (b, a) = (normals(rows * rank, seed), normals(rank * cols, seed + 1));
    let left = b.iter().enumerate().map(|(i, x)| f64::from(*x) * ((i % rank) as f64 + 1.0).powf(-0.3)).collect();
    LowRank {
        left,
        right: a.iter().map(|x| f64::from(*x)).collect(),
        rank,
        scale: strength * 2.2 / ((rows * cols) as f64).sqrt(),
    }
}

fn tuned(base: &Stored) -> Stored {
    let noise = normals(base.values.len(), 9);
    let values =
        base.values.iter().zip(noise).map(|(bits, x)| to_bits(f32::from_bits(u32::from(*bits) << 16) + 1e-4 * x));
    Stored { values: values.collect(), rows: base.rows, cols: base.cols }
}

/// Seconds this thread has spent on a processor (Linux): what counts on a busy machine, with one thread.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace()
        .next()
        .and_then(|value| value.parse::<f64>().ok())
        .map_or(f64::NAN, |nanoseconds| nanoseconds * 1e-9)
}

fn report(name: &str, seconds: f64, processor: f64, outcome: &ModuleOutcome) {
    print!("{name}: total {seconds:.3} s, processor {processor:.3} s, base {:.3}", outcome.base_seconds);
    for run in outcome.runs.iter().flatten() {
        print!(", run {:.3}", run.seconds);
        for side in &run.sides {
            print!(
                " ({:?} {:?} {} steps{})",
                side.side,
                side.method,
                side.steps,
                if side.climbed.is_empty() { "" } else { ", climbed" }
            );
        }
    }
    println!();
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let threads: usize = arguments.first().and_then(|value| value.parse().ok()).unwrap_or(1);
    let filter = arguments.get(1).cloned().unwrap_or_default();
    let form = arguments.get(2).map_or("adapter", String::as_str);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().expect("pool");
    let shapes =
        [(896, 896), (128, 896), (4864, 896), (896, 4864), (2048, 2048), (256, 2048), (2048, 11008), (11008, 2048)];
    for (m, n) in shapes {
        let name = format!("{m}x{n}");
        if !name.contains(&filter) {
            continue;
        }
        let question = Question {
            k: 10,
            epsilon: 0.5,
            epsilons: vec![],
            sides: vec![Side::Left],
            exact: false,
            rounding: Some(Grid::Bf16),
            seed: 1,
        };
        let control = Control { threads, cancel: None };
        let base = base(m, n);
        let dense = if form == "dense" { Some(tuned(&base)) } else { None };
        let runs: Vec<Result<Tuned<'_>>> = match (&dense, form) {
            (Some(rows), _) => vec![Ok(Tuned::Dense(rows))],
            (_, "second") => (0..2).map(|i| Ok(Tuned::Factors(vec![adapter(m, n, 2.0, 4 + 2 * i)]))).collect(),
            _ => vec![Ok(Tuned::Factors(vec![adapter(m, n, 2.0, 4)]))],
        };
        for _ in 0..2 {
            let (started, before) = (Instant::now(), processor_seconds());
            let outcome = analyze_module(&base, &runs, &question, &control).expect("module");
            report(&name, started.elapsed().as_secs_f64(), processor_seconds() - before, &outcome);
        }
    }
}
