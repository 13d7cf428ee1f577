//! One pure function per kind of question, in JSON: the commands, the app and the golden file ask through this door.

mod forms;
mod lab;
mod measured;
mod sampled;

use std::sync::atomic::AtomicU64;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Control, Error, ErrorKind, Result, invalid};

/// What a question may use.
pub struct Context<'a> {
    /// Threads of the pool it runs in, and the cancel flag.
    pub control: Control<'a>,
    /// Replicates done so far.
    pub done: &'a AtomicU64,
}

/// Kinds that simulate and therefore belong on threads of their own.
#[must_use]
pub fn is_long(kind: &str) -> bool {
    matches!(kind, "simulate" | "figure" | "figure_samples" | "risk_samples" | "guarantee" | "rank_map" | "confirm")
}

/// Answers one question. Numbers that are infinite or undefined are `null`.
///
/// # Errors
/// `InvalidArgument` for an unknown kind, a missing or unknown field, or a value outside its domain; `NoConvergence`
/// and `Cancelled` from long ones.
pub fn answer(kind: &str, input: &Value, context: &Context<'_>) -> Result<Value> {
    match lab::answer(kind, input)
        .or_else(|| forms::answer(kind, input))
        .or_else(|| measured::answer(kind, input))
        .or_else(|| sampled::answer(kind, input, context))
    {
        Some(found) => found,
        None => Err(invalid(format!("there is no question of kind {kind:?}"))),
    }
}

/// The same on texts, for callers in other languages.
///
/// # Errors
/// As [`answer`], or `InvalidArgument` for text that is no JSON.
pub fn answer_text(kind: &str, input: &str, context: &Context<'_>) -> Result<String> {
    let input = serde_json::from_str(input).map_err(|error| invalid(error.to_string()))?;
    Ok(answer(kind, &input, context)?.to_string())
}

/// Reads the input of a question; the message names the field.
fn read<T: DeserializeOwned>(input: &Value) -> Result<T> {
    T::deserialize(input).map_err(|error| invalid(error.to_string()))
}

fn write(value: impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::new(ErrorKind::InvalidArgument, error.to_string()))
}
