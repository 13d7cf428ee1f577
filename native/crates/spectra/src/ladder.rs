//! The ladder of one side: known base vectors, then Lanczos, then the full decomposition, then an SVD.

use faer::Mat;

use crate::base::Base;
use crate::certificate::{Bounds, Examined, bounds, usable};
use crate::control::Control;
use crate::eigenpairs::Eigenpairs;
use crate::error::{Error, ErrorKind, Result};
use crate::lanczos::{Lanczos, MAXIMUM_STEPS, Measure};
use crate::outcome::{DecisionMethod, Question, Side, SideOutcome};

/// Steps up to which further thresholds keep the iteration going: half as dear as the top of W at most.
const FURTHER_STEPS: usize = 24;
/// Bounds closer than this are as good as equal: what keeps a vector open then is that its cosine is ε itself.
const CLOSED: f64 = 1e-3;

/// Decides one side.
///
/// # Errors
/// [`ErrorKind::Cancelled`] only; a rung that fails is recorded and the next one taken.
pub(crate) fn decide(
    base: &Base<'_>,
    examined: &Examined,
    side: Side,
    question: &Question,
    climbed: Vec<String>,
    control: &Control<'_>,
) -> Result<SideOutcome> {
    let mut ladder = Ladder { base, examined, question, control, bounds: Vec::new(), steps: 0, climbed };
    let method = ladder.climb()?;
    Ok(ladder.outcome(side, method))
}

struct Ladder<'a> {
    base: &'a Base<'a>,
    examined: &'a Examined,
    question: &'a Question,
    control: &'a Control<'a>,
    bounds: Vec<Bounds>,
    steps: usize,
    climbed: Vec<String>,
}

impl Ladder<'_> {
    fn climb(&mut self) -> Result<DecisionMethod> {
        if self.base.frobenius == 0.0 {
            // A zero base has no directions to inherit.
            self.bounds = vec![Bounds::default(); self.examined.columns.ncols()];
            return Ok(DecisionMethod::Matched);
        }
        self.read(&self.base.top);
        let mut method = if self.base.top.is_complete { DecisionMethod::Exact } else { DecisionMethod::Matched };
        if self.is_open() && !self.base.top.is_complete {
            method = DecisionMethod::Lanczos;
            let result = self.lanczos();
            self.record("Lanczos", result)?;
        }
        if self.is_open() && self.base.error > 0.0 {
            self.base.needs_double.set(true);
            return Ok(method);
        }
        if self.is_open() && !self.base.top.is_complete {
            method = DecisionMethod::Exact;
            let result = self.base.complete(self.control).map(|pairs| self.read(pairs));
            self.record("full decomposition", result)?;
        }
        if self.is_open() && !self.base.top.zeros_are_exact {
            method = DecisionMethod::Exact;
            self.climbed.push("the Gram matrix does not resolve the base; took an SVD".into());
            let result = self.base.singular(self.control).map(|pairs| self.read(pairs));
            self.record("SVD", result)?;
        }
        Ok(method)
    }

    /// Reads the bounds off known base vectors; later readings only tighten.
    fn read(&mut self, pairs: &Eigenpairs) {
        let read = bounds(pairs, self.examined, self.question.k, self.control.parallelism());
        if self.bounds.is_empty() {
            self.bounds = read;
            return;
        }
        for (old, new) in self.bounds.iter_mut().zip(read) {
            let best = if new.best.is_some() { new.best } else { old.best };
            *old = Bounds { best, lower: new.lower, upper: new.upper.min(old.upper.max(new.lower)), ..new };
        }
    }

    fn record(&mut self, rung: &str, result: Result<()>) -> Result<()> {
        match result {
            Err(error) if error.kind == ErrorKind::Cancelled => Err(error),
            Err(error) => {
                self.climbed.push(format!("{rung}: {error}"));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Some vector is undecided at ε, and not merely because its cosine is ε.
    fn is_open(&self) -> bool {
        self.bounds.iter().any(|bounds| bounds.is_open(self.question.epsilon) && bounds.upper - bounds.lower > CLOSED)
    }

    fn is_settled(&self, vector: usize, steps: usize) -> bool {
        let bounds = &self.bounds[vector];
        let further = || self.question.epsilons.iter().any(|epsilon| bounds.is_open(*epsilon));
        bounds.upper - bounds.lower <= CLOSED
            || !bounds.is_open(self.question.epsilon) && (steps >= FURTHER_STEPS || !further())
    }

    fn lanczos(&mut self) -> Result<()> {
        let par = self.control.parallelism();
        let pairs = &self.base.top;
        let known = usable(pairs, self.examined.is_large);
        let vectors = pairs.vectors().subcols(0, known);
        let ceiling = if known == 0 { pairs.values[0] } else { pairs.values[known - 1] } + pairs.residuals[0];
        let open: Vec<usize> = (0..self.bounds.len()).filter(|vector| !self.is_settled(*vector, 0)).collect();
        let mut start = Mat::from_fn(pairs.vectors.nrows(), open.len(), |i, j| self.examined.columns[(i, open[j])]);
        let (operator, mapped);
        if self.examined.is_large {
            let large = self.base.large_side(self.control)?;
            large.solve(&mut start, par);
            let mut images = large.map(vectors, par);
            for i in 0..known {
                let sigma = pairs.values[i].sqrt();
                images.as_mut().col_mut(i).iter_mut().for_each(|value| *value /= sigma);
            }
            (operator, mapped) = (large.measure.as_ref(), images);
        } else {
            (operator, mapped) = (self.base.gram.as_ref(), vectors.to_owned());
        }
        let (largest, zero) = (pairs.values[0], pairs.resolution);
        let error = self.base.error;
        let measure = Measure { operator, known: mapped.as_ref(), largest, ceiling, zero, error };
        self.iterate(Lanczos::new(measure, start.as_ref(), par), &open)
    }

    fn iterate(&mut self, mut lanczos: Lanczos<'_>, open: &[usize]) -> Result<()> {
        while lanczos.steps < MAXIMUM_STEPS && (0..open.len()).any(|j| lanczos.is_active(j)) {
            let stride = if lanczos.steps < 24 { 4 } else { 8 };
            lanczos.advance_to(lanczos.steps + stride, self.control)?;
            self.steps = lanczos.steps;
            for (j, &vector) in open.iter().enumerate().filter(|(j, _)| lanczos.is_active(*j)).collect::<Vec<_>>() {
                let atom = lanczos.atom_bounds(j)?;
                let own = self.examined.angles[vector];
                let known = self.bounds[vector].known_upper;
                self.bounds[vector].tighten(atom.lower - own, known.max((atom.upper + own).min(1.0)));
                if self.is_settled(vector, lanczos.steps) {
                    lanczos.settle(j);
                }
            }
        }
        let left = open.iter().filter(|vector| self.bounds[**vector].is_open(self.question.epsilon)).count();
        if left > 0 && self.is_open() {
            let sentence = format!("{left} vectors undecided after {} steps", lanczos.steps);
            return Err(Error::new(ErrorKind::NoConvergence, sentence));
        }
        Ok(())
    }

    fn outcome(self, side: Side, method: DecisionMethod) -> SideOutcome {
        SideOutcome {
            side,
            lower: self.bounds.iter().map(|bounds| bounds.lower).collect(),
            upper: self.bounds.iter().map(|bounds| bounds.upper).collect(),
            best: self.bounds.iter().map(|bounds| bounds.best).collect(),
            span_energy: self.bounds.iter().map(|bounds| bounds.span_energy).collect(),
            delta_share: Vec::new(),
            method,
            steps: self.steps,
            degenerate: self.bounds.iter().any(|bounds| bounds.degenerate),
            climbed: self.climbed,
        }
    }
}
