//! What the machine offers.

use napi_derive::napi;

/// Processor as the numerics see it at run time.
#[napi(object)]
pub struct Cpu {
    /// Architecture the addon was built for: `x86_64`, `aarch64`…
    pub architecture: String,
    /// Vector extensions found; the kernels choose among them at run time.
    pub features: Vec<String>,
    /// Threads this process may use.
    pub threads: u32,
}

/// Architecture, vector extensions and threads.
#[napi]
#[must_use]
pub fn cpu() -> Cpu {
    Cpu {
        architecture: std::env::consts::ARCH.to_owned(),
        features: features().into_iter().map(str::to_owned).collect(),
        threads: std::thread::available_parallelism().map_or(1, |count| count.get() as u32),
    }
}

#[cfg(target_arch = "x86_64")]
fn features() -> Vec<&'static str> {
    let all = [
        ("sse4.2", std::arch::is_x86_feature_detected!("sse4.2")),
        ("avx", std::arch::is_x86_feature_detected!("avx")),
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("fma", std::arch::is_x86_feature_detected!("fma")),
        ("f16c", std::arch::is_x86_feature_detected!("f16c")),
        ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
    ];
    all.into_iter().filter_map(|(name, found)| found.then_some(name)).collect()
}

#[cfg(target_arch = "aarch64")]
fn features() -> Vec<&'static str> {
    vec!["neon"]
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn features() -> Vec<&'static str> {
    Vec::new()
}
