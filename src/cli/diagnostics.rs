//! Problems as people read them: the file, the line itself, and what was expected.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::document::Problem;
use crate::error::Error;

/// An error's text.
#[must_use]
pub fn render(error: &Error, styled: bool) -> String {
    match error {
        Error::Problems(problems) => {
            let mut out: String = problems.iter().map(|problem| problem_text(problem, styled) + "\n\n").collect();
            let files =
                if problems.len() == 1 { "1 problem".to_owned() } else { format!("{} problems", problems.len()) };
            out.push_str(&format!("{files}; nothing was sent"));
            out
        }
        Error::Usage(text) | Error::Unreachable(text) => format!("error: {text}"),
    }
}

fn problem_text(problem: &Problem, styled: bool) -> String {
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    if problem.text.is_empty() {
        let expected = problem.expected.as_ref().map(|e| format!("; expected {e}")).unwrap_or_default();
        let file = if problem.file.is_empty() { String::new() } else { format!("{} ", problem.file) };
        return format!("error: {file}{}{expected}", problem.message);
    }
    let end = problem.text.len();
    let span = problem.span.start.min(end)..problem.span.end.clamp(problem.span.start.min(end), end);
    // A span over several lines is shown by its first.
    let first = problem.text[span.clone()].find('\n').map_or(span.end, |i| span.start + i);
    let label = problem.expected.as_ref().map(|expected| format!("expected {expected}"));
    let annotation = AnnotationKind::Primary.span(span.start..first.max(span.start));
    let annotation = match &label {
        Some(label) => annotation.label(label.as_str()),
        None => annotation,
    };
    let snippet = Snippet::source(problem.text.as_str()).path(problem.file.as_str()).annotation(annotation);
    let report = &[Level::ERROR.primary_title(problem.message.as_str()).element(snippet)];
    renderer.render(report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    #[test]
    fn shows_the_line_and_what_was_expected() {
        let problems = Document::new("map.toml", "[user]\ndrop = 3\nadd = true\n")
            .parse(|root| {
                let user = root.table("user")?;
                user.scalars("drop");
                user.finish();
                Some(())
            })
            .unwrap_err();
        insta::with_settings!({ snapshot_path => "../../snapshots/cli", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!("problems", render(&Error::Problems(problems), false));
        });
    }
}
