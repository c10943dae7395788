//! Lists the built-in profiles, so that a new folder under `profiles/` is in the binary without a line of code.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

#[expect(clippy::disallowed_methods, reason = "Cargo tells a build script by the environment where it works")]
fn main() -> io::Result<()> {
    writeln!(io::stdout(), "cargo::rerun-if-changed=profiles")?;
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("profiles");
    let mut table = String::from("[\n");
    for folder in entries(&root)?.into_iter().filter(|path| path.join("profile.toml").is_file()) {
        let _ = writeln!(table, "    ({:?}, &[", name(&folder));
        let mut files = vec![folder.join("profile.toml")];
        files.extend(entries(&folder.join("scenarios"))?);
        for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "toml")) {
            let inside = file.strip_prefix(&folder).unwrap_or(file).to_string_lossy().replace('\\', "/");
            let place = format!("/profiles/{}/{inside}", name(&folder));
            // Not by its whole path: a checkout can be moved together with what was built of it.
            let _ = writeln!(
                table,
                "        ({inside:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {place:?}))),"
            );
        }
        table.push_str("    ]),\n");
    }
    table.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("profiles.rs");
    fs::write(out, table)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
