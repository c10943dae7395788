//! `scimproof compare`: what got better, what got worse, which answers differ.

use std::path::Path;

use super::args::{CompareArgs, FailOn};
use super::{output, print, retell};
use crate::compare::{Comparison, Side};
use crate::error::{Error, Exit};

pub(super) fn compare(args: &CompareArgs) -> Result<Exit, Error> {
    let before = side(&args.before, args)?;
    let after = side(&args.after, args)?;
    let comparison = Comparison::of(&before, &after);
    let style = output::style(args.verbose, args.color);
    print(&comparison.to_text(style))?;
    let worse = comparison.is_worse(args.fail_on == FailOn::Warning);
    Ok(if worse { Exit::Violations } else { Exit::Good })
}

fn side(path: &Path, args: &CompareArgs) -> Result<Side, Error> {
    let mut side = Side::default();
    retell::tell(path, args.known.as_deref(), &mut |event| side.apply(event))?;
    Ok(side)
}
