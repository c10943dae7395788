//! What a user asks for: `okta`, `entra:flag=aadOptscim062020`, `okta:app=aiw,governance=on`, `entra:all`.
//!
//! A reference gives variants: a plain profile plays every combination of the values that its settings play by default,
//! because all of them are in the field.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::model::{Profile, Setting, SettingKind};
use super::parse::unfit;
use crate::document::nearest;

/// A profile with a value for every setting.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name: `okta:app=aiw`; only settings that were multiplied or given are shown.
    pub label: String,
    /// The client.
    pub profile: Arc<Profile>,
    /// Every setting with its value, in the profile's order.
    pub settings: Vec<(String, String)>,
}

impl Variant {
    /// The value of a setting.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// Why a reference means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}; expected {expected}")]
pub struct ReferenceError {
    /// What is wrong: ``there is no profile `otka` ``.
    pub message: String,
    /// What would be right.
    pub expected: String,
}

/// The profile's id and what is said about its settings: `entra:flag=off` is `("entra", "flag=off")`.
#[must_use]
pub fn split(reference: &str) -> (&str, &str) {
    reference.split_once(':').unwrap_or((reference, ""))
}

/// The error for a profile that is not there.
#[must_use]
pub fn unknown_profile(id: &str, known: &[String]) -> ReferenceError {
    let expected = match nearest(id, known) {
        Some(near) => format!("perhaps `{near}`"),
        None => format!("one of {}", known.join(", ")),
    };
    ReferenceError { message: format!("there is no profile `{id}`"), expected }
}

/// The variants that a reference means. `said` is what follows the profile's id (see [`split`]): nothing, `all`, or
/// `name=value` parts with commas between. `query` is the query of the base URL: where it carries a flag of the profile, only
/// that state is played.
///
/// # Errors
/// An unknown setting or value, a setting that is given twice, or one that contradicts the base URL.
pub fn variants(profile: &Arc<Profile>, said: &str, query: Option<&str>) -> Result<Vec<Variant>, ReferenceError> {
    let all = said == "all";
    let mut fixed = in_query(profile, query);
    let mut given: Vec<(String, String)> = Vec::new();
    for part in said.split(',').filter(|part| !part.is_empty() && !all) {
        let (name, value) = assignment(profile, part)?;
        if given.iter().any(|(n, _)| *n == name) {
            let expected = "each setting once".to_owned();
            return Err(ReferenceError { message: format!("the setting `{name}` is given twice"), expected });
        }
        if let Some((_, flag)) = fixed.iter().find(|(n, flag)| *n == name && *flag != value) {
            let message = format!("`{name}={value}` contradicts the base URL, whose query says `{flag}`");
            return Err(ReferenceError { message, expected: "the one or the other".to_owned() });
        }
        given.push((name, value));
    }
    fixed.retain(|(name, _)| !given.iter().any(|(n, _)| n == name));
    given.append(&mut fixed);
    let mut found = combinations(profile, &given, true);
    if all {
        found.extend(single_changes(profile, &given));
    }
    let mut labels = BTreeSet::new();
    found.retain(|variant| labels.insert(variant.label.clone()));
    Ok(found)
}

/// Settings that the query of the base URL fixes.
fn in_query(profile: &Profile, query: Option<&str>) -> Vec<(String, String)> {
    let keys: Vec<&str> =
        query.unwrap_or_default().split('&').map(|part| part.split_once('=').map_or(part, |(key, _)| key)).collect();
    let value = |setting: &Setting| match &setting.kind {
        SettingKind::Choice(words) if setting.in_base_url => {
            words.iter().find(|word| keys.contains(&word.as_str())).cloned()
        }
        _ => None,
    };
    profile.settings.iter().filter_map(|setting| Some((setting.name.clone(), value(setting)?))).collect()
}

fn assignment(profile: &Profile, part: &str) -> Result<(String, String), ReferenceError> {
    let (name, value) = part.split_once('=').map_or((part, None), |(name, value)| (name, Some(value)));
    let Some(setting) = profile.settings.iter().find(|setting| setting.name == name) else {
        return Err(unknown_setting(profile, name, value.is_none()));
    };
    let Some(value) = value else {
        let message = format!("the setting `{name}` of `{}` has no value", profile.id);
        return Err(ReferenceError { message, expected: format!("`{name}=…`, {}", allowed(&setting.kind)) });
    };
    match unfit(&setting.kind, value) {
        None => Ok((name.to_owned(), value.to_owned())),
        Some(expected) => {
            let expected = match &setting.kind {
                SettingKind::Choice(words) => {
                    nearest(value, words).map_or(expected, |near| format!("perhaps `{name}={near}`"))
                }
                _ => expected,
            };
            Err(ReferenceError {
                message: format!("the setting `{name}` of `{}` cannot be `{value}`", profile.id),
                expected,
            })
        }
    }
}

fn unknown_setting(profile: &Profile, name: &str, bare: bool) -> ReferenceError {
    let message = format!("the profile `{}` has no setting `{name}`", profile.id);
    let names: Vec<String> = profile.settings.iter().map(|setting| setting.name.clone()).collect();
    let has =
        |setting: &&Setting| matches!(&setting.kind, SettingKind::Choice(words) if words.iter().any(|w| w == name));
    let expected = match (profile.settings.iter().find(has), nearest(name, &names)) {
        (Some(setting), _) if bare => format!("perhaps `{}={name}`", setting.name),
        (_, Some(near)) => format!("perhaps `{near}`"),
        _ if names.is_empty() => "no setting: it has none".to_owned(),
        _ => format!("`all`, or one of {}", names.join(", ")),
    };
    ReferenceError { message, expected }
}

/// What a setting may be, for people.
#[must_use]
pub fn allowed(kind: &SettingKind) -> String {
    match kind {
        SettingKind::Choice(words) => words.join(" or "),
        SettingKind::Switch => "on or off".to_owned(),
        SettingKind::Number(from, to) => format!("a whole number from {from} to {to}"),
        SettingKind::Text => "any text".to_owned(),
    }
}

/// Every combination of what the settings play (`plain`) or else their defaults, with the given ones fixed.
fn combinations(profile: &Arc<Profile>, given: &[(String, String)], plain: bool) -> Vec<Variant> {
    let mut rows: Vec<Vec<(String, String)>> = vec![Vec::new()];
    let mut shown: Vec<&str> = Vec::new();
    for setting in &profile.settings {
        let said = given.iter().find(|(name, _)| *name == setting.name).map(|(_, value)| vec![value.clone()]);
        let values = match said {
            Some(values) => values,
            None if setting.plain.is_empty() || !plain => vec![setting.default.clone()],
            None => setting.plain.clone(),
        };
        if values.len() > 1 || given.iter().any(|(name, _)| *name == setting.name) {
            shown.push(&setting.name);
        }
        let with = |row: &Vec<(String, String)>, value: &String| {
            let mut row = row.clone();
            row.push((setting.name.clone(), value.clone()));
            row
        };
        rows = rows.iter().flat_map(|row| values.iter().map(|value| with(row, value)).collect::<Vec<_>>()).collect();
    }
    rows.into_iter().map(|settings| variant(profile, settings, &shown)).collect()
}

/// Every other value that a setting can take and that plays something, each in a variant of its own beside the defaults.
fn single_changes(profile: &Arc<Profile>, given: &[(String, String)]) -> Vec<Variant> {
    let mut out = Vec::new();
    for setting in profile.settings.iter().filter(|setting| !given.iter().any(|(name, _)| *name == setting.name)) {
        let only_takes_away = profile.scenarios.iter().any(|scenario| scenario.switches.contains(&setting.name));
        let values: Vec<String> = match &setting.kind {
            SettingKind::Choice(words) => words.clone(),
            SettingKind::Switch if only_takes_away => vec!["on".to_owned()],
            SettingKind::Switch => vec!["on".to_owned(), "off".to_owned()],
            // Hundreds of resources, or a text that only the user knows: never without being asked for.
            SettingKind::Number(..) | SettingKind::Text => Vec::new(),
        };
        for value in values.into_iter().filter(|value| *value != setting.default && !setting.plain.contains(value)) {
            let given: Vec<_> = given.iter().cloned().chain([(setting.name.clone(), value)]).collect();
            out.extend(combinations(profile, &given, false));
        }
    }
    out
}

fn variant(profile: &Arc<Profile>, settings: Vec<(String, String)>, shown: &[&str]) -> Variant {
    let parts: Vec<_> = settings
        .iter()
        .filter(|(name, _)| shown.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let label = if parts.is_empty() { profile.id.clone() } else { format!("{}:{}", profile.id, parts.join(",")) };
    Variant { label, profile: profile.clone(), settings }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::catalogue::builtin;

    fn labels(reference: &str, query: Option<&str>) -> Result<Vec<String>, String> {
        let (id, said) = split(reference);
        let profile = builtin(id).unwrap().unwrap();
        let found = variants(&profile, said, query).map_err(|error| error.to_string())?;
        assert!(found.iter().all(|variant| variant.settings.len() == profile.settings.len()));
        Ok(found.into_iter().map(|variant| variant.label).collect())
    }

    #[test]
    fn a_plain_name_plays_every_plain_value() {
        assert_eq!(labels("okta", None).unwrap(), ["okta:app=aiw", "okta:app=oin"]);
        assert_eq!(labels("entra", None).unwrap(), ["entra:flag=off", "entra:flag=aadOptscim062020"]);
        assert_eq!(labels("jumpcloud", None).unwrap(), ["jumpcloud"]);
    }

    #[test]
    fn given_settings_are_fixed_and_shown() {
        assert_eq!(labels("okta:app=aiw", None).unwrap(), ["okta:app=aiw"]);
        assert_eq!(
            labels("okta:governance=on", None).unwrap(),
            ["okta:app=aiw,governance=on", "okta:app=oin,governance=on"]
        );
        assert_eq!(labels("jumpcloud:groups=off", None).unwrap(), ["jumpcloud:groups=off"]);
        let urn = "entra:flag=off,custom=urn:example:params:scim:schemas:extension:badge:1.0:User:color";
        assert_eq!(labels(urn, None).unwrap(), [urn]);
    }

    #[test]
    fn a_flag_in_the_base_url_fixes_its_state() {
        let flag = Some("tenant=7&aadOptscim062020");
        assert_eq!(labels("entra", flag).unwrap(), ["entra:flag=aadOptscim062020"]);
        assert_eq!(labels("entra:flag=aadOptscim062020", flag).unwrap(), ["entra:flag=aadOptscim062020"]);
        assert_eq!(labels("entra", Some("tenant=7")).unwrap().len(), 2);
        insta::assert_snapshot!(labels("entra:flag=off", flag).unwrap_err(), @"`flag=off` contradicts the base URL, whose query says `aadOptscim062020`; expected the one or the other");
    }

    #[test]
    fn all_plays_every_value_once() {
        let all = labels("entra:all", None).unwrap();
        let wanted =
            ["entra:flag=AzureAdScimPatch062020", "entra:bool_style=lower", "entra:matching=email", "entra:accept=*/*"];
        for label in wanted {
            assert!(all.iter().any(|l| l == label), "{label} in {all:?}");
        }
        assert!(!all.iter().any(|label| label.contains("groups=off")), "{all:?}");
        assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len());
    }

    #[test]
    fn mistakes_are_told_with_what_would_be_right() {
        let told = [
            "entra:flga=off",
            "entra:flag=aadOptscim062021",
            "entra:aadOptscim062020",
            "entra:flag",
            "okta:bulk_members=many",
            "okta:groups=yes",
            "okta:app=aiw,app=oin",
            "okta:colour=red",
        ]
        .map(|reference| labels(reference, None).unwrap_err());
        insta::assert_snapshot!(told.join("\n"), @r#"
        the profile `entra` has no setting `flga`; expected perhaps `flag`
        the setting `flag` of `entra` cannot be `aadOptscim062021`; expected perhaps `flag=aadOptscim062020`
        the profile `entra` has no setting `aadOptscim062020`; expected perhaps `flag=aadOptscim062020`
        the setting `flag` of `entra` has no value; expected `flag=…`, off or aadOptscim062020 or AzureAdScimPatch062020
        the setting `bulk_members` of `okta` cannot be `many`; expected a whole number from 0 to 256
        the setting `groups` of `okta` cannot be `yes`; expected `on` or `off`
        the setting `app` is given twice; expected each setting once
        the profile `okta` has no setting `colour`; expected `all`, or one of app, groups, import, import_groups, import_pages, delete, bulk_members, user_patch, pathless_members, password, clears, governance, custom, space
        "#);
        let known = ["okta".to_owned(), "entra".to_owned()];
        insta::assert_snapshot!(unknown_profile("otka", &known).to_string(), @"there is no profile `otka`; expected perhaps `okta`");
        insta::assert_snapshot!(unknown_profile("ping", &known).to_string(), @"there is no profile `ping`; expected one of okta, entra");
    }
}
