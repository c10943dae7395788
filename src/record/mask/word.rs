//! One word at a time: the same word gets the same invented one everywhere, in its own form.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::vocabulary;

/// Tries within the form of a word before the invented one may be longer than it.
const TRIES: u32 = 48;

/// Real words with the invented ones that stand for them. Nothing of it ever leaves memory.
#[derive(Debug)]
pub(super) struct Words {
    key: [u8; 32],
    invented: HashMap<String, String>,
    taken: HashSet<String>,
    /// Words that stood where people, ids and names stand.
    sure: HashSet<String>,
}

impl Words {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self { key, invented: HashMap::new(), taken: HashSet::new(), sure: HashSet::new() }
    }

    /// The invented word, written in the case of the real one; from now on the word is known to be somebody's.
    pub(super) fn of(&mut self, word: &str) -> String {
        self.sure.insert(word.to_lowercase());
        self.of_perhaps(word)
    }

    /// The same for a word of which nothing is known.
    pub(super) fn of_perhaps(&mut self, word: &str) -> String {
        let lower = word.to_lowercase();
        if let Some(invented) = self.invented.get(&lower) {
            return in_case_of(word, invented);
        }
        let invented = self.invent(&lower);
        let shown = in_case_of(word, &invented);
        self.taken.insert(invented.clone());
        self.invented.insert(lower, invented);
        shown
    }

    /// Whether a word was met where people, ids and names stand.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.sure.contains(&word.to_lowercase())
    }

    fn invent(&self, word: &str) -> String {
        let mut form: Vec<char> = word.chars().collect();
        for attempt in 0.. {
            let candidate = self.candidate(&form, word, attempt);
            let free = candidate != word
                && !self.taken.contains(&candidate)
                && !self.invented.contains_key(&candidate)
                && !vocabulary::is_plain(&candidate);
            if free {
                return candidate;
            }
            if attempt % TRIES == TRIES - 1 {
                // A form with one digit has ten words in it, and an endpoint may have more users.
                form.extend(form.last().copied());
            }
        }
        word.to_owned()
    }

    fn candidate(&self, form: &[char], word: &str, attempt: u32) -> String {
        let seed = Sha256::new_with_prefix(self.key).chain_update(word);
        let blocks = (0u32..).flat_map(|block| {
            let digest = seed.clone().chain_update(attempt.to_be_bytes()).chain_update(block.to_be_bytes()).finalize();
            <[u8; 32]>::from(digest)
        });
        let hex = is_hex(form);
        let kept = vendor_prefix(form);
        let letters = form.iter().zip(blocks).enumerate().map(|(i, (c, byte))| match *c {
            c if i < kept => c,
            '1'..='9' if i == 0 => char::from(b'1' + byte % 9),
            '0' if i == 0 => '0',
            '0'..='9' => char::from(b'0' + byte % 10),
            'a'..='f' if hex => char::from(b'a' + byte % 6),
            'a'..='z' => char::from(b'a' + byte % 26),
            c => of_script(c, byte),
        });
        letters.collect()
    }
}

/// Hexadecimal ids stay hexadecimal; `ada` and `facade` are words.
fn is_hex(form: &[char]) -> bool {
    form.len() >= 4 && form.iter().all(char::is_ascii_hexdigit) && form.iter().any(char::is_ascii_digit)
}

/// Okta's ids tell by their beginning what they are of.
fn vendor_prefix(form: &[char]) -> usize {
    let begins = |prefix: &str| form.iter().copied().take(3).eq(prefix.chars());
    if form.len() == 20 && ["00u", "00g", "0oa"].into_iter().any(begins) { 3 } else { 0 }
}

/// A letter of the same script, so that what a server must do with it stays the same.
fn of_script(c: char, byte: u8) -> char {
    const SCRIPTS: [(std::ops::Range<char>, &str); 7] = [
        ('\u{80}'..'\u{250}', "àáâäãåçèéêëìíîïñòóôöõøùúûüý"),
        ('\u{370}'..'\u{400}', "αβγδεζηθικλμνξοπρστυφχψω"),
        ('\u{400}'..'\u{530}', "абвгдежзиклмнопрстуфхцчшщэюя"),
        ('\u{590}'..'\u{600}', "אבגדהוזחטיכלמנסעפצקרשת"),
        ('\u{600}'..'\u{780}', "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"),
        ('\u{3040}'..'\u{3100}', "あいうえおかきくけこさしすせそたちつてと"),
        (
            '\u{4e00}'..'\u{d7b0}',
            "一丁七三上下中之九五人今仁元光八六公分十千口古可右名四土大天女子小山川工己市平年心手文方日月木林水火田白目石立竹米糸言足車金長門雨青音高",
        ),
    ];
    let script = SCRIPTS.iter().find(|(range, _)| range.contains(&c)).map_or("abcdefghijklmnopqrstuvwxyz", |(_, s)| s);
    let letters = script.chars().count();
    script.chars().nth(usize::from(byte) % letters).unwrap_or('x')
}

/// `invented` with capitals where `word` has them.
fn in_case_of(word: &str, invented: &str) -> String {
    let mut cases = word.chars();
    let mut out = String::with_capacity(invented.len());
    for c in invented.chars() {
        if cases.next().is_some_and(char::is_uppercase) { out.extend(c.to_uppercase()) } else { out.push(c) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_stays() {
        let mut words = Words::new([7; 32]);
        let id = words.of("0d9a42ff13bc0d9a42ff13bc");
        assert!(
            id.len() == 24 && id.bytes().all(|b| b.is_ascii_hexdigit()) && id != "0d9a42ff13bc0d9a42ff13bc",
            "{id}"
        );
        let okta = words.of("00uABCDEFGHIJKLMNOP1");
        assert!(okta.starts_with("00u") && okta.len() == 20, "{okta}");
        let (ada, upper) = (words.of("Ada"), words.of("ADA"));
        assert_eq!(ada.to_uppercase(), upper);
        assert!(ada.chars().next().unwrap().is_uppercase() && ada.chars().nth(1).unwrap().is_lowercase());
        assert!(words.of("Müller").chars().nth(1).is_some_and(|c| !c.is_ascii()));
        assert!(words.of("4711").bytes().all(|b| b.is_ascii_digit()));
        assert!(words.knows("aDa") && !words.knows("bo"));
    }

    #[test]
    fn no_two_words_get_the_same_one() {
        let mut words = Words::new([1; 32]);
        let all: HashSet<String> = (0..500).map(|n| words.of(&n.to_string())).collect();
        assert_eq!(all.len(), 500);
    }
}
