//! Times the replicates of figure 1a's hardest point (k = d = 100, n = 953, four ranks): `replicates COUNT`.

use std::sync::atomic::AtomicU64;
use std::time::Instant;

use theory::Control;
use theory::setting::Setting;
use theory::shift::Shift;
use theory::simulation::{Point, simulate};

fn main() {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1000);
    let setting = Setting::new(100, 100, 953, 12.0).expect("a setting");
    let point = Point { setting, shift: Shift::Ba { rank: 4 }, covariance: Vec::new(), stream: 0 };
    let started = Instant::now();
    let risks = simulate(&[point], &[1, 2, 4, 8], 0..count, 1, &AtomicU64::new(0), &Control::SINGLE);
    let seconds = started.elapsed().as_secs_f64();
    println!("{} ms a replicate ({} samples)", 1e3 * seconds / count as f64, risks.map_or(0, |risks| risks.len()));
}
