//! Our PATCH beside that of scim-patch and scim2-models.

use scimproof::scim::json::{Json, Object};
use scimproof::scim::patch::{PatchError, Patched, Policy, apply};
use scimproof::scim::schema::builtin;
use scimproof::scim::urn;

use super::decided::{About, Disagreement, decided, ids};
use super::generate::{message, patch, sample, seed, user};
use super::libraries::{Answers, Question, ask, someone};

/// A resource in the form that all libraries are compared in: without `meta` and what has no value, members and values
/// in the order of their text.
fn form(resource: &Json) -> Json {
    let assigned = |value: &Json| !value.is_unassigned() && value.as_object() != Some(&Object::default());
    match resource {
        Json::Object(members) => {
            let kept = members.iter().filter(|(name, _)| *name != "meta");
            let mut kept: Vec<_> = kept.map(|(name, value)| (name.to_lowercase(), form(value))).collect();
            kept.retain(|(_, value)| assigned(value));
            kept.sort_by(|a, b| a.0.cmp(&b.0));
            Json::Object(Object(kept))
        }
        Json::Array(items) => {
            let mut items: Vec<_> = items.iter().map(form).filter(assigned).collect();
            items.sort_by_key(ToString::to_string);
            Json::Array(items)
        }
        other => other.clone(),
    }
}

/// A question with our answer and that of a library.
struct Case<'c> {
    user: &'c Json,
    operations: &'c [Json],
    ours: &'c Result<Patched, PatchError>,
    theirs: Option<&'c Json>,
}

impl Case<'_> {
    /// Whether somebody may be right only if the other is wrong.
    fn is_disagreement(&self) -> bool {
        match (self.ours, self.theirs) {
            (Err(_), theirs) => theirs.is_some(),
            (Ok(patched), _) if !patched.readings.is_empty() => false,
            (Ok(patched), theirs) => theirs.is_none_or(|theirs| form(&patched.resource) != *theirs),
        }
    }

    /// Whether a decided disagreement explains it.
    fn is_explained_by(&self, id: &str) -> bool {
        let refused =
            |scim_types: &[&str]| self.ours.as_ref().is_err_and(|error| scim_types.contains(&error.scim_type));
        let op = |operation: &Json, name: &str| operation.get("op").and_then(Json::as_str) == Some(name);
        let refused_op = |name: &str| {
            let index = self.ours.as_ref().err().and_then(|error| error.operation);
            index.is_some_and(|index| op(&self.operations[index], name))
        };
        let path = |operation: &Json| operation.get("path").and_then(Json::as_str).unwrap_or_default().to_owned();
        let any = |test: &dyn Fn(&Json) -> bool| self.operations.iter().any(test);
        match id {
            "no-schema" => refused(&["mutability", "invalidValue", "invalidPath", "invalidFilter"]),
            "element-made-by-add" => refused(&["noTarget"]) && refused_op("add"),
            "element-made-by-replace" => refused(&["noTarget"]) && refused_op("replace"),
            "urn-as-path" => any(&|operation| {
                path(operation) == urn::ENTERPRISE_USER
                    || operation.get("value").is_some_and(|value| value.get(urn::ENTERPRISE_USER).is_some())
            }),
            "schemas-left" => any(&|operation| path(operation).starts_with(urn::ENTERPRISE_USER)),
            "element-is-merged" => any(&|operation| op(operation, "replace") && path(operation).ends_with(']')),
            "case-of-names" => any(&|operation| path(operation).ends_with(".Type") || path(operation) == "nickname"),
            "complex-replaced-without-path" => any(&|operation| {
                path(operation).is_empty() && operation.get("value").is_some_and(|value| value.get("name").is_some())
            }),
            "case-of-values" => any(&|operation| {
                path(operation).split('"').skip(1).step_by(2).any(|literal| self.is_elsewhere_in_other_case(literal))
            }),
            "primary-stays" => any(&|operation| {
                let text = operation.to_string();
                text.contains(r#""primary":true"#) || text.contains(r#".primary","value":true"#)
            }),
            "derived-kept" => any(&|operation| path(operation).ends_with("manager.value")),
            "empty-user-name" => any(&|operation| {
                path(operation) == "userName" && operation.get("value").and_then(Json::as_str) == Some("")
            }),
            "canonical-spelling" => any(&|operation| operation.get("value").and_then(Json::as_str) == Some("Work")),
            _ => panic!("{id}: nobody knows how to recognise it"),
        }
    }

    fn is_elsewhere_in_other_case(&self, literal: &str) -> bool {
        let texts = format!("{}{:?}", self.user, self.operations);
        texts.to_lowercase().matches(&literal.to_lowercase()).count() > texts.matches(literal).count()
    }
}

fn operations(patch: &Json) -> &[Json] {
    patch.get("Operations").and_then(Json::as_array).unwrap()
}

fn ours(patch: &Json, user: &Json) -> Result<Patched, PatchError> {
    apply(user, patch, &builtin::user_type(), Policy::Strict)
}

/// What distinguishes a user from [`someone`].
fn shown(resource: &Json) -> String {
    let (usual, resource) = (form(&someone("{}")), form(resource));
    let differs = |name: &str, value: &Json| usual.get(name) != Some(value);
    let members = resource.as_object().unwrap().iter().filter(|(name, value)| differs(name, value));
    Json::Object(members.map(|(name, value)| (name.to_owned(), value.clone())).collect()).to_string()
}

/// Whether an example comes out as it is written.
fn hold(entry: &Disagreement, question: &Question, answers: &Answers) {
    let Question::Patch(patch, user) = question else { panic!("only patches were asked") };
    let ours = ours(patch, user);
    let theirs = answers[&entry.library].get("resource").map(form);
    let case = Case { user, operations: operations(patch), ours: &ours, theirs: theirs.as_ref() };
    assert!(case.is_disagreement() && case.is_explained_by(&entry.id), "{} {}: {ours:?}", entry.library, entry.id);
    let refused = || "refused".to_owned();
    let ours = ours.map_or_else(|_| refused(), |patched| shown(&patched.resource));
    let theirs = theirs.map_or_else(refused, |resource| shown(&resource));
    assert_eq!((ours, theirs), (entry.ours.clone(), entry.theirs.clone()), "{}: {}", entry.library, entry.id);
}

/// A disagreement that no entry explains, in words.
fn surprise(decided: &[Disagreement], question: &Question, library: &str, answer: &Json) -> Option<String> {
    let Question::Patch(patch, user) = question else { panic!("only patches were asked") };
    let (ours, theirs) = (ours(patch, user), answer.get("resource").map(form));
    let case = Case { user, operations: operations(patch), ours: &ours, theirs: theirs.as_ref() };
    if !case.is_disagreement() || ids(decided, library).iter().any(|id| case.is_explained_by(id)) {
        return None;
    }
    let ours = ours.as_ref().map_or_else(ToString::to_string, |patched| form(&patched.resource).to_string());
    let operations = patch.get("Operations")?;
    Some(format!("{library}: {operations}\n  user:   {user}\n  ours:   {ours}\n  theirs: {answer}"))
}

#[test]
fn patches_do_the_same_as_elsewhere() {
    let decided = decided(About::Patch);
    let patch_of = |text: &str| message(Json::parse(text.as_bytes()).unwrap());
    let example = |entry: &Disagreement| Question::Patch(patch_of(&entry.operations), someone(&entry.user));
    let (seed, count) = (seed(), 400);
    let generated = sample(&patch(), seed, count).into_iter().zip(sample(&user(), seed, count));
    let mut questions: Vec<_> = decided.iter().map(example).collect();
    questions.extend(generated.map(|(patch, user)| Question::Patch(patch, user)));
    let answers = ask(&questions);
    for ((entry, question), answers) in decided.iter().zip(&questions).zip(&answers) {
        hold(entry, question, answers);
    }
    let all = questions.iter().zip(&answers).skip(decided.len());
    let all =
        all.flat_map(|(question, answers)| answers.iter().map(move |(library, answer)| (question, library, answer)));
    let new: Vec<_> =
        all.filter_map(|(question, library, answer)| surprise(&decided, question, library, answer)).collect();
    assert!(new.is_empty(), "seed {seed}: {} disagreements:\n{}", new.len(), new.join("\n"));
}
