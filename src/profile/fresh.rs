//! A profile to begin with: it holds one scenario, comments for everything else, and passes lint.

use std::io;
use std::path::Path;

use super::parse::HEAD;

/// What `profile.toml` begins as.
const PROFILE: &str = include_str!("fresh/profile.toml");

/// The scenario in it.
const SCENARIO: &str = include_str!("fresh/look-up.toml");

/// The files of a new profile: name within its folder, and text.
#[must_use]
pub fn files(id: &str) -> Vec<(String, String)> {
    vec![(HEAD.to_owned(), PROFILE.replace("NAME", id)), ("scenarios/10-look-up.toml".to_owned(), SCENARIO.to_owned())]
}

/// Writes a new profile into a folder that is not there yet; gives the paths of its files.
///
/// # Errors
/// The folder is there, or cannot be made.
pub fn write(folder: &Path, id: &str) -> io::Result<Vec<String>> {
    if folder.exists() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is something of this name already"));
    }
    let mut made = Vec::new();
    for (name, text) in files(id) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        std::fs::write(&path, text)?;
        made.push(path.display().to_string());
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::parse::parse;

    #[test]
    fn a_new_profile_has_no_problem() {
        let profile = parse("mine", files("mine")).unwrap();
        assert_eq!((profile.id.as_str(), profile.scenarios.len()), ("mine", 1));
    }
}
