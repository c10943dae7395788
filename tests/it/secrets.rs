//! No credential in any output, and OAuth 2.0 client credentials as servers want them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::support::desk::{Desk, Ended};
use super::support::target::{Asked, Reply, Target, Told, base64};
use super::support::text::{plain, shows};

const TOKEN: &str = "tok/Zq8vL2+mNw5xT.Rb7yKc==";
const USER: &str = "ada.lovelace";
const PASSWORD: &str = "p\"a\\s s<&>/wörd-83Hq";
const KEY: &str = "key-5tGb9UjMk2WsX";
const CLIENT_SECRET: &str = "s3cr3t/9+Xy==&Vb1Nm4";

/// A server that tells everybody what it was sent, in every corner of its answers.
fn indiscreet(token: Option<&str>) -> Target {
    let echo = |asked: &Asked, mut told: Told| {
        let lines: Vec<String> = asked.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let authorization = asked.header("authorization").unwrap_or_default();
        for (name, value) in asked.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host")) {
            told.headers.push((format!("X-Echo-{name}"), value.clone()));
        }
        match asked.method.as_str() {
            "PATCH" => told = Told::error(400, &format!("Refused for {authorization}, sent as {}", lines.join("; "))),
            "PUT" => told = Told::new(500, "text/html", format!("<html><pre>{}</pre></html>", lines.join("\n"))),
            "DELETE" => {}
            _ => told.change(|json| {
                if let Some(json) = json.as_object_mut() {
                    json.set("urn:example:debug", lines.join("\n").as_str().into());
                }
            }),
        }
        told
    };
    match token {
        Some(token) => {
            Target::with_token(token, move |asked, directory| Reply::Tell(echo(asked, directory.answer(asked))))
        }
        None => Target::new(move |asked, directory| Reply::Tell(echo(asked, directory.answer(asked)))),
    }
}

/// Plays against the indiscreet server with every report, and looks for what must not be there.
fn keeps(desk: &Desk, target: &Target, args: &str, secrets: &[&str]) -> Ended {
    let run = format!(
        "run okta:app=aiw jumpcloud --only okta/create-user --only okta/update-name --only jumpcloud/add-member --only okta/deactivate-user --target {} -v --settle 0s --ledger ledger \
         --report console --report transcript=t.ndjson --report junit=j.xml {args}",
        target.url()
    );
    let ended = desk.say(&run);
    let again = desk.say("judge t.ndjson -v --report console --report junit=again.xml");
    assert!(target.asked().len() > 3, "something was played: {}", ended.all());
    let mut texts = vec![("console".to_owned(), ended.all()), ("judge".to_owned(), again.all())];
    texts.extend(desk.files(".").into_iter().map(|(path, text)| (path.display().to_string(), text)));
    for secret in secrets {
        let json = secret.replace('\\', "\\\\").replace('"', "\\\"");
        let xml = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        for spelling in
            [(*secret).to_owned(), base64(secret), json.clone(), json.replace('\\', "\\\\").replace('"', "\\\""), xml]
        {
            for (name, text) in texts.iter().filter(|(name, _)| !name.ends_with("/token")) {
                assert!(!text.contains(&spelling), "{spelling} stands in {name}");
            }
        }
    }
    // What is masked was there: the reports tell where it stood.
    assert!(
        desk.read("t.ndjson").contains("x-echo-authorization") || desk.read("t.ndjson").contains("X-Echo-"),
        "{}",
        ended.all()
    );
    ended
}

#[test]
fn a_bearer_token_is_in_no_output() {
    let desk = Desk::new().with("SCIM_TOKEN", TOKEN);
    keeps(&desk, &indiscreet(Some(TOKEN)), "--token-env SCIM_TOKEN", &[TOKEN]).exits(1);
    let desk = Desk::new();
    desk.write("token", &format!("{TOKEN}\n"));
    keeps(&desk, &indiscreet(Some(TOKEN)), "--token-file token", &[TOKEN]).exits(1);
}

#[test]
fn basic_credentials_are_in_no_output() {
    let pair = format!("{USER}:{PASSWORD}");
    let desk = Desk::new().with("PAIR", &pair);
    let target = indiscreet(None);
    keeps(&desk, &target, "--basic-env PAIR", &[PASSWORD, &pair]).exits(1);
    let sent = target.asked();
    assert!(sent.iter().all(|asked| asked.header("authorization") == Some(&format!("Basic {}", base64(&pair)))));
}

/// An empty password is one; the user alone is the credential.
#[test]
fn a_basic_password_may_be_empty() {
    let desk = Desk::new().with("PAIR", "key-as-user-7Uj2:");
    let target = indiscreet(None);
    keeps(&desk, &target, "--basic-env PAIR", &["key-as-user-7Uj2:"]).exits(1);
    assert_eq!(target.asked()[0].header("authorization"), Some(&*format!("Basic {}", base64("key-as-user-7Uj2:"))));
}

#[test]
fn literal_headers_are_in_no_output() {
    let desk = Desk::new().with("KEY", KEY).with("OTHER", TOKEN);
    let target = indiscreet(None);
    keeps(&desk, &target, "--header-env X-Api-Key=KEY --header-env Authorization=OTHER", &[KEY, TOKEN]).exits(1);
    let first = &target.asked()[0];
    assert_eq!((first.header("x-api-key"), first.header("authorization")), (Some(KEY), Some(TOKEN)));
}

/// A token is in no failure either: the target says no HTTP, but what it was sent.
#[test]
fn what_is_no_http_gives_nothing_away() {
    for before in (0..90).step_by(9) {
        let desk = Desk::new().with("SCIM_TOKEN", TOKEN);
        let target = Target::new(move |asked, _| {
            let text = format!("{}{} is what?", ".".repeat(before), asked.header("authorization").unwrap_or_default());
            Reply::Bytes(text.into_bytes())
        });
        let ended = desk.say(&format!("run jumpcloud --target {} --token-env SCIM_TOKEN -v", target.url())).exits(3);
        for from in 0..TOKEN.len() - 8 {
            assert!(!ended.all().contains(&TOKEN[from..from + 8]), "{}", ended.all());
        }
    }
}

/// A token endpoint and the target behind it, which takes the tokens that `accepts` fits.
struct Authority {
    target: Target,
    issued: Arc<AtomicUsize>,
}

impl Authority {
    /// `answer` makes the token endpoint's answer from the number of the token.
    fn new(
        answer: impl Fn(&Asked, usize) -> Told + Send + Sync + 'static,
        accepts: impl Fn(&str, usize) -> bool + Send + Sync + 'static,
    ) -> Self {
        let issued: Arc<AtomicUsize> = Arc::default();
        let count = Arc::clone(&issued);
        let served = Mutex::new(0);
        let target = Target::new(move |asked, directory| {
            if asked.target == "/token" {
                return Reply::Tell(answer(asked, count.fetch_add(1, Ordering::SeqCst) + 1));
            }
            let mut served = served.lock().expect("nobody panics");
            *served += 1;
            let token =
                asked.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
            if accepts(token, *served) {
                return Reply::Tell(directory.answer(asked));
            }
            Reply::Tell(Told::error(401, &format!("The token {token} is not valid.")))
        });
        Self { target, issued }
    }

    fn play(&self, desk: &Desk, more: &str) -> Ended {
        let url = self.target.url();
        let token_url = format!("http://{}/token", self.target.address());
        desk.say(&format!(
            "run okta:app=oin --only okta/create-user --only okta/rename-group --jobs 1 --target {url} --oauth-token-url {token_url} \
             --oauth-client-id scimproof-ci --oauth-secret-env SECRET -v --report console --report transcript=t.ndjson {more}"
        ))
    }

    fn issued(&self) -> usize {
        self.issued.load(Ordering::SeqCst)
    }
}

fn token(number: usize) -> String {
    format!("access-{number}-Yh6TgB3nM")
}

fn granted(number: usize, more: &str) -> Told {
    Told::new(200, "application/json", format!(r#"{{"access_token":"{}","token_type":"bearer"{more}}}"#, token(number)))
}

fn with_secret() -> Desk {
    Desk::new().with("SECRET", CLIENT_SECRET)
}

fn gives_nothing_away(desk: &Desk, ended: &Ended) {
    let texts = desk.files(".").into_iter().map(|(_, text)| text).chain([ended.all()]);
    for text in texts {
        for secret in
            [CLIENT_SECRET, "Yh6TgB3nM", &base64(CLIENT_SECRET), &base64(&format!("scimproof-ci:{CLIENT_SECRET}"))]
        {
            assert!(!text.contains(secret), "{secret} stands in {text}");
        }
    }
}

/// What a token endpoint is sent, in both ways to say who the client is.
#[test]
fn oauth_clients_say_who_they_are_in_a_header_or_in_the_body() {
    let mut told = String::new();
    for (way, scope) in
        [("", ""), ("--oauth-auth basic", "--oauth-scope scim:read"), ("--oauth-auth body", "--oauth-scope scim")]
    {
        let desk = with_secret();
        let authority = Authority::new(|_, number| granted(number, ""), |sent, _| sent == token(1));
        let ended = authority.play(&desk, &format!("{way} {scope}")).exits(0);
        assert_eq!(authority.issued(), 1, "one token for the whole run");
        gives_nothing_away(&desk, &ended);
        let asked = authority.target.wait_for(|asked| asked.target == "/token");
        let lines: Vec<String> = asked.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let lines = lines.join("\n");
        told.push_str(&format!("# {way} {scope}\n{} {}\n{lines}\n\n{}\n\n", asked.method, asked.target, asked.text()));
    }
    shows("oauth-token-requests", &plain(&with_secret(), &told));
}

#[test]
fn an_access_token_that_expires_is_renewed() {
    let desk = with_secret();
    let authority =
        Authority::new(|_, number| granted(number, r#","expires_in":"0.01""#), |sent, _| sent.starts_with("access-"));
    let ended = authority.play(&desk, "").exits(0);
    assert!(authority.issued() > 1, "{} tokens", authority.issued());
    gives_nothing_away(&desk, &ended);
}

#[test]
fn an_access_token_that_is_refused_is_renewed_once() {
    let desk = with_secret();
    // After the fifth request the first token is worth nothing any more.
    let authority = Authority::new(
        |_, number| granted(number, r#","expires_in":3600"#),
        |sent, served| if served <= 5 { sent == token(1) } else { sent == token(2) },
    );
    let ended = authority.play(&desk, "").exits(0);
    assert_eq!(authority.issued(), 2);
    gives_nothing_away(&desk, &ended);
    let never = Authority::new(|_, number| granted(number, ""), |_, _| false);
    let desk = with_secret();
    let ended = never.play(&desk, "").exits(3).says("refuses the credentials");
    assert_eq!(never.issued(), 2, "a new token that is refused too is not renewed again");
    gives_nothing_away(&desk, &ended);
}

type Answer = fn(&Asked, usize) -> Told;

/// What a token endpoint can answer instead of a token: exit 3, the cause, and nothing sent to the target.
#[test]
fn what_a_token_endpoint_answers_instead_of_a_token_is_told() {
    let answers: [(&str, Answer); 7] = [
        ("refused, and the secret echoed", |asked, _| {
            let text = format!(
                r#"{{"error":"invalid_client","error_description":"not known: {}"}}"#,
                asked.text().replace('"', "'")
            );
            Told::new(401, "application/json", text)
        }),
        ("an error with status 200", |_, _| Told::new(200, "application/json", r#"{"error":"invalid_scope"}"#)),
        ("a page", |_, _| Told::new(200, "text/html", "<html>Sign in</html>")),
        ("a redirect", |_, _| {
            let mut told = Told::new(302, "text/html", "");
            told.set_header("Location", "https://login.example.com/");
            told
        }),
        ("no token", |_, _| Told::new(200, "application/json", r#"{"token_type":"Bearer"}"#)),
        ("a token of another type", |_, number| {
            Told::new(200, "application/json", format!(r#"{{"access_token":"{}","token_type":"mac"}}"#, token(number)))
        }),
        ("a token with a line break", |_, _| {
            Told::new(200, "application/json", r#"{"access_token":"Yh6TgB3nM\nX: y"}"#)
        }),
    ];
    let mut told = String::new();
    for (title, answer) in answers {
        let desk = with_secret();
        let authority = Authority::new(answer, |_, _| true);
        let ended = authority.play(&desk, "--oauth-auth body").exits(3);
        assert!(authority.target.asked().iter().all(|asked| asked.target == "/token"), "{title}: the target was asked");
        assert_eq!(authority.issued(), 1, "{title}");
        gives_nothing_away(&desk, &ended);
        let text = plain(&desk, &ended.stdout);
        let (_, cause) = text.split_once("The target could not be asked: ").expect("the cause is said");
        let cause: Vec<_> = cause.split("\n0 errors").next().unwrap_or_default().split_whitespace().collect();
        told.push_str(&format!("{title}\n    {}\n\n", cause.join(" ")));
    }
    shows("oauth-refusals", &told);
}

/// The token that a command prints is taken as it is, and what the command complains of is told.
#[test]
fn a_token_command_is_run_and_its_complaint_is_told() {
    let desk = Desk::new();
    let target = Target::with_token(TOKEN, |asked, directory| Reply::Tell(directory.answer(asked)));
    let run = |command: &str| {
        let url = target.url();
        desk.run([
            "run",
            "okta:app=oin",
            "--only",
            "okta/create-user",
            "--target",
            url.as_str(),
            "--token-command",
            command,
        ])
    };
    run(&format!("printf '%s\\n' '{TOKEN}'")).exits(0).does_not_say(TOKEN);
    let before = target.asked().len();
    run("echo the vault is sealed >&2; exit 7").exits(3).says("the vault is sealed");
    run("echo two words").exits(3).says("one word in plain ASCII");
    assert_eq!(target.asked().len(), before, "nothing is sent without a token");
}
