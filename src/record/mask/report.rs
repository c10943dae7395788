//! What was masked where: places and numbers, never a value.

use std::collections::BTreeMap;

/// Places are no more than this; the rest is counted together.
const MAX_PLACES: usize = 2000;

/// What masking has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    places: BTreeMap<String, u64>,
}

impl Report {
    pub(super) fn add(&mut self, place: &str, times: usize) {
        if times == 0 {
            return;
        }
        let full = self.places.len() >= MAX_PLACES && !self.places.contains_key(place);
        let place = if full { "elsewhere" } else { place };
        *self.places.entry(place.to_owned()).or_default() += times as u64;
    }

    /// Places with the number of values that were masked there.
    pub fn places(&self) -> impl Iterator<Item = (&str, u64)> {
        self.places.iter().map(|(place, times)| (place.as_str(), *times))
    }

    /// How many values were masked.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.places.values().sum()
    }
}

/// One line a place.
impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "What was masked where: number of values, place.")?;
        for (place, times) in &self.places {
            writeln!(f, "{times:>8}  {place}")?;
        }
        Ok(())
    }
}
