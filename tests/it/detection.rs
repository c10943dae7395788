//! Which faults of a provider are found, by which profile.

use std::collections::{BTreeMap, BTreeSet};

use scimproof::reference::fault::{self, Fault, Kind};
use scimproof::report::cause::Standing;
use scimproof::report::model::Report;
use scimproof::session::Session;

type Found = BTreeMap<String, BTreeSet<String>>;

fn found(report: &Report) -> Found {
    let mut found = Found::new();
    for cause in report.causes() {
        let letter = match cause.standing {
            Standing::Error => "error",
            Standing::Warning => "warning",
            Standing::Note | Standing::Undetermined => continue,
        };
        for spot in &cause.spots {
            let profile = spot.variant.split(':').next().unwrap_or_default();
            let profile = if profile.is_empty() { "discovery" } else { profile };
            found.entry(profile.to_owned()).or_default().insert(format!("{letter} {}", cause.rule));
        }
    }
    found
}

#[test]
fn explore() {
    let names = std::env::var("FAULT").unwrap_or_default();
    let wanted: Vec<&str> = names.split(',').collect();
    let all = fault::all(Kind::Mistake).chain(fault::all(Kind::Tolerated));
    let faults: Vec<&'static Fault> = all.filter(|f| wanted.contains(&f.name) || names == "all" || names == format!("{:?}", f.kind)).collect();
    let verbose = std::env::var("VERBOSE").is_ok();
    let profiles = std::env::var("PROFILES").unwrap_or_else(|_| "rfc,okta:app=oin,entra:flag=off,jumpcloud,okta:app=aiw,entra:flag=aadOptscim062020,okta-spec,entra-validator".to_owned());
    let queue = std::sync::Mutex::new(faults.into_iter());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| loop {
                let Some(fault) = queue.lock().unwrap().next() else { return };
                let mut text = format!("== {} {:?}\n", fault.name, fault.kind);
                let mut seen = false;
                for profile in profiles.split(' ') {
                    let session = profile.split(',').fold(Session::embedded().bearer("sesame"), Session::profile).jobs(1).fault(fault);
                    let begin = std::time::Instant::now();
                    match session.play() {
                        Err(error) => { seen = true; text += &format!("   {profile}: {error}\n") }
                        Ok(report) => {
                            let found = found(&report);
                            let cut = report.end.as_ref().and_then(|end| end.cut.clone());
                            seen |= !found.is_empty() || cut.is_some();
                            text += &format!("   {profile} {:?} {cut:?}\n", begin.elapsed());
                            for (profile, rules) in found { text += &format!("   {profile}: {}\n", rules.into_iter().collect::<Vec<_>>().join(", ")); }
                            if verbose { text += &report.to_text(); }
                        }
                    }
                    if seen { break }
                }
                if !seen { text += "   MISS\n" }
                print!("{text}");
            });
        }
    });
}
