//! Invented people and groups: the same for the same seed, on domains that belong to nobody.

use sha2::{Digest, Sha256};

/// Where invented values come from: a seed and a path of labels. Equal input, equal value, on every machine.
#[derive(Clone, Debug)]
pub struct Inventor {
    state: Sha256,
}

impl Inventor {
    /// The root of a run.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: Sha256::new_with_prefix(seed.to_be_bytes()) }
    }

    /// A branch of its own for a label.
    #[must_use]
    pub fn at(&self, label: &str) -> Self {
        let mut state = self.state.clone();
        state.update((label.len() as u64).to_be_bytes());
        state.update(label);
        Self { state }
    }

    /// `length` characters of an alphabet of at most 256 ASCII characters.
    #[must_use]
    pub fn text(&self, alphabet: &str, length: usize) -> String {
        let alphabet = alphabet.as_bytes();
        let mut out = String::with_capacity(length);
        for block in 0u32.. {
            let digest = self.state.clone().chain_update(block.to_be_bytes()).finalize();
            for byte in digest {
                if out.len() == length {
                    return out;
                }
                out.push(char::from(alphabet[usize::from(byte) % alphabet.len()]));
            }
        }
        out
    }

    /// Letters and digits, as in Okta's ids.
    #[must_use]
    pub fn alnum(&self, length: usize) -> String {
        self.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length)
    }

    /// Lower-case hexadecimal digits.
    #[must_use]
    pub fn hex(&self, length: usize) -> String {
        self.text("0123456789abcdef", length)
    }

    /// A version 4 UUID.
    #[must_use]
    pub fn guid(&self) -> String {
        let hex = self.hex(32);
        let variant = &self.at("variant").text("89ab", 1);
        format!("{}-{}-4{}-{variant}{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }

    /// A word that nobody uses, eight lower-case letters.
    #[must_use]
    pub fn word(&self) -> String {
        self.text("abcdefghijkmnpqrstuvwxyz", 8)
    }

    fn pick<'a>(&self, from: &[&'a str]) -> &'a str {
        let digest = self.state.clone().finalize();
        from[usize::from(digest[0]) % from.len()]
    }

    /// A form such as `00u{alnum:17}`, `{hex:24}` or `{guid}` with its parts invented.
    #[must_use]
    pub fn form(&self, form: &str) -> String {
        let mut out = String::new();
        let mut rest = form;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (part, tail) = after.split_once('}').unwrap_or((after, ""));
            let (kind, length) = part.split_once(':').unwrap_or((part, "8"));
            let length = length.parse().unwrap_or(8);
            match kind {
                "alnum" => out.push_str(&self.at(part).alnum(length)),
                "hex" => out.push_str(&self.at(part).hex(length)),
                "guid" => out.push_str(&self.at(part).guid()),
                other => out.push_str(other),
            }
            rest = tail;
        }
        out.push_str(rest);
        out
    }
}

/// An invented user or group. What a group does not have is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Random word of this one; in every name of it, so that it can be found again.
    pub word: String,
    /// Given name.
    pub given: String,
    /// Family name.
    pub family: String,
    /// Full name; the name of a group.
    pub display_name: String,
    /// `userName`.
    pub user_name: String,
    /// Work e-mail.
    pub email: String,
    /// `externalId` in the client's form.
    pub external_id: String,
    /// Password with letters, digits and signs.
    pub password: String,
    /// Job title.
    pub title: String,
    /// Department.
    pub department: String,
    /// Telephone number of a range that is kept for fiction.
    pub phone: String,
    /// Street and number.
    pub street: String,
    /// Town.
    pub locality: String,
    /// ISO country code.
    pub country: String,
}

/// How invented people are to look.
#[derive(Clone, Debug)]
pub struct Look {
    /// Domain of every e-mail address.
    pub domain: String,
    /// Form of userName: `{given}`, `{family}`, `{word}`, `{email}`, `{domain}`.
    pub user_name: String,
    /// Form of a user's externalId.
    pub user_external_id: String,
    /// Form of a group's externalId.
    pub group_external_id: String,
}

const GIVEN: [&str; 16] = [
    "Maya", "Tomas", "Priya", "Noor", "Lucia", "Ivo", "Tara", "Lena", "Omar", "Mina", "Niels", "Ada", "Samir", "Ines",
    "Jonas", "Wanda",
];
const FAMILY: [&str; 16] = [
    "Lindqvist",
    "Okafor",
    "Raman",
    "Haddad",
    "Ferro",
    "Marsh",
    "Quist",
    "Voss",
    "Reyes",
    "Holm",
    "Byron",
    "Keller",
    "Novak",
    "Sato",
    "Duarte",
    "Mbeki",
];
const TITLES: [&str; 6] = ["Field Engineer", "Shift Supervisor", "Planner", "Analyst", "Team Lead", "Dispatcher"];
const DEPARTMENTS: [&str; 6] = ["Operations", "Research", "Finance", "Field Services", "Support", "Logistics"];
const TOWNS: [(&str, &str); 4] = [("Oslo", "NO"), ("Ghent", "BE"), ("Lyon", "FR"), ("Boulder", "US")];
const TEAMS: [&str; 8] = [
    "Field Engineers",
    "Research",
    "Night Shift",
    "Harbour Crew",
    "Planning",
    "Service Desk",
    "Laboratory",
    "Workshop",
];

impl Person {
    /// A user.
    #[must_use]
    pub fn user(from: &Inventor, look: &Look) -> Self {
        let word = from.at("word").word();
        let given = from.at("given").pick(&GIVEN).to_owned();
        let family = from.at("family").pick(&FAMILY).to_owned();
        let lower = |text: &str| text.to_ascii_lowercase();
        let email = format!("{}.{}-{word}@{}", lower(&given), lower(&family), look.domain);
        let user_name = look
            .user_name
            .replace("{email}", &email)
            .replace("{given}", &lower(&given))
            .replace("{family}", &lower(&family))
            .replace("{word}", &word)
            .replace("{domain}", &look.domain);
        let (locality, country) = TOWNS[from.at("town").pick(&["0", "1", "2", "3"]).parse::<usize>().unwrap_or(0)];
        Self {
            display_name: format!("{given} {family}"),
            external_id: from.at("external").form(&look.user_external_id),
            password: password(from),
            title: from.at("title").pick(&TITLES).to_owned(),
            department: from.at("department").pick(&DEPARTMENTS).to_owned(),
            phone: format!("+1 555 01{}", from.at("phone").text("0123456789", 2)),
            street: format!("{} Harbour Road", 1 + from.at("street").text("0123456789", 2).parse::<u32>().unwrap_or(6)),
            locality: locality.to_owned(),
            country: country.to_owned(),
            word,
            given,
            family,
            user_name,
            email,
        }
    }

    /// A group.
    #[must_use]
    pub fn group(from: &Inventor, look: &Look) -> Self {
        let word = from.at("word").word();
        let none = String::new();
        Self {
            display_name: format!("{} {word}", from.at("team").pick(&TEAMS)),
            external_id: from.at("external").form(&look.group_external_id),
            word,
            given: none.clone(),
            family: none.clone(),
            user_name: none.clone(),
            email: none.clone(),
            password: none.clone(),
            title: none.clone(),
            department: none.clone(),
            phone: none.clone(),
            street: none.clone(),
            locality: none.clone(),
            country: none,
        }
    }
}

/// Eight characters as Okta's, two of each class, so that most password policies are content.
fn password(from: &Inventor) -> String {
    let two = |class: &str, alphabet: &str| from.at("password").at(class).text(alphabet, 2);
    let (upper, lower) = (two("upper", "ABCDEFGHKLMNPQRSTUVWXYZ"), two("lower", "abcdefghkmnpqrstuvwxyz"));
    format!("{upper}{}{lower}{}", two("digit", "23456789"), two("sign", "^&!@$%"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look() -> Look {
        Look {
            domain: "example.com".to_owned(),
            user_name: "{email}".to_owned(),
            user_external_id: "00u{alnum:17}".to_owned(),
            group_external_id: "{guid}".to_owned(),
        }
    }

    #[test]
    fn the_same_seed_invents_the_same_person() {
        let at = |seed, label: &str| Person::user(&Inventor::new(seed).at(label), &look());
        assert_eq!(at(7, "maya"), at(7, "maya"));
        assert_ne!(at(7, "maya").word, at(8, "maya").word);
        assert_ne!(at(7, "maya").word, at(7, "tomas").word);
        let maya = at(7, "maya");
        assert!(maya.email.ends_with("@example.com") && maya.user_name.contains(&maya.word));
        assert!(maya.external_id.starts_with("00u") && maya.external_id.len() == 20, "{}", maya.external_id);
        assert!(maya.phone.starts_with("+1 555 01"));
        let class = |of: fn(&char) -> bool| maya.password.chars().filter(of).count();
        assert_eq!(maya.password.len(), 8, "{}", maya.password);
        assert!(class(char::is_ascii_uppercase) == 2 && class(char::is_ascii_digit) == 2, "{}", maya.password);
    }

    #[test]
    fn forms_are_filled_in() {
        let inventor = Inventor::new(1);
        let guid = inventor.guid();
        assert_eq!((guid.len(), &guid[14..15]), (36, "4"));
        assert_eq!(inventor.form("{hex:24}").len(), 24);
        assert_eq!(inventor.form("plain"), "plain");
        let labels = (inventor.at("a").at("b").word(), inventor.at("ab").word());
        assert_ne!(labels.0, labels.1);
    }
}
