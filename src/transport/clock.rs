//! Time, injected: pacing, back-off and settling wait through it, so that tests wait for nothing.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// What knows the time and can wait.
pub trait Clock {
    /// Time since the clock was made; never goes back.
    fn now(&self) -> Duration;

    /// The time of day, UTC, for transcripts.
    fn utc(&self) -> jiff::Timestamp;

    /// Waits.
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>>;
}

/// The machine's clock.
#[derive(Debug)]
pub struct RealClock {
    begun: tokio::time::Instant,
}

impl RealClock {
    /// Starts it.
    #[must_use]
    pub fn new() -> Self {
        Self { begun: tokio::time::Instant::now() }
    }
}

impl Default for RealClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for RealClock {
    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    fn utc(&self) -> jiff::Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else uses")]
        jiff::Timestamp::now()
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(tokio::time::sleep(time))
    }
}

/// A clock for tests: sleeping moves it on at once, nothing else does. Its day begins with the Unix epoch.
#[derive(Debug, Default)]
pub struct FakeClock {
    now: Cell<Duration>,
}

impl FakeClock {
    /// Moves it on.
    pub fn advance(&self, time: Duration) {
        self.now.set(self.now.get().saturating_add(time));
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn utc(&self) -> jiff::Timestamp {
        jiff::SignedDuration::try_from(self.now.get())
            .ok()
            .and_then(|time| jiff::Timestamp::from_duration(time).ok())
            .unwrap_or(jiff::Timestamp::MAX)
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(async move { self.advance(time) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_fake_clock_moves_only_when_somebody_waits() {
        let clock = FakeClock::default();
        assert_eq!(clock.now(), Duration::ZERO);
        clock.sleep(Duration::from_secs(90)).await;
        assert_eq!(clock.now(), Duration::from_secs(90));
        assert_eq!(clock.utc().to_string(), "1970-01-01T00:01:30Z");
    }
}
