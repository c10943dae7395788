//! Transcripts of this tool: of recordings, and of runs, whose own requests are left out.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::Missing;
use crate::exchange::{Exchange, Place};
use crate::record::log::place;
use crate::transcript::Reader;
use crate::transcript::read::Entry;

pub(super) fn read(path: &Path, missing: &mut Missing) -> Result<Vec<Exchange>, String> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| format!("{name}: {error}"))?;
    let mut reader = Reader::new(BufReader::new(file), name).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    while let Some(entry) = reader.entry().map_err(|error| error.to_string())? {
        let Entry::Exchange(turn) = entry else { continue };
        let exchange = Exchange::clone(&turn.exchange);
        if exchange.origin.is_ours() {
            missing.add("a request of scimproof itself, left out");
            continue;
        }
        out.push(Exchange { place: Place { ..place() }, ..exchange });
    }
    if let Some(torn) = reader.torn() {
        missing.add(torn);
    }
    Ok(out)
}
