//! `docs/COMMANDS.md` is made from the command line itself. `UPDATE_DOCS=1` writes it again.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clap::{Arg, Command, CommandFactory};
use scimproof::cli::args::Cli;

fn page() -> String {
    let mut page = String::from(
        "# Commands\n\nEvery command with its options, as `--help` tells them.\n\
         This page is made from the code: `UPDATE_DOCS=1 cargo test --test it command_page` writes it again.\n",
    );
    let mut cli = Cli::command();
    cli.build();
    commands(&mut page, &cli, "scimproof");
    page
}

/// The commands below one, each followed by its own.
fn commands(page: &mut String, of: &Command, name: &str) {
    for command in of.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!("{name} {}", command.get_name());
        entry(page, command, &name);
        commands(page, command, &name);
    }
}

fn entry(page: &mut String, command: &Command, name: &str) {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let usage = command.clone().render_usage().to_string();
    let usage: Vec<&str> = usage.trim_start_matches("Usage:").lines().map(str::trim).collect();
    let _ = write!(page, "\n## `{name}`\n\n{}.\n\n```text\n{}\n```\n", about.trim_end_matches('.'), usage.join("\n"));
    let mut heading = None;
    let mut args: Vec<&Arg> = command.get_arguments().filter(|arg| !arg.is_hide_set()).collect();
    args.retain(|arg| !["help", "version"].contains(&arg.get_id().as_str()));
    // As the help does: what has no heading comes first, positions before options.
    let mut headings: Vec<Option<&str>> = vec![None];
    for arg in &args {
        if !headings.contains(&arg.get_help_heading()) {
            headings.push(arg.get_help_heading());
        }
    }
    let rank = |arg: &&&Arg| {
        let of = headings.iter().position(|heading| *heading == arg.get_help_heading());
        (of, !arg.is_positional())
    };
    let mut sorted: Vec<&&Arg> = args.iter().collect();
    sorted.sort_by_key(rank);
    for (at, arg) in sorted.into_iter().enumerate() {
        if at == 0 || heading != arg.get_help_heading() {
            heading = arg.get_help_heading();
            let _ = write!(page, "\n| {} | |\n| --- | --- |\n", heading.unwrap_or("option"));
        }
        let _ = writeln!(page, "| `{}` | {} |", cell(&spelt(arg)), cell(&told(arg)));
    }
}

/// `-v`, `--verbose`, `--target <URL>`, `<TRANSCRIPT>`.
fn spelt(arg: &Arg) -> String {
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let mut names = short.into_iter().chain(long).collect::<Vec<_>>().join(", ");
    if arg.get_action().takes_values() {
        let values = arg.get_value_names().unwrap_or_default().iter().map(|name| format!("<{name}>"));
        let values: Vec<String> = values.collect();
        let blank = if names.is_empty() { "" } else { " " };
        let _ = write!(names, "{blank}{}", values.join(" "));
    }
    names
}

fn told(arg: &Arg) -> String {
    let mut out = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let values: Vec<_> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if arg.get_action().takes_values() && !values.is_empty() {
        let _ = write!(out, "; one of {}", values.join(", "));
    }
    let default: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if arg.get_action().takes_values() && !default.is_empty() {
        let _ = write!(out, "; default {}", default.join(", "));
    }
    out
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[test]
fn command_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/COMMANDS.md");
    let page = page();
    assert!(page.contains("## `scimproof baseline review`") && page.contains("| `--token-env <NAME>` |"), "{page}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/COMMANDS.md is out of date: run UPDATE_DOCS=1 cargo test --test it command_page");
}
