//! What the user wants masked besides, or kept: `--mask-also` and `--keep`.

/// A JSON pointer with `*` for every element or member; names compare without case.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pointer(Vec<String>);

/// What is masked besides what always is, and what is not.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    also: Vec<Pointer>,
    texts: Vec<regex::Regex>,
    keep: Vec<Pointer>,
}

impl Rules {
    /// From the values of `--mask-also` (a JSON pointer, or else a regular expression) and `--keep` (a JSON pointer).
    ///
    /// # Errors
    /// The first that is neither, with what was expected.
    pub fn new(mask_also: &[String], keep: &[String]) -> Result<Self, String> {
        let mut rules = Self::default();
        for text in mask_also {
            match Pointer::parse(text) {
                Some(pointer) => rules.also.push(pointer),
                None => rules.texts.push(regex::Regex::new(text).map_err(|error| {
                    format!(
                        "--mask-also {text:?}: expected a JSON pointer such as /title, or a regular expression; {error}"
                    )
                })?),
            }
        }
        for text in keep {
            let pointer = Pointer::parse(text);
            rules.keep.push(pointer.ok_or_else(|| format!("--keep {text:?}: expected a JSON pointer such as /title"))?);
        }
        Ok(rules)
    }

    /// Texts that are masked wherever they stand.
    pub(super) fn texts(&self) -> &[regex::Regex] {
        &self.texts
    }

    /// Names that are kept as segments of a path too: `--keep /Rooms` is the endpoint of that name.
    pub(super) fn endpoints(&self) -> impl Iterator<Item = &str> {
        let single = |pointer: &Pointer| pointer.0.len() == 1;
        self.keep.iter().filter(move |pointer| single(pointer)).map(|pointer| pointer.0[0].as_str())
    }

    pub(super) fn also_masks(&self, path: &[String]) -> bool {
        self.also.iter().any(|pointer| pointer.fits(path))
    }

    pub(super) fn keeps(&self, path: &[String]) -> bool {
        self.keep.iter().any(|pointer| pointer.fits(path))
    }
}

impl Pointer {
    fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('/')?;
        Some(Self(rest.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect()))
    }

    /// Whether the path is this place: of a resource alone, or of one in a list.
    fn fits(&self, path: &[String]) -> bool {
        let same = |path: &[String]| {
            path.len() == self.0.len() && path.iter().zip(&self.0).all(|(a, b)| b == "*" || a.eq_ignore_ascii_case(b))
        };
        let listed = path.first().is_some_and(|name| name.eq_ignore_ascii_case("Resources"));
        same(path) || listed && path.len() > 2 && same(&path[2..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_fit_resources_alone_and_in_lists() {
        let rules = Rules::new(&["/emails/*/type".to_owned(), "^X-".to_owned()], &["/Title".to_owned()]).unwrap();
        let path = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
        assert!(rules.also_masks(&path("emails/0/type")) && rules.also_masks(&path("Resources/3/emails/1/type")));
        assert!(!rules.also_masks(&path("emails/0/value")) && rules.keeps(&path("title")));
        assert_eq!(rules.texts().len(), 1);
        assert!(Rules::new(&["(".to_owned()], &[]).unwrap_err().contains("--mask-also \"(\""));
        assert!(Rules::new(&[], &["title".to_owned()]).unwrap_err().contains("JSON pointer"));
    }
}
