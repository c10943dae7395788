//! `profile.toml`: who the client is, how it speaks, its settings, features, needs and dialects.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::model::{
    BaseQuery, BooleanStyle, Declared, Dialect, Feature, HeaderLine, Join, Level, Need, Patience, Profile, Resume,
    Scenario, Setting, SettingKind, Source, StatusPattern, Test, Traits,
};
use super::evidence;
use super::template::{Checker, Scope};
use crate::document::{At, Problem, Table};

/// What `profile.toml` says, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct Head {
    id: String,
    title: String,
    about: String,
    reconstructed: Option<String>,
    by_default: bool,
    /// Evidence sources by key.
    pub(super) sources: BTreeMap<String, Source>,
    traits: Option<Traits>,
    patience: Option<Patience>,
    /// Settings.
    pub(super) settings: Vec<Setting>,
    /// Features, with the place of their title.
    pub(super) features: Vec<(Feature, std::ops::Range<usize>)>,
    /// Needs, with the template of their value and its scope problem left to the steps that use them.
    pub(super) needs: Vec<Arc<Need>>,
    dialects: Vec<Dialect>,
    /// Compiles templates.
    pub(super) checker: Checker,
}

impl Head {
    /// What templates over settings can name.
    pub(super) fn scope(&self) -> Scope {
        Scope::of(&self.settings)
    }

    /// Statuses with which the client goes on where a step names none.
    pub(super) fn accept(&self) -> Vec<StatusPattern> {
        let curious = self.traits.as_ref().is_some_and(|traits| traits.curious);
        if curious { (2..=5).map(StatusPattern::Class).collect() } else { Vec::new() }
    }

    /// The names of the settings.
    pub(super) fn setting_names(&self) -> Vec<String> {
        self.settings.iter().map(|setting| setting.name.clone()).collect()
    }

    /// A feature that no scenario belongs to and that is not said to send nothing.
    pub(super) fn without_scenario(&self, used: &[(String, String)], file: &str, text: &str) -> Option<Problem> {
        let (feature, span) = self.features.iter().find(|(feature, _)| {
            feature.sends_nothing.is_none() && !used.iter().any(|(_, feature_id)| *feature_id == feature.id)
        })?;
        Some(Problem {
            file: file.to_owned(),
            text: text.to_owned(),
            span: span.clone(),
            message: format!("no scenario belongs to the feature `{}`", feature.id),
            expected: Some("a scenario with this feature, or `sends_nothing = \"why\"`".to_owned()),
        })
    }

    /// The whole profile.
    pub(super) fn into_profile(self, scenarios: Vec<Arc<Scenario>>, files: Vec<(String, String)>) -> Profile {
        Profile {
            id: self.id,
            title: self.title,
            about: self.about,
            reconstructed: self.reconstructed,
            by_default: self.by_default,
            sources: self.sources,
            traits: self.traits.unwrap_or_else(plain_traits),
            patience: self.patience,
            settings: self.settings,
            features: self.features.into_iter().map(|(feature, _)| feature).collect(),
            needs: self.needs,
            dialects: self.dialects,
            scenarios,
            files,
        }
    }
}

fn plain_traits() -> Traits {
    Traits {
        join: Join::StripOne,
        suffix_slash: false,
        query: BaseQuery::Unknown,
        space: "percent20".to_owned(),
        upper_hex: true,
        escape_ids: false,
        user_external_id: "{guid}".to_owned(),
        group_external_id: String::new(),
        own_query: None,
        query_position: "first".to_owned(),
        curious: false,
        headers: Vec::new(),
    }
}

/// Reads `profile.toml`.
pub(super) fn read(root: &Table<'_>) -> Head {
    format(root);
    let mut head = Head {
        id: evidence::id(root).value,
        title: text(root.required("title")),
        about: text(root.required("about")),
        reconstructed: root.string("reconstructed").map(|t| t.value.trim().to_owned()),
        by_default: root.boolean("by_default").unwrap_or(false),
        sources: sources(root),
        ..Head::default()
    };
    let mut names = Vec::new();
    head.settings = root.tables("setting").iter().map(|t| setting(t, &head.sources, &mut names)).collect();
    let scope = head.scope();
    head.traits = traits(root, &head.checker, &scope);
    head.patience = root.table("patience").map(|t| patience(&t, &head.sources));
    let mut ids = Vec::new();
    head.features = root.tables("feature").iter().map(|t| feature(t, &mut ids)).collect();
    let mut ids = Vec::new();
    head.needs = root.tables("need").iter().filter_map(|t| need(t, &head.sources, &mut ids)).map(Arc::new).collect();
    head.dialects = root.tables("dialect").iter().map(|t| dialect(t, &head.checker, &scope)).collect();
    head
}

fn text(at: Option<At<String>>) -> String {
    at.map(|t| t.value.trim().to_owned()).unwrap_or_default()
}

fn format(root: &Table<'_>) {
    let expected = Some(format!("`format = {}`", super::FORMAT));
    if !root.has("format") {
        root.missing("format", &format!("`format = {}`, the version of this format", super::FORMAT));
    } else if let Some(format) = root.integer("format").filter(|format| format.value != super::FORMAT) {
        root.problem(format.span, format!("format {} is not known", format.value), expected);
    }
}

fn sources(root: &Table<'_>) -> BTreeMap<String, Source> {
    let Some(table) = root.table("sources") else {
        if !root.has("sources") {
            root.missing("sources", "a table of the sources that evidence names");
        }
        return BTreeMap::new();
    };
    let mut sources = BTreeMap::new();
    for key in table.keys() {
        let Some(entry) = table.table(&key.value) else { continue };
        let date = entry.required("date").unwrap_or_default();
        let dated = date.value.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        if !date.value.is_empty() && !dated {
            let expected = Some("a date such as \"2026-09-28\", \"2026-09\" or \"2026\"".to_owned());
            entry.problem(date.span, format!("the date is \"{}\"", date.value), expected);
        }
        let url = entry.string("url").map(|url| url.value);
        sources.insert(key.value, Source { what: text(entry.required("what")), date: date.value, url });
        entry.finish();
    }
    table.finish();
    sources
}

fn traits(root: &Table<'_>, checker: &Checker, scope: &Scope) -> Option<Traits> {
    let headers = root.tables("header").iter().filter_map(|t| header(t, checker, scope)).collect();
    let Some(table) = root.table("traits") else {
        if !root.has("traits") {
            root.missing("traits", "a table that says how the client joins and encodes");
        }
        return None;
    };
    let joins = [("concat", Join::Concat), ("strip-one", Join::StripOne), ("strip-all", Join::StripAll)];
    let slashes = [("never", false), ("always", true)];
    let queries = [
        ("keep-and-merge", BaseQuery::KeepAndMerge),
        ("append-raw", BaseQuery::AppendRaw),
        ("unknown", BaseQuery::Unknown),
    ];
    let plain = plain_traits();
    let template = |key: &str| {
        let found = table.string(key);
        if let Some(found) = &found {
            checker.template(&table, found, scope);
        }
        found.map(|found| found.value)
    };
    // One of these words, or a template that gives one of them by the settings.
    let chosen = |key: &str, words: &[&str]| {
        let found = table.string(key)?;
        checker.template(&table, &found, scope);
        if !found.value.contains('{') && !words.contains(&found.value.as_str()) {
            let expected = format!("{}, or a template that gives one of them", words.join(", "));
            table.problem(found.span, format!("`{key}` is \"{}\"", found.value), Some(expected));
        }
        Some(found.value)
    };
    for key in ["join", "query", "user_external_id"].into_iter().filter(|key| !table.has(key)) {
        table.missing(key, "a string");
    }
    let traits = Traits {
        join: table.word("join", &joins).unwrap_or(plain.join),
        suffix_slash: table.word("suffix_slash", &slashes).unwrap_or(plain.suffix_slash),
        query: table.word("query", &queries).unwrap_or(plain.query),
        space: chosen("space", &["percent20", "plus"]).unwrap_or(plain.space),
        upper_hex: table.boolean("upper_hex").unwrap_or(plain.upper_hex),
        escape_ids: table.boolean("escape_ids").unwrap_or(plain.escape_ids),
        user_external_id: table.string("user_external_id").map_or(plain.user_external_id, |t| t.value),
        group_external_id: table.string("group_external_id").map_or(plain.group_external_id, |t| t.value),
        own_query: template("own_query"),
        query_position: chosen("query_position", &["first", "last", "omit"]).unwrap_or(plain.query_position),
        curious: table.boolean("curious").unwrap_or(plain.curious),
        headers,
    };
    table.finish();
    Some(traits)
}

fn patience(table: &Table<'_>, sources: &BTreeMap<String, Source>) -> Patience {
    let number = |key: &str, otherwise: u32| {
        let Some(at) = table.integer(key) else { return otherwise };
        u32::try_from(at.value).ok().filter(|n| *n > 0).unwrap_or_else(|| {
            table.problem(at.span, format!("`{key}` is {}", at.value), Some("a whole number above zero".to_owned()));
            otherwise
        })
    };
    let patience = Patience {
        on: evidence::statuses(table, "on"),
        wait: number("wait", 60),
        retry_after: table.boolean("retry_after").unwrap_or(false),
        doubles: table.boolean("doubles").unwrap_or(false),
        attempts: number("attempts", 1),
        time_out: table.boolean("time_out").unwrap_or(false),
        resume: table
            .word("resume", &[("request", Resume::Request), ("cycle", Resume::Cycle)])
            .unwrap_or(Resume::Request),
        evidence: evidence::read(table, sources),
    };
    if patience.on.is_empty() {
        table.missing("on", "the statuses that make the client wait");
    }
    table.finish();
    patience
}

fn header(table: &Table<'_>, checker: &Checker, scope: &Scope) -> Option<HeaderLine> {
    let name = table.required("name")?;
    super::step::header_name(table, &name, &name.value);
    let on = table.scalars("on");
    for method in &on {
        super::step::method(table, method, 0..method.value.len());
    }
    let when = table.string("when");
    if let Some(condition) = &when {
        checker.condition(table, condition, scope);
    }
    let line = HeaderLine {
        name: name.value,
        value: table.required("value")?.value,
        on: on.into_iter().map(|method| method.value).collect(),
        when: when.map(|condition| condition.value),
    };
    table.finish();
    Some(line)
}

fn setting(table: &Table<'_>, sources: &BTreeMap<String, Source>, names: &mut Vec<String>) -> Setting {
    let name = evidence::name(table, "name");
    evidence::unique(table, "setting", &name, names);
    let kind = setting_kind(table);
    let default = table.scalar("default");
    if default.is_none() && !table.has("default") {
        table.missing("default", "the value when nobody says anything");
    }
    let plain = table.scalars("plain");
    for value in default.iter().chain(&plain) {
        if let Some(expected) = unfit(&kind, &value.value) {
            let message = format!("`{}` cannot be \"{}\"", name.value, value.value);
            table.problem(value.span.clone(), message, Some(expected));
        }
    }
    let setting = Setting {
        name: name.value,
        kind,
        default: default.map(|d| d.value).unwrap_or_default(),
        plain: plain.into_iter().map(|value| value.value).collect(),
        in_base_url: table.boolean("in_base_url").unwrap_or(false),
        declared: table.word("declared", &[("attribute", Declared::Attribute), ("values", Declared::Values)]),
        about: text(table.required("about")),
        evidence: evidence::read(table, sources),
    };
    table.finish();
    setting
}

fn setting_kind(table: &Table<'_>) -> SettingKind {
    match table.word("kind", &[("choice", 0), ("switch", 1), ("number", 2), ("text", 3)]) {
        Some(0) => {
            let values: Vec<_> = table.scalars("values").into_iter().map(|value| value.value).collect();
            if values.len() < 2 {
                table.missing("values", "at least two words to choose from");
            }
            SettingKind::Choice(values)
        }
        Some(1) => SettingKind::Switch,
        Some(2) => {
            let bound = |key: &str| {
                if !table.has(key) {
                    table.missing(key, "a whole number");
                }
                table.integer(key).map_or(0, |bound| bound.value)
            };
            SettingKind::Number(bound("from"), bound("to"))
        }
        Some(_) => SettingKind::Text,
        None => {
            if !table.has("kind") {
                table.missing("kind", "\"choice\", \"switch\", \"number\" or \"text\"");
            }
            SettingKind::Text
        }
    }
}

/// What would fit, when a value does not fit the kind of a setting.
pub(in crate::profile) fn unfit(kind: &SettingKind, value: &str) -> Option<String> {
    match kind {
        SettingKind::Choice(words) => {
            (!words.iter().any(|word| word == value)).then(|| format!("one of {}", words.join(", ")))
        }
        SettingKind::Switch => (!["on", "off"].contains(&value)).then(|| "`on` or `off`".to_owned()),
        SettingKind::Number(from, to) => {
            let fits = value.parse::<i64>().is_ok_and(|number| (*from..=*to).contains(&number));
            (!fits).then(|| format!("a whole number from {from} to {to}"))
        }
        SettingKind::Text => None,
    }
}

fn feature(table: &Table<'_>, ids: &mut Vec<String>) -> (Feature, std::ops::Range<usize>) {
    let id = evidence::id(table);
    evidence::unique(table, "feature", &id, ids);
    let feature = Feature {
        id: id.value,
        title: text(table.required("title")),
        sends_nothing: table.string("sends_nothing").map(|why| why.value.trim().to_owned()),
    };
    table.finish();
    (feature, id.span)
}

fn need(table: &Table<'_>, sources: &BTreeMap<String, Source>, ids: &mut Vec<String>) -> Option<Need> {
    let id = evidence::id(table);
    evidence::unique(table, "need", &id, ids);
    let levels = [("error", Level::Error), ("warning", Level::Warning), ("note", Level::Note)];
    if !table.has("level") {
        table.missing("level", "\"error\", \"warning\" or \"note\"");
    }
    let level = table.word("level", &levels).unwrap_or(Level::Note);
    let (text_, breaks) = (text(table.required("text")), text(table.required("breaks")));
    let evidence = evidence::read(table, sources);
    let on = evidence::statuses(table, "on");
    let fix = table.string("fix").map(|fix| fix.value.trim().to_owned());
    let test = test(table);
    table.finish();
    Some(Need { id: id.value, text: text_, breaks, evidence, level, on, test: test?, fix })
}

const TESTS: [&str; 6] = ["status", "is", "equals", "contains", "header", "within"];
const KINDS: [&str; 10] =
    ["null", "boolean", "number", "integer", "string", "array", "object", "present", "absent", "not-empty"];

fn test(table: &Table<'_>) -> Option<Test> {
    let there: Vec<_> = TESTS.into_iter().filter(|key| table.has(key)).collect();
    let [one] = there.as_slice() else {
        let message = if there.is_empty() { "this need looks at nothing" } else { "this need looks at several things" };
        table.problem(table.span(), message, Some(format!("one of {}", TESTS.join(", "))));
        // They are known, only too many.
        let _ = table.keys();
        return None;
    };
    if *one == "status" {
        return Some(Test::Status(evidence::statuses(table, "status")));
    }
    if *one == "within" {
        return within(table);
    }
    let inner = table.table(one)?;
    let pointer = || {
        let pointer = inner.string("at").unwrap_or_default();
        if !inner.has("at") {
            inner.missing("at", "a JSON pointer");
        } else if !pointer.value.is_empty() && !pointer.value.starts_with('/') {
            inner.problem(
                pointer.span.clone(),
                "this is no JSON pointer",
                Some("a text that begins with `/`".to_owned()),
            );
        }
        pointer.value
    };
    let test = match *one {
        "is" => Test::Is(pointer(), kinds(&inner)),
        "equals" => Test::Equals(pointer(), text(inner.required("value"))),
        "contains" => Test::Contains(pointer(), text(inner.required("value"))),
        _ => Test::Header(text(inner.required("name")), text(inner.required("contains"))),
    };
    inner.finish();
    Some(test)
}

fn within(table: &Table<'_>) -> Option<Test> {
    let time = table.integer("within")?;
    let fits = u32::try_from(time.value).ok().filter(|time| *time > 0);
    if fits.is_none() {
        table.problem(time.span, "this is no time", Some("a number of milliseconds".to_owned()));
    }
    fits.map(Test::Within)
}

fn kinds(table: &Table<'_>) -> Vec<String> {
    let kinds = table.scalars("kinds");
    if kinds.is_empty() {
        table.missing("kinds", "at least one kind");
    }
    for kind in kinds.iter().filter(|kind| !KINDS.contains(&kind.value.as_str())) {
        let expected = Some(format!("one of {}", KINDS.join(", ")));
        table.problem(kind.span.clone(), format!("there is no kind \"{}\"", kind.value), expected);
    }
    kinds.into_iter().map(|kind| kind.value).collect()
}

fn dialect(table: &Table<'_>, checker: &Checker, scope: &Scope) -> Dialect {
    let when = table.string("when");
    if let Some(condition) = &when {
        checker.condition(table, condition, scope);
    }
    let styles = [("capital", BooleanStyle::Capital), ("lower", BooleanStyle::Lower), ("json", BooleanStyle::Json)];
    for key in ["capital_ops", "booleans", "merge"].into_iter().filter(|key| !table.has(key)) {
        table.missing(key, "how this dialect writes it");
    }
    let dialect = Dialect {
        when: when.map(|condition| condition.value),
        capital_ops: table.boolean("capital_ops").unwrap_or(false),
        booleans: table.word("booleans", &styles).unwrap_or(BooleanStyle::Json),
        merge: table.boolean("merge").unwrap_or(false),
    };
    table.finish();
    dialect
}
