//! `scimproof doctor`: what stands in the way of a run.

use super::args::DoctorArgs;
use super::target::client_options;
use super::{failed, output, print};
use crate::doctor::examine;
use crate::error::{Error, Exit};
use crate::session::{self, block_on};
use crate::transport::target::BaseUrl;

pub(super) fn doctor(args: &DoctorArgs) -> Result<Exit, Error> {
    let Some(target) = &args.target.target else {
        return Err(Error::Usage("doctor looks at an endpoint: give its base URL, --target https://…".to_owned()));
    };
    let base = BaseUrl::parse(target).map_err(|error| Error::Usage(error.to_string()))?;
    let options = client_options(&args.target, base, true)?;
    let nobody = format!("{}@example.com", session::run_name());
    let diagnosis = block_on(examine(options, &nobody)).map_err(failed("runtime"))?;
    let diagnosis = diagnosis.map_err(|error| Error::Usage(error.to_string()))?;
    print(&diagnosis.to_text(output::style(false, args.color)))?;
    Ok(diagnosis.exit())
}
