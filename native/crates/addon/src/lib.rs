//! Node binding of the spectra crate: conversions, nothing else.
