//! `scimproof record`: a proxy between a client and an endpoint, and a profile of what passed.

use std::cell::Cell;
use std::io::Write;
use std::rc::Rc;
use std::sync::mpsc::sync_channel;
use std::thread::{self, JoinHandle};

use super::args::{MaskArgs, RecordArgs};
use super::{failed, import, print};
use crate::error::{Error, Exit};
use crate::exchange::Exchange;
use crate::record::import::recording;
use crate::record::learn::playable;
use crate::record::mask::{Masker, Rules};
use crate::record::proxy::tls::{CERTIFICATE, Certificate};
use crate::record::proxy::{News, Options, Recorded, Recorder, Tell};
use crate::report::text::count;
use crate::session::block_on;
use crate::transport::Proxy;
use crate::transport::clock::RealClock;
use crate::transport::dial::Dial;
use crate::transport::target::BaseUrl;

/// Lines that wait for the terminal at most.
const QUEUE: usize = 1000;

pub(super) fn record(args: &RecordArgs) -> Result<Exit, Error> {
    let usage = |error: &dyn std::fmt::Display| Error::Usage(error.to_string());
    let target = BaseUrl::parse(&args.target).map_err(|error| usage(&error))?;
    import::vacant(&args.out)?;
    let masker = masker(&args.mask)?;
    let proxy = args.proxy.clone().map_or(Proxy::Environment, Proxy::Url);
    let dial = Dial::new(target.clone(), &(&args.tls).into(), &proxy).map_err(|error| usage(&error))?;
    let certificate = match (&args.tls_cert, &args.tls_key) {
        (Some(chain), Some(key)) => Some(Certificate::Files(chain.clone(), key.clone())),
        _ => args.tls_self_signed.then_some(Certificate::SelfSigned),
    };
    block_on(async {
        let options = Options {
            listen: args.listen,
            target,
            dial,
            certificate,
            keep_host: args.keep_host,
            limit: args.timeout,
            out: args.out.clone(),
            masker,
            clock: Rc::new(RealClock::new()),
        };
        let (tell, view) = live(args.quiet);
        let recorder = Recorder::start(options, tell).map_err(Error::Usage)?;
        // The first line is for programs: the base URL and nothing else.
        print(&format!("{}\n", recorder.base_url()))?;
        if args.tls_self_signed && !args.quiet {
            let certificate = args.out.join(CERTIFICATE);
            print(&format!("the client has to trust {}\n", certificate.display()))?;
        }
        let done = recorder.run(super::run::interrupted()).await;
        // Its last lines come before the summary.
        let _ended = view.join();
        finish(args, &done)
    })
    .map_err(failed("runtime"))?
}

/// What masks, as the flags want it.
pub(super) fn masker(args: &MaskArgs) -> Result<Masker, Error> {
    let rules = Rules::new(&args.mask_also, &args.keep).map_err(Error::Usage)?;
    Masker::new(rules).map_err(Error::Usage)
}

/// The live view: exchanges on stdout unless it is quiet, trouble on stderr always. A terminal that stands still holds up
/// nothing: what it does not take is counted instead. The thread ends with the one who tells.
fn live(quiet: bool) -> (Tell, JoinHandle<()>) {
    let (lines, shown) = sync_channel::<String>(QUEUE);
    let view = thread::spawn(move || {
        for line in shown {
            // Nobody is left to be told when the stream is closed.
            let _: std::io::Result<()> = writeln!(anstream::stdout(), "{line}");
        }
    });
    let missed = Cell::new(0u64);
    let tell: Tell = Box::new(move |news| match news {
        News::Passed(_) if quiet => {}
        News::Passed(exchange) => {
            let gap = || format!("({} requests are not shown)", missed.get());
            if missed.get() > 0 && lines.try_send(gap()).is_ok() {
                missed.set(0);
            }
            if missed.get() > 0 || lines.try_send(line(exchange)).is_err() {
                missed.set(missed.get() + 1);
            }
        }
        News::Trouble(text) => {
            let _: std::io::Result<()> = writeln!(anstream::stderr(), "scimproof record: {text}");
        }
    });
    (tell, view)
}

/// Time of day, method, target, status, time taken.
fn line(exchange: &Exchange) -> String {
    let Exchange { sent, at, took, .. } = exchange;
    let came = match &exchange.got {
        Ok(answer) => answer.status.to_string(),
        Err(failure) => format!("- {}", failure.detail),
    };
    let millis = took.as_secs_f64() * 1e3;
    format!("{}  {:<6} {}  {came}  {millis:.1} ms", at.strftime("%H:%M:%S"), sent.method, sent.target)
}

/// Makes the profile of what was recorded, and says what there is.
fn finish(args: &RecordArgs, recorded: &Recorded) -> Result<Exit, Error> {
    let say = |text: &str| if args.quiet { Ok(()) } else { print(text) };
    let path = recorded.path.display();
    say(&format!("{} in {path}\n", count(recorded.exchanges, "exchange")))?;
    let masked = import::masked(&args.out, &recorded.masked);
    // The report on a full disk is the lesser loss.
    if recorded.lost > 0 {
        let lost = count(recorded.lost, "exchange");
        return Err(Error::Usage(format!(
            "{lost} could not be written to {path}, and there is no profile of the rest yet"
        )));
    }
    say(&masked?)?;
    let exchanges = recording(&recorded.path).map_err(Error::Usage)?;
    if !exchanges.iter().any(|exchange| playable(exchange)) {
        say("nothing of it can stand in a profile, so there is none\n")?;
        return Ok(Exit::Good);
    }
    say(&import::profile(&args.out, &exchanges, &args.learn)?)?;
    Ok(Exit::Good)
}
