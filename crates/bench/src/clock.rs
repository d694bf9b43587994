//! How rates are measured.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// How long each thing is repeated in one round: many short rounds, so that all of them meet the same slow moments.
const ROUND: Duration = Duration::from_millis(60);
const ROUNDS: usize = 25;

/// The median rates at which each of the things is done, in a second of processor time of this thread.
///
/// They take turns, so that what slows the machine down slows all of them down.
pub(crate) fn rates<const N: usize>(
    mut things: [&mut dyn FnMut() -> anyhow::Result<()>; N],
) -> anyhow::Result<[f64; N]> {
    let mut all = [(); N].map(|()| Vec::with_capacity(ROUNDS));
    for _ in 0..ROUNDS {
        for (thing, rates) in things.iter_mut().zip(&mut all) {
            rates.push(rate(thing)?);
        }
    }
    Ok(all.map(|mut rates| median(&mut rates)))
}

fn rate(thing: &mut dyn FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let (begun, mut count) = (processor_time(), 0_u32);
    loop {
        for _ in 0..64 {
            thing()?;
        }
        count += 64;
        let taken = processor_time().saturating_sub(begun);
        if taken >= ROUND {
            return Ok(f64::from(count) / taken.as_secs_f64());
        }
    }
}

/// The processor time that this thread has taken.
pub(crate) fn processor_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}

/// The clock on the wall.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The middle one of an odd number of rates.
pub(crate) fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}
