//! Node binding of the spectra crate: conversions, nothing else.
//!
//! Weights never cross into JavaScript: requests name files and byte ranges, answers hold spectra and counts.
//! Every long call runs on the threads of a [`pool::Pool`] and settles a promise; the event loop never waits.

mod analysis;
mod approximation;
mod belonging;
mod chance;
mod change;
mod comparison;
mod delta;
mod edit;
mod failure;
mod fingerprint;
mod header;
mod inspection;
mod machine;
mod outcome;
mod overlap;
mod pool;
mod request;
mod statistics;
mod tensor;
mod theory;
mod vector;
mod writing;
