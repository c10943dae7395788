//! `--only` and `--skip`: by an id of a profile, variant, scenario, step or check, or its prefix up to a `/`.

use crate::profile::model::Scenario;

/// What was selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Ids or prefixes; empty: everything.
    pub only: Vec<String>,
    /// Ids or prefixes left out.
    pub skip: Vec<String>,
}

/// Whether `prefix` is `id` or a whole part of its front: `rfc7644/3.5` does not select `rfc7644/3.5.2/…`.
#[must_use]
pub fn selects(prefix: &str, id: &str) -> bool {
    let prefix = prefix.trim_end_matches("/*").trim_end_matches('/');
    id == prefix || id.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether an id names a check rather than something that is played.
fn is_check(id: &str) -> bool {
    ["rfc7642", "rfc7643", "rfc7644", "rfc9865", "state", "wire", "baseline", "compat"]
        .contains(&id.split('/').next().unwrap_or_default())
}

impl Selection {
    /// Whether a scenario is played.
    #[must_use]
    pub fn plays(&self, label: &str, profile: &str, scenario: &Scenario) -> bool {
        let ids = Self::ids(label, profile, scenario);
        let hit = |wanted: &&String| ids.iter().any(|id| selects(wanted, id) || id.starts_with(&format!("{wanted}:")));
        let wanted: Vec<_> = self.only.iter().filter(|id| !is_check(id)).collect();
        // A need's id (`entra/list-resources`) selects no scenario; it must not empty the plan.
        let played = wanted.is_empty() || wanted.iter().any(hit);
        // Leaving out one step leaves the scenario in.
        let whole = |skipped: &&String| ids[..4].iter().any(|id| selects(skipped, id));
        played && !self.skip.iter().any(|skipped| whole(&skipped))
    }

    /// Whether there are verdicts that do not count.
    #[must_use]
    pub fn leaves_out(&self) -> bool {
        !self.skip.is_empty() || self.only.iter().any(|id| is_check(id))
    }

    /// Whether a verdict counts: of a rule, at a step.
    #[must_use]
    pub fn judges(&self, rule: &str, label: &str, profile: &str, scenario: &str, step: &str) -> bool {
        if !self.leaves_out() {
            return true;
        }
        let at = |wanted: &str, first: &str| selects(wanted, &format!("{first}/{scenario}/{step}"));
        let hit = |wanted: &String| selects(wanted, rule) || at(wanted, label) || at(wanted, profile);
        let mut checks = self.only.iter().filter(|id| is_check(id)).peekable();
        let asked = checks.peek().is_none() || checks.any(hit);
        asked && !self.skip.iter().any(hit)
    }

    /// The ids under which a scenario and its steps can be selected; the first four are the scenario's own.
    #[must_use]
    pub fn ids(label: &str, profile: &str, scenario: &Scenario) -> Vec<String> {
        let mut ids = vec![
            label.to_owned(),
            profile.to_owned(),
            format!("{label}/{}", scenario.id),
            format!("{profile}/{}", scenario.id),
        ];
        ids.extend(scenario.steps.iter().map(|step| format!("{profile}/{}/{}", scenario.id, step.id)));
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_end_at_a_slash() {
        assert!(selects("rfc7644/3.5.2", "rfc7644/3.5.2/add"));
        assert!(selects("rfc7644/3.5.2/*", "rfc7644/3.5.2/add"));
        assert!(selects("okta/create", "okta/create"));
        assert!(!selects("rfc7644/3.5", "rfc7644/3.5.2/add"));
        assert!(!selects("okta/create", "okta/create-user"));
    }

    #[test]
    fn checks_are_filtered_and_scenarios_stay() {
        let selection = Selection { only: vec!["rfc7644/3.5.2".to_owned()], skip: vec!["state".to_owned()] };
        assert!(selection.judges("rfc7644/3.5.2/add", "okta", "okta", "a", "b"));
        assert!(!selection.judges("rfc7644/3.6/gone", "okta", "okta", "a", "b"));
        assert!(!selection.judges("state/created", "okta", "okta", "a", "b"));
    }
}
