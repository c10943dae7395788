//! A profile as a page for people: what it does, step by step, how we know, what can be set, what it needs.

use std::fmt::{self, Write};

use super::model::{
    Body, Declared, Evidence, Level, Need, Patience, Profile, Resume, Scenario, Setting, StatusPattern, Step, Test,
};
use super::reference::allowed;

/// The page of a profile.
#[must_use]
pub fn show(profile: &Profile) -> String {
    let mut page = String::new();
    // Writing into a String cannot fail.
    let _: fmt::Result = write_page(&mut page, profile);
    page
}

fn write_page(out: &mut String, profile: &Profile) -> fmt::Result {
    writeln!(out, "{}: {}", profile.id, profile.title)?;
    paragraph(out, 2, &profile.about)?;
    if let Some(note) = &profile.reconstructed {
        paragraph(out, 2, note)?;
    }
    if !profile.settings.is_empty() {
        writeln!(out, "\nSettings")?;
        profile.settings.iter().try_for_each(|setting| write_setting(out, profile, setting))?;
    }
    for feature in &profile.features {
        writeln!(out, "\n{}", feature.title)?;
        if let Some(why) = &feature.sends_nothing {
            paragraph(out, 2, why)?;
        }
        let belongs = profile.scenarios.iter().filter(|scenario| scenario.feature == feature.id);
        for scenario in belongs {
            write_scenario(out, scenario)?;
        }
    }
    if let Some(patience) = &profile.patience {
        writeln!(out, "\nRefused for a while")?;
        write_patience(out, patience)?;
    }
    if !profile.needs.is_empty() {
        writeln!(out, "\nNeeds")?;
        profile.needs.iter().try_for_each(|need| write_need(out, need))?;
    }
    writeln!(out, "\nSources")?;
    for (key, source) in &profile.sources {
        let url = source.url.as_deref().map(|url| format!(" <{url}>")).unwrap_or_default();
        writeln!(out, "  {key}: {} ({}){url}", source.what, source.date)?;
    }
    Ok(())
}

fn write_setting(out: &mut String, profile: &Profile, setting: &Setting) -> fmt::Result {
    let default = match (setting.default.as_str(), setting.declared) {
        ("", Some(Declared::Attribute | Declared::Values)) => "what the target declares",
        ("", None) => "nothing",
        (default, _) => default,
    };
    write!(out, "  {}: {}; by default {default}", setting.name, allowed(&setting.kind))?;
    if !setting.plain.is_empty() {
        write!(out, "; plain `{}` plays {}", profile.id, setting.plain.join(" and "))?;
    }
    writeln!(out)?;
    paragraph(out, 4, &setting.about)?;
    writeln!(out, "    {}", evidence(&setting.evidence))
}

fn write_patience(out: &mut String, patience: &Patience) -> fmt::Result {
    let mut on: Vec<String> = patience.on.iter().map(ToString::to_string).collect();
    on.extend(patience.time_out.then(|| "no answer in time".to_owned()));
    let wait = match (patience.resume, patience.retry_after) {
        (Resume::Cycle, _) => {
            format!("comes back in its next cycle, {} s later (a pause that a run leaves out)", patience.wait)
        }
        (_, true) => format!("waits as many whole seconds as Retry-After says, else {} s", patience.wait),
        (_, false) => format!("waits {} s", patience.wait),
    };
    let doubles = if patience.doubles { "; every further wait is twice the one before" } else { "" };
    let what = if patience.resume == Resume::Cycle { "cycles" } else { "requests" };
    paragraph(out, 2, &format!("{}: {wait}{doubles}; at most {} {what}.", on.join(", "), patience.attempts))?;
    writeln!(out, "    {}", evidence(&patience.evidence))
}

fn write_scenario(out: &mut String, scenario: &Scenario) -> fmt::Result {
    writeln!(out, "\n  {}: {}", scenario.id, scenario.title)?;
    paragraph(out, 4, &scenario.why)?;
    if let Some(when) = &scenario.when {
        writeln!(out, "    only when {when}")?;
    }
    for switch in &scenario.switches {
        writeln!(out, "    not played when {switch} is off")?;
    }
    for actor in scenario.actors.iter().filter(|actor| actor.exists) {
        let members =
            if actor.members.is_empty() { String::new() } else { format!(" with {}", actor.members.join(", ")) };
        writeln!(out, "    {}{members} exists beforehand", actor.id)?;
    }
    scenario.steps.iter().try_for_each(|step| write_step(out, step))
}

fn write_step(out: &mut String, step: &Step) -> fmt::Result {
    writeln!(out, "    - {}: {} {}", step.id, step.method, step.target)?;
    if let Some(why) = &step.why {
        paragraph(out, 6, why)?;
    }
    if let Some(feature) = &step.feature {
        writeln!(out, "      counts for {feature}")?;
    }
    if let Some(when) = &step.when {
        writeln!(out, "      only when {when}")?;
    }
    if !step.each.is_empty() {
        writeln!(out, "      once for each of {}", step.each.join(", "))?;
    }
    if let Some(size) = step.pages {
        writeln!(out, "      page by page, {size} a page")?;
    }
    match &step.body {
        Body::None => {}
        Body::Text(text) => writeln!(out, "      sends {text}")?,
        Body::Echo { of, overlay, .. } => writeln!(out, "      sends what it read of {of}, over it {overlay}")?,
        Body::Diff { of, want } => {
            let what = if step.settled { "must have nothing to write" } else { "sends what differs" };
            writeln!(out, "      {what} between what it read of {of} and")?;
            for (path, value) in want {
                writeln!(out, "        {path} = {value}")?;
            }
        }
    }
    if !step.accept.is_empty() {
        writeln!(out, "      goes on with {}", statuses(&step.accept))?;
    }
    if !step.needs.is_empty() {
        writeln!(out, "      needs {}", step.needs.join(", "))?;
    }
    if let Some(breaks) = &step.breaks {
        writeln!(out, "      otherwise {breaks}")?;
    }
    writeln!(out, "      {}", evidence(&step.evidence))
}

fn write_need(out: &mut String, need: &Need) -> fmt::Result {
    let level = match need.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    writeln!(out, "  {}: {level}, {}", need.id, evidence(&need.evidence))?;
    paragraph(out, 4, &need.text)?;
    paragraph(out, 4, &format!("Otherwise: {}", need.breaks))?;
    if let Some(fix) = &need.fix {
        paragraph(out, 4, &format!("Fix: {fix}"))?;
    }
    writeln!(out, "    Looks at: {}", looks_at_answers(need))
}

/// What of which answers a need looks at: `on 201: /id is string`.
#[must_use]
pub fn looks_at_answers(need: &Need) -> String {
    let on = if need.on.is_empty() { String::new() } else { format!("on {}: ", statuses(&need.on)) };
    format!("{on}{}", looks_at(&need.test))
}

fn looks_at(test: &Test) -> String {
    let at = |pointer: &str| if pointer.is_empty() { "the body".to_owned() } else { pointer.to_owned() };
    match test {
        Test::Status(patterns) => format!("the status is {}", statuses(patterns)),
        Test::Is(pointer, kinds) => format!("{} is {}", at(pointer), kinds.join(" or ")),
        Test::Equals(pointer, value) => format!("{} equals {value}", at(pointer)),
        Test::Contains(pointer, value) => format!("{} contains {value}", at(pointer)),
        Test::Header(name, part) => format!("the header {name} contains {part}"),
        Test::Within(time) => format!("the answer takes at most {time} ms"),
    }
}

fn statuses(patterns: &[StatusPattern]) -> String {
    patterns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// How we know, for people: the grade and the sources.
#[must_use]
pub fn evidence(evidence: &Evidence) -> String {
    format!("{}: {}", evidence.grade.as_str(), evidence.sources.join(", "))
}

/// Words in lines of at most 120 characters.
fn paragraph(out: &mut String, indent: usize, text: &str) -> fmt::Result {
    let mut line = " ".repeat(indent);
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > 120 && !line.trim().is_empty() {
            writeln!(out, "{}", line.trim_end())?;
            line = " ".repeat(indent);
        }
        line.push_str(word);
        line.push(' ');
    }
    writeln!(out, "{}", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::show;
    use crate::profile::catalogue::{builtin, builtin_ids};

    #[test]
    fn built_in_profiles_as_pages() {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../../snapshots/profile");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        for id in builtin_ids() {
            let profile = builtin(id).unwrap().unwrap();
            settings.bind(|| insta::assert_snapshot!(id, show(&profile)));
        }
    }
}
