//! Libraries that others published, asked in one batch: `tests/peers/{npm,pypi}-libraries` with a question a line.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

use scimproof::scim::json::{Json, object};

use crate::support::peers::installed;

/// What a library is asked.
#[derive(Clone, Debug)]
pub(super) enum Question {
    /// How it reads a filter, and whether that selects a resource.
    Filter(String, Json),
    /// What a PATCH makes of a resource.
    Patch(Json, Json),
}

impl Question {
    fn line(&self) -> Json {
        match self {
            Self::Filter(text, resource) => object([("filter", text.as_str().into()), ("resource", resource.clone())]),
            Self::Patch(patch, resource) => object([("patch", patch.clone()), ("resource", resource.clone())]),
        }
    }
}

/// The answers of all libraries to one question: `form` and `matches`, `resource`, or `refused`.
pub(super) type Answers = BTreeMap<String, Json>;

/// Asks all libraries all questions.
pub(super) fn ask(questions: &[Question]) -> Vec<Answers> {
    let (npm, pypi) = (installed("npm-libraries"), installed("pypi-libraries"));
    let mut answers = batch(Command::new("node").arg(npm.join("answer.mjs")), questions);
    let python = batch(Command::new(pypi.join("venv/bin/python")).arg(pypi.join("answer.py")), questions);
    for (answers, more) in answers.iter_mut().zip(python) {
        answers.extend(more);
    }
    answers
}

fn batch(command: &mut Command, questions: &[Question]) -> Vec<Answers> {
    let input = questions.iter().map(|question| question.line().to_string()).collect::<Vec<_>>().join("\n");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    // On a thread of its own: both sides may wait for the other to read.
    let writer = thread::spawn(move || pipe.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{command:?} failed");
    let lines: Vec<_> = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), questions.len());
    lines.into_iter().map(|line| answers(&Json::parse(line).unwrap())).collect()
}

fn answers(line: &Json) -> Answers {
    line.as_object().unwrap().iter().map(|(library, answer)| (library.to_owned(), answer.clone())).collect()
}

/// A user that has little but what the text says.
pub(super) fn someone(members: &str) -> Json {
    let usual = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u-1","userName":"ada"}"#;
    let mut user = Json::parse(usual.as_bytes()).unwrap();
    for (name, value) in Json::parse(members.as_bytes()).unwrap().as_object().unwrap().iter() {
        user.as_object_mut().unwrap().set(name, value.clone());
    }
    user
}
