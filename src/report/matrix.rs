//! The feature matrix: what works, in the words of the identity provider's console.

use std::collections::BTreeMap;

use super::model::{Column, Report};
use super::played::Said;

/// What became of a feature of a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing to say against it.
    Works,
    /// The client gets what it needs; there are findings.
    WorksWithWarnings,
    /// It does not do what an administrator expects; why.
    Breaks(String),
    /// No scenario of it was played; why.
    NotPlayed(String),
    /// It could not be found out; why. Never a pass.
    Undetermined(String),
    /// The client sends nothing for it; why.
    SendsNothing(String),
}

impl Cell {
    fn of(said: &Said) -> Self {
        match (&said.breaks, &said.undetermined) {
            (Some(reason), _) => Self::Breaks(reason.clone()),
            (None, Some(reason)) => Self::Undetermined(reason.clone()),
            (None, None) if said.warned => Self::WorksWithWarnings,
            (None, None) => Self::Works,
        }
    }

    /// The state in a few words.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::WorksWithWarnings => "works with warnings",
            Self::Breaks(_) => "breaks",
            Self::NotPlayed(_) => "not played",
            Self::Undetermined(_) => "undetermined",
            Self::SendsNothing(_) => "sends nothing",
        }
    }

    /// Why, if the state asks for a reason.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Works | Self::WorksWithWarnings => None,
            Self::Breaks(why) | Self::NotPlayed(why) | Self::Undetermined(why) | Self::SendsNothing(why) => Some(why),
        }
    }
}

/// The part of the matrix that belongs to one profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// Id of the profile.
    pub profile: String,
    /// Its name for people.
    pub title: String,
    /// Said wherever it is shown, if it is no replay of captured traffic.
    pub reconstructed: Option<String>,
    /// Labels of its variants.
    pub columns: Vec<String>,
    /// Features, in the console's order.
    pub rows: Vec<Row>,
}

/// One feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Id of the feature.
    pub feature: String,
    /// The console's words.
    pub title: String,
    /// One cell a variant.
    pub cells: Vec<Cell>,
}

impl Report {
    /// The feature matrix, profile by profile in the order they were asked for.
    #[must_use]
    pub fn matrix(&self) -> Vec<Matrix> {
        let mut profiles: Vec<(&Column, Vec<usize>)> = Vec::new();
        for (at, column) in self.columns().iter().enumerate() {
            match profiles.iter_mut().find(|(first, _)| first.profile == column.profile) {
                Some((_, columns)) => columns.push(at),
                None => profiles.push((column, vec![at])),
            }
        }
        profiles.into_iter().map(|(first, columns)| self.matrix_of(first, &columns)).collect()
    }

    fn matrix_of(&self, first: &Column, columns: &[usize]) -> Matrix {
        let rows = first.features.iter().map(|feature| Row {
            feature: feature.id.clone(),
            title: feature.title.clone(),
            cells: columns.iter().map(|at| self.cell(*at, &feature.id)).collect(),
        });
        Matrix {
            profile: first.profile.clone(),
            title: first.title.clone(),
            reconstructed: first.reconstructed.clone(),
            columns: columns.iter().map(|at| self.columns()[*at].label.clone()).collect(),
            rows: rows.collect(),
        }
    }

    /// The cell of a feature: the worst of its scenarios. A scenario that was left out does not hide one that was played.
    #[must_use]
    pub fn cell(&self, column: usize, feature: &str) -> Cell {
        let of = &self.columns()[column];
        let mut cells = BTreeMap::new();
        for (row, planned) in of.scenarios.iter().enumerate() {
            let own = planned.feature == feature;
            let played = self.played(column + 1, row).filter(|_| planned.skip.is_none());
            let cell = match (played.and_then(|played| played.features.get(feature)), &planned.skip) {
                (Some(said), _) => Cell::of(said),
                // Steps about another feature may come to their turn or not.
                _ if !own => continue,
                (None, Some(reason)) => Cell::NotPlayed(reason.clone()),
                (None, None) => Cell::Undetermined(self.cut_short().to_owned()),
            };
            cells.entry(rank(&cell)).or_insert(cell);
        }
        let worst = cells.into_values().next();
        match (worst, self.broken.get(&(column + 1))) {
            (Some(Cell::Works | Cell::WorksWithWarnings), Some(reason)) => Cell::Breaks(reason.clone()),
            (Some(cell), _) => cell,
            (None, _) => {
                let silent = of.features.iter().find(|f| f.id == feature).and_then(|f| f.sends_nothing.clone());
                match silent {
                    Some(reason) => Cell::SendsNothing(reason),
                    None => Cell::NotPlayed("this variant has no scenario for it".to_owned()),
                }
            }
        }
    }
}

/// The smaller, the more it says about the feature.
fn rank(cell: &Cell) -> u8 {
    match cell {
        Cell::Breaks(_) => 0,
        Cell::Undetermined(_) => 1,
        Cell::WorksWithWarnings => 2,
        Cell::Works => 3,
        Cell::NotPlayed(_) => 4,
        Cell::SendsNothing(_) => 5,
    }
}
