//! What the user has to mend: exit 2 with file, line and what was expected, before anything is sent.

use std::fmt::Write as _;

use super::support::desk::Desk;
use super::support::target::Target;
use super::support::text::{plain, shows};

/// Files that are wrong, each in a way of its own.
const FILES: [(&str, &str); 13] = [
    ("broken.toml", "default = \"staging\"\n[target.staging\nurl = \"http://127.0.0.1:1/\"\n"),
    (
        "config.toml",
        "default = \"production\"\n[target.staging]\nurl = 3\njobs = 999\ntoken = \"4711\"\ntimeuot = \"2s\"\ntimeout = \"soon\"\n",
    ),
    ("good.toml", "[target.staging]\nurl = \"http://127.0.0.1:1/scim/v2\"\n"),
    (
        "known.toml",
        "[[deviation]]\ncheck = \"rfc7644/3.3/created\"\nscenario = \"okta\"\n\n[[deviation]]\nreasn = \"x\"\nuntil = \"soon\"\n",
    ),
    ("map.toml", "userName = \"{given}.{family}\"\n[user]\ndrop = 3\nadd = true\n[people]\n"),
    ("own/profile.toml", "format = 1\nid = \"own\"\ntitel = \"Own\"\n"),
    ("empty-token", "\n"),
    ("two-words", "a token\n"),
    ("binary", "\u{1}\u{2}"),
    ("not.pem", "this is no certificate\n"),
    ("half.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n"),
    ("folder/report.txt", ""),
    ("other.ndjson", "{\"some\":\"lines\"}\n"),
];

/// What is tried: a title, and the arguments behind `run`; `URL` is a target that must not be asked.
const TABLE: [(&str, &str); 69] = [
    ("a flag that does not exist", "--tokn-env T"),
    ("a subcommand's argument that is no profile", "okat --target URL"),
    ("a setting that does not exist", "okta:ap=aiw --target URL"),
    ("a value that a setting does not have", "okta:app=aix entra:flag=aadOptscim --target URL"),
    ("several profiles, several mistakes", "okat okta:ap=aiw jumpclod --target URL"),
    ("a profile folder that is not there", "--profile-dir nowhere --target URL"),
    ("a profile folder with mistakes", "--profile-dir own --target URL"),
    ("a configuration that is no TOML", "--config broken.toml"),
    ("a configuration with several problems", "--config config.toml"),
    ("a configuration that is not there", "--config nowhere.toml"),
    ("a target that the configuration does not have", "--config good.toml --target stagin"),
    ("a target's name without a configuration", "--target staging"),
    ("known deviations with several problems", "--known known.toml --target URL"),
    ("known deviations that are not there", "--known nowhere.toml --target URL"),
    ("a map with several problems", "--map map.toml --target URL"),
    ("problems in two files at once", "--map map.toml --known known.toml --target URL"),
    ("problems in files and on the command line at once", "okat --map map.toml --token-env NOT_SET --target https:///"),
    ("a map that is not there", "--map nowhere.toml --target URL"),
    ("a token file that is not there", "--token-file nowhere --target URL"),
    ("a token file with nothing in it", "--token-file empty-token --target URL"),
    ("a token file with two words", "--token-file two-words --target URL"),
    ("a token file with control characters", "--token-file binary --target URL"),
    ("a token variable that is not set", "--token-env NOT_SET --target URL"),
    ("a token variable that is empty", "--token-env EMPTY --target URL"),
    ("a token variable with control characters", "--token-env LINES --target URL"),
    ("a token variable with two words", "--token-env WORDS --target URL"),
    ("a token command that is empty", "--token-command= --target URL"),
    ("basic credentials without a colon", "--basic-env GOOD --target URL"),
    ("basic credentials that are not set", "--basic-env NOT_SET --target URL"),
    ("two kinds of credentials", "--token-env GOOD --basic-env PAIR --target URL"),
    ("three kinds of credentials", "--token-env GOOD --token-file two-words --token-command x --target URL"),
    ("a header without a variable", "--header-env X-Api-Key --target URL"),
    ("a header without a name", "--header-env =GOOD --target URL"),
    ("a header with a blank in its name", "--header-env=X-Api:Key=GOOD --target URL"),
    ("a header's variable that is not set", "--header-env X-Api-Key=NOT_SET --target URL"),
    ("a header's variable with a line break", "--header-env X-Api-Key=LINES --target URL"),
    ("half of OAuth2", "--oauth-token-url http://127.0.0.1:1/token --target URL"),
    (
        "an OAuth2 secret that is not set",
        "--oauth-token-url http://127.0.0.1:1/t --oauth-client-id a --oauth-secret-env NOT_SET --target URL",
    ),
    ("an OAuth2 URL that is none", "--oauth-token-url token --oauth-client-id a --oauth-secret-env GOOD --target URL"),
    (
        "an OAuth2 way that does not exist",
        "--oauth-token-url http://127.0.0.1:1/t --oauth-client-id a --oauth-secret-env GOOD --oauth-auth jwt --target URL",
    ),
    ("a URL of another scheme", "--target ftp://scim.example.com/"),
    ("a URL with credentials", "--target https://ada:secret@scim.example.com/scim/v2"),
    ("a URL with a fragment", "--target https://scim.example.com/scim/v2#users"),
    ("a URL without a host", "--target https:///scim/v2"),
    ("a URL with a port that is none", "--target http://127.0.0.1:70000/scim/v2"),
    ("a URL with a blank", "--target=http://127.0.0.1:1/scim%%v2"),
    ("a seed that is no number", "--seed seven --target URL"),
    ("a seed below zero", "--seed=-1 --target URL"),
    ("no jobs", "--jobs 0 --target URL"),
    ("a time that is none", "--timeout soon --target URL"),
    ("a budget below zero", "--budget=-1s --target URL"),
    ("a rate of zero", "--rate 0 --target URL"),
    ("no repetition", "--repeat 0 --target URL"),
    ("a domain that is none", "--email-domain localhost --target URL"),
    ("an authority that is no certificate", "--ca-file not.pem --target URL"),
    ("an authority cut short", "--ca-file half.pem --target URL"),
    ("a client certificate that is not there", "--client-cert nowhere.pem --target URL"),
    ("a client key without its certificate", "--client-key not.pem --target URL"),
    ("a proxy that is none", "--proxy socks5://127.0.0.1:1 --yes --target http://scim.example.invalid/scim/v2"),
    ("a proxy that is none, for this machine", "--proxy socks5://127.0.0.1:1 --target URL"),
    ("this machine as a proxy elsewhere sees it", "--proxy http://proxy.example.invalid:3128 --target URL"),
    ("a report that does not exist", "--report pdf=x.html --target URL"),
    ("a report without its path", "--report junit --report transcript= --target URL"),
    ("a report that cannot be written", "--report junit=folder --target URL"),
    ("a report below a file", "--report junit=good.toml/x.xml --target URL"),
    ("two reports in one place", "--report junit=x --report transcript=x --target URL"),
    ("a ledger that cannot be written", "--ledger good.toml/ledger --target URL"),
    ("a transcript to play again that is none", "--rerun other.ndjson --target URL"),
    ("a transcript to play again that is not there", "--rerun nowhere.ndjson --target URL"),
];

fn desk() -> Desk {
    let desk = Desk::new()
        .with("GOOD", "a-good-token-77c1")
        .with("PAIR", "ada:lovelace-1815")
        .with("EMPTY", "  ")
        .with("LINES", "one-0b7e\ntwo-0b7e")
        .with("WORDS", "two words-0b7e");
    for (name, text) in FILES {
        desk.write(name, text);
    }
    desk
}

#[test]
fn every_mistake_is_told_before_anything_is_sent() {
    let desk = desk();
    let target = Target::conforming();
    let before = desk.files(".").len();
    let mut told = String::new();
    for (title, args) in TABLE {
        // One profile is read faster than all of them.
        let profile = if args.starts_with("--") { "jumpcloud " } else { "" };
        let line = format!("run {profile}{args}").replace("URL", &target.url());
        let ended = desk.run(line.split_whitespace().map(|arg| arg.replace("%%", " ")));
        assert_eq!(ended.code, Some(2), "{title}: {}", ended.all());
        assert_eq!(ended.stdout, "", "{title}");
        for secret in ["a-good-token-77c1", "lovelace-1815", "0b7e"] {
            assert!(!ended.stderr.contains(secret), "{title}: {}", ended.stderr);
        }
        let _ = write!(told, "# {title}\n$ scimproof run {profile}{args}\n{}\n", plain(&desk, &ended.stderr));
    }
    assert_eq!(target.connections(), 0, "nothing was sent");
    shows("bad-input", &told);
    let files: Vec<_> = desk.files(".").into_iter().map(|(path, _)| path).collect();
    assert_eq!(files.len(), before, "nothing is left behind: {files:#?}");
}

/// The same for the other subcommands.
#[test]
fn other_subcommands_tell_their_mistakes_too() {
    let desk = desk();
    desk.write(
        "ledger",
        "{\"ledger\":1,\"run\":\"x\",\"target\":\"http://127.0.0.1:1/\",\"at\":\"now\"}\nnonsense\n{}\n",
    );
    desk.write("newer", "{\"ledger\":2,\"run\":\"x\",\"target\":\"http://127.0.0.1:1/\",\"at\":\"now\"}\n");
    let mut told = String::new();
    for line in [
        "",
        "rnu",
        "judge",
        "judge other.ndjson",
        "judge nowhere.ndjson",
        "sweep",
        "sweep nowhere",
        "sweep other.ndjson",
        "sweep ledger",
        "sweep newer",
        "serve --listen here",
        "serve --listen 192.0.2.1:0",
        "serve --token-env NOT_SET",
        "profile show okat",
        "profile lint own",
        "profile lint nowhere",
    ] {
        let ended = desk.say(line).exits(2);
        let _ = write!(told, "$ scimproof {line}\n{}\n", plain(&desk, &ended.stderr));
    }
    shows("bad-input-others", &told);
}
