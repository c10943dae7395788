//! Whether the endpoint accepts connections, and when it does again.

use std::fmt;
use std::time::Duration;

use super::super::args::TargetArgs;
use super::super::target::proxy;
use crate::error::Error;
use crate::transport::clock::Clock;
use crate::transport::target::BaseUrl;
use crate::transport::{Proxy, dial, stays_here};

/// How often an endpoint on this machine is tried: it restarts in less than a second.
const NEAR: Duration = Duration::from_millis(100);
/// How often another one is tried.
const FAR: Duration = Duration::from_secs(1);

/// Where an endpoint listens.
pub(super) struct Door {
    host: String,
    port: u16,
    every: Duration,
}

impl Door {
    /// Of a target, if there is one and it is asked directly: behind a proxy nobody sees whether it listens.
    pub(super) fn of(args: &TargetArgs) -> Result<Option<Self>, Error> {
        let Some(target) = &args.target else { return Ok(None) };
        let base = BaseUrl::parse(target).map_err(|error| Error::Usage(error.to_string()))?;
        let near = stays_here(&base, &Proxy::None);
        let direct = matches!(proxy(args), Proxy::Environment) && (near || !dial::has_proxy(&base));
        let every = if near { NEAR } else { FAR };
        Ok(direct.then(|| Self { host: base.host().to_owned(), port: base.port(), every }))
    }

    pub(super) async fn is_open(&self) -> bool {
        dial::accepts(&self.host, self.port).await
    }

    /// Until it accepts.
    pub(super) async fn opens(&self, clock: &dyn Clock) {
        until(clock, self.every, true, async || self.is_open().await).await;
    }

    /// Until it refuses.
    pub(super) async fn closes(&self, clock: &dyn Clock) {
        until(clock, self.every, false, async || self.is_open().await).await;
    }
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Tries until the answer is the one that is wanted.
async fn until(clock: &dyn Clock, every: Duration, wanted: bool, mut is_open: impl AsyncFnMut() -> bool) {
    while is_open().await != wanted {
        clock.sleep(every).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock::FakeClock;

    #[tokio::test]
    async fn a_door_is_tried_until_it_is_as_wanted() {
        let clock = FakeClock::default();
        let mut tried = 0;
        let closes_at_the_third = async || {
            tried += 1;
            tried < 3
        };
        until(&clock, NEAR, false, closes_at_the_third).await;
        assert_eq!((tried, clock.now()), (3, NEAR * 2));
    }

    #[test]
    fn only_what_is_asked_directly_is_watched() {
        let of = |target: Option<&str>, proxy: Option<&str>| {
            let args = TargetArgs {
                target: target.map(str::to_owned),
                proxy: proxy.map(str::to_owned),
                ..TargetArgs::default()
            };
            Door::of(&args).unwrap().map(|door| (door.to_string(), door.every))
        };
        assert_eq!(of(Some("http://127.0.0.1:8080/scim"), None), Some(("127.0.0.1:8080".to_owned(), NEAR)));
        assert_eq!(of(Some("http://127.0.0.1:8080/scim"), Some("http://127.0.0.1:3128")), None);
        assert_eq!(of(None, None), None);
    }
}
