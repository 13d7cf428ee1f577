//! Edited modules and sums of factors as JavaScript states them. Handles are given beside a request, in a list; the
//! request names them by their place in it.

use napi_derive::napi;
use spectra::control::Control;
use spectra::edit::edited;
use spectra::error::Result;
use spectra::outcome::LowRank;
use spectra::rows::Rows;
use spectra::view::{MatrixView as OpenView, ViewRef};

use crate::delta::{DeltaStatement, LowRankTerm, OpenDelta, open_terms};
use crate::edit::{SharedTriplets, held};
use crate::tensor::{MatrixView, invalid, whole};

/// coefficient·u·vᵀ.
#[napi(object)]
pub struct VectorTerm {
    /// Place in the triplets.
    pub index: f64,
    /// Factor in front of u·vᵀ.
    pub coefficient: f64,
}

/// Triplets of which some are added.
#[napi(object)]
pub struct AddedVectors {
    /// Place of the handle in the list given beside the request.
    pub triplets: f64,
    /// What is added.
    pub vectors: Vec<VectorTerm>,
}

/// W0 + weight·ΔW + Σ coefficient·u·vᵀ.
#[napi(object)]
pub struct EditedModule {
    /// Name for messages.
    pub name: String,
    /// The base matrix.
    pub base: MatrixView,
    /// How the tuned matrix arises from the base.
    pub delta: DeltaStatement,
    /// Factor in front of ΔW.
    pub weight: f64,
    /// Added triplets.
    pub added: Option<AddedVectors>,
}

/// weight·Σ scale·left·right + Σ coefficient·u·vᵀ.
#[napi(object)]
pub struct FactorSum {
    /// The factors.
    pub low_rank: Vec<LowRankTerm>,
    /// Factor in front of them.
    pub weight: f64,
    /// Added triplets.
    pub added: Option<AddedVectors>,
}

/// A base and an edited matrix over it, open.
pub(crate) struct OpenEdited {
    pub(crate) base: OpenView,
    pub(crate) matrix: Box<dyn Rows>,
}

impl EditedModule {
    pub(crate) fn open(self, triplets: &[SharedTriplets], control: &Control) -> Result<OpenEdited> {
        let name = self.name.clone();
        self.open_parts(triplets, control).map_err(|error| error.at(name))
    }

    fn open_parts(self, triplets: &[SharedTriplets], control: &Control) -> Result<OpenEdited> {
        let base = ViewRef::try_from(self.base)?.open()?;
        let weight = finite(self.weight)?;
        let added = added_term(self.added, triplets)?;
        let delta = OpenDelta::open(self.delta)?;
        let start = || Box::new(base.clone());
        let matrix = if delta.is_low_rank() {
            let terms = scaled(delta.terms, weight).chain(added).collect();
            edited(start(), start(), 1.0, terms, control)?
        } else {
            let tuned = delta.compose_owned(start(), control)?;
            edited(start(), Box::new(tuned), weight, added.into_iter().collect(), control)?
        };
        Ok(OpenEdited { base, matrix })
    }
}

/// All terms of some sums, side by side.
pub(crate) fn open_sums(sums: Vec<FactorSum>, triplets: &[SharedTriplets]) -> Result<Vec<LowRank>> {
    let mut terms = Vec::new();
    for sum in sums {
        terms.extend(scaled(open_terms(sum.low_rank)?, finite(sum.weight)?));
        terms.extend(added_term(sum.added, triplets)?);
    }
    Ok(terms)
}

fn scaled(terms: Vec<LowRank>, weight: f64) -> impl Iterator<Item = LowRank> {
    terms.into_iter().map(move |term| LowRank { scale: weight * term.scale, ..term })
}

fn added_term(added: Option<AddedVectors>, triplets: &[SharedTriplets]) -> Result<Option<LowRank>> {
    let Some(added) = added else { return Ok(None) };
    let vectors: Vec<(usize, f64)> = (added.vectors.iter())
        .map(|vector| Ok((whole(vector.index, "index")?, vector.coefficient)))
        .collect::<Result<_>>()?;
    let handle = triplets.get(whole(added.triplets, "triplets")?);
    let handle = handle.ok_or_else(|| invalid("the triplets were not given beside the request"))?;
    held(handle).term(&vectors).map(Some)
}

fn finite(weight: f64) -> Result<f64> {
    if weight.is_finite() { Ok(weight) } else { Err(invalid(format!("a weight is {weight}"))) }
}
