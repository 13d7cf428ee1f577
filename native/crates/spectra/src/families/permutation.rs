//! torch's `randperm` on the processor: MT19937 and Fisher-Yates, as far as it is needed.

use std::collections::HashMap;

const STATE: usize = 624;
const MIDDLE: usize = 397;

/// Matsumoto and Nishimura's MT19937.
pub(super) struct Twister {
    state: [u32; STATE],
    next: usize,
}

impl Twister {
    pub(super) fn new(seed: u32) -> Self {
        let mut state = [seed; STATE];
        for i in 1..STATE {
            let previous = state[i - 1];
            state[i] = (previous ^ (previous >> 30)).wrapping_mul(1_812_433_253).wrapping_add(i as u32);
        }
        Self { state, next: STATE }
    }

    pub(super) fn draw(&mut self) -> u32 {
        if self.next == STATE {
            self.renew();
        }
        let mut y = self.state[self.next];
        self.next += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    fn renew(&mut self) {
        for i in 0..STATE {
            let joined = (self.state[i] & 0x8000_0000) | (self.state[(i + 1) % STATE] & 0x7fff_ffff);
            let odd = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[i] = self.state[(i + MIDDLE) % STATE] ^ (joined >> 1) ^ odd;
        }
        self.next = 0;
    }
}

/// The first `count` entries of a random permutation of 0 … total − 1.
pub(super) fn first_of_permutation(seed: u32, total: usize, count: usize) -> Vec<usize> {
    let mut twister = Twister::new(seed);
    let mut moved: HashMap<usize, usize> = HashMap::new();
    (0..count.min(total))
        .map(|i| {
            let j = i + twister.draw() as usize % (total - i);
            let here = moved.get(&i).copied().unwrap_or(i);
            let there = moved.insert(j, here).unwrap_or(j);
            if j == i { here } else { there }
        })
        .collect()
}
