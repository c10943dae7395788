//! What `--help` says, of every subcommand there is.

use super::support::desk::Desk;
use super::support::text::shows;

/// The subcommands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = lines.take_while(|line| !line.is_empty()).filter_map(|line| {
        // A description that is wrapped goes on further in.
        let name = line.strip_prefix("  ")?;
        (!name.starts_with(' ')).then(|| name.split_whitespace().next().unwrap_or_default().to_owned())
    });
    names.filter(|name| name != "help").collect()
}

#[test]
fn every_subcommand_explains_itself() {
    let desk = Desk::new();
    let mut open = vec![String::new()];
    let mut seen = 0;
    while let Some(path) = open.pop() {
        let line = format!("{path} --help");
        let help = desk.say(&line).exits(0);
        assert_eq!(help.stderr, "");
        let longest = help.stdout.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(longest <= 120, "{line}: a line of {longest} characters");
        assert!(
            path.is_empty() || path.contains(' ') || help.stdout.contains("Exit codes:") || path == "profile",
            "{line}"
        );
        let name = if path.is_empty() { "scimproof" } else { &path };
        shows(&format!("help-{}", name.replace(' ', "-")), &help.stdout);
        open.extend(listed(&help.stdout).into_iter().map(|name| format!("{path} {name}").trim().to_owned()));
        seen += 1;
    }
    assert!(seen > 7, "only {seen} help texts");
}

#[test]
fn without_a_subcommand_the_help_is_shown_and_the_version_is_told() {
    let desk = Desk::new();
    let nothing = desk.say("").exits(2);
    assert!(nothing.stderr.contains("Usage: scimproof <COMMAND>"), "{}", nothing.stderr);
    assert_eq!(desk.say("--version").exits(0).stdout, format!("scimproof {}\n", env!("CARGO_PKG_VERSION")));
    let short = desk.say("run -h").exits(0);
    assert!(short.stdout.contains("--token-env"));
}

/// A reader that has seen enough is no error.
#[test]
fn a_closed_pipe_is_no_error() {
    let desk = Desk::new();
    let mut command = desk.command(["run", "--list"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it was started here").code(), Some(0));
}
