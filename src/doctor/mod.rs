//! Looks at the way to a target before a long run: name, connection, TLS, proxy, credentials, base path, discovery, clock.
//!
//! Nothing is written there. What stands in the way is told in a sentence, with what to do; what is only to be known is a
//! note. The way is walked without credentials first, so that wrong ones hide nothing else.

mod answer;
mod base_path;
mod clock;
mod diagnosis;
mod discovery;
mod way;

pub use diagnosis::{About, Diagnosis, Line, State};

use crate::exchange::{Failure, Received};
use crate::run::{link, ours, scenario};
use crate::transport::target::{BaseUrl, Join};
use crate::transport::{BadOption, CREDENTIALS, Client, ClientOptions, Outgoing};

/// Asks a target what there is to know before a run. `nobody` is a user name that nobody has.
///
/// # Errors
/// An option that cannot be used; nothing was sent.
pub async fn examine(mut options: ClientOptions, nobody: &str) -> Result<Diagnosis, BadOption> {
    options.read_only = true;
    let given = answer::Given::of(&options.credentials);
    let insecure = options.tls.insecure;
    let client = Client::new(options)?;
    let probe = Probe { client: &client, base: client.base().clone() };
    let search = ours::by_name("/Users", "userName", nobody);
    let mut diagnosis = Diagnosis::new(client.base());
    base_path::as_typed(client.base(), &mut diagnosis);

    let begun = client.clock().utc();
    let unsigned = probe.get(&search, Signed::No).await;
    let ended = client.clock().utc();
    way::told(&client, insecure, &unsigned, &mut diagnosis).await;
    let Ok(unsigned) = unsigned else { return Ok(diagnosis) };
    clock::compare(&unsigned, (begun, ended), &mut diagnosis);

    let answered = if given.any() { probe.get(&search, Signed::Yes).await } else { Ok(unsigned.clone()) };
    let Some(answered) = answer::credentials(&given, &unsigned, answered, &mut diagnosis) else { return Ok(diagnosis) };
    let documents = discovery::read(&probe).await;
    if base_path::answers(&probe, &answered, &documents, &mut diagnosis).await {
        base_path::slash(&probe, &search, &answered, &mut diagnosis).await;
        answer::search(&answered, &mut diagnosis);
        discovery::told(&documents, &mut diagnosis);
    }
    Ok(diagnosis)
}

/// Whether a request carries the credentials.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signed {
    Yes,
    No,
}

/// Reads from a target.
struct Probe<'a> {
    client: &'a Client,
    base: BaseUrl,
}

impl Probe<'_> {
    async fn get(&self, resource: &str, signed: Signed) -> Result<Received, Failure> {
        self.get_from(&self.base, &scenario::plain_join(), resource, signed).await
    }

    /// From another base URL of the same host, or joined in another way.
    async fn get_from(&self, base: &BaseUrl, join: &Join, resource: &str, signed: Signed) -> Result<Received, Failure> {
        let request = ours::request("GET", resource, None);
        let mut headers = link::filled(request.headers, base, 0);
        headers.retain(|(_, value)| signed == Signed::Yes || value != CREDENTIALS);
        let target = base.target(join, resource);
        let outgoing = Outgoing { method: request.method, target, resource: request.resource, headers, body: None };
        self.client.send(outgoing).await.1
    }
}
