//! `scimproof profile`: list, show, new, diff, lint.

use std::path::Path;

use super::args::{ProfileCommand, SchemaOf};
use super::{diagnostics, print};
use crate::error::{Error, Exit};
use crate::profile::reference::unknown_profile;
use crate::profile::show::show;
use crate::profile::{catalogue, fresh};

pub(super) fn profile(command: &ProfileCommand) -> Result<Exit, Error> {
    match command {
        ProfileCommand::List => print(&catalogue::list())?,
        ProfileCommand::Show { profile } => {
            let known: Vec<String> = catalogue::builtin_ids().into_iter().map(str::to_owned).collect();
            match catalogue::builtin(profile) {
                Some(found) => print(&show(&*found?))?,
                None if Path::new(profile).is_dir() => print(&show(&catalogue::from_dir(Path::new(profile))?))?,
                None => return Err(Error::Usage(unknown_profile(profile, &known).to_string())),
            }
        }
        ProfileCommand::Schema { of: SchemaOf::Profile } => print(catalogue::PROFILE_SCHEMA)?,
        ProfileCommand::Schema { of: SchemaOf::Scenario } => print(catalogue::SCENARIO_SCHEMA)?,
        ProfileCommand::New { name } => {
            let made = fresh::write(Path::new(name), name).map_err(|error| Error::Usage(format!("{name}: {error}")))?;
            print(&format!("{}\nscimproof run --profile-dir {name} plays it\n", made.join("\n")))?;
        }
        ProfileCommand::Diff { a, b } => print(&super::diff::diff(a, b)?)?,
        ProfileCommand::Lint { path } => {
            let problems = catalogue::lint(path);
            if !problems.is_empty() {
                print(&format!("{}\n", diagnostics::render(&Error::Problems(problems), true)))?;
                return Ok(Exit::Usage);
            }
            print(&format!("{}: no problem\n", path.display()))?;
        }
    }
    Ok(Exit::Good)
}
