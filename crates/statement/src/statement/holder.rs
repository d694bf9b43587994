//! Whose a statement is: name and date of birth, compared with those of a person who is known.

use std::collections::BTreeSet;

use serde_json::Value;
use yima_model::Personal;

use super::Format;

/// The person that a statement names.
#[derive(Debug)]
pub struct Holder {
    /// The name in each spelling that stands in the statement, its parts in any order.
    names: Vec<Personal<String>>,
    /// Year, month and day as far as they stand there.
    birth: Option<Personal<String>>,
}

/// What a comparison says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It is the same person's.
    Same,
    /// It is another's.
    Other,
    /// It is absent, partial or in another script, and cannot be told.
    Unknown,
}

impl Holder {
    pub(super) fn of(format: Format, content: &Value) -> Self {
        let text = |value: &Value, path: &str| value.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let joined = |parts: [Option<String>; 2]| parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let (names, birth) = match format {
            Format::Dcc => {
                let spelling = |family: &str, given: &str| joined([text(content, family), text(content, given)]);
                let names = vec![spelling("/nam/fnt", "/nam/gnt"), spelling("/nam/fn", "/nam/gn")];
                (names, text(content, "/dob"))
            }
            Format::Ddcc => (text(content, "/name").into_iter().collect(), text(content, "/birthDate")),
            Format::Nzcp => {
                (vec![joined([text(content, "/familyName"), text(content, "/givenName")])], text(content, "/dob"))
            }
            Format::VdsNc => (text(content, "/msg/pid/n").into_iter().collect(), text(content, "/msg/pid/dob")),
            Format::Shc => {
                let entries =
                    content.as_array().into_iter().flatten().filter_map(|bundle| bundle.get("entry")?.as_array());
                let mut resources = entries.flatten().filter_map(|entry| entry.get("resource"));
                let patient = resources.find(|resource| resource["resourceType"] == "Patient").unwrap_or(&Value::Null);
                let names = patient.get("name").and_then(Value::as_array).into_iter().flatten().map(|name| {
                    let given =
                        name.get("given").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
                    joined([text(name, "/family"), Some(given.collect::<Vec<_>>().join(" "))])
                });
                (names.collect(), text(patient, "/birthDate"))
            }
            Format::Divoc => (Vec::new(), None),
        };
        let names = names.into_iter().filter(|name| !name.trim().is_empty()).map(Personal::new).collect();
        Self { names, birth: birth.filter(|birth| !birth.is_empty()).map(Personal::new) }
    }

    /// Whether a name, its parts in any order, is the one in the statement: by what stands there in the letters of travel
    /// documents, or in the same letters as the name. One of both may have further parts if two agree.
    pub fn compare_name(&self, name: &str) -> Comparison {
        let found: Vec<Comparison> = self.names.iter().map(|own| compare_names(own.reveal(), name)).collect();
        [Comparison::Same, Comparison::Other].into_iter().find(|one| found.contains(one)).unwrap_or(Comparison::Unknown)
    }

    /// Whether a date of birth such as `1990-01-31` is the one in the statement; where that is only its beginning, it cannot
    /// be told.
    pub fn compare_birth(&self, date: &str) -> Comparison {
        let Some(own) = &self.birth else { return Comparison::Unknown };
        // A date may come with a time, and a day that is not known may be written as `XX`.
        let own = own.reveal().split(['T', 'X']).next().unwrap_or_default().trim_end_matches('-');
        match date.strip_prefix(own) {
            Some("") => Comparison::Same,
            Some(rest) if rest.starts_with('-') || own.is_empty() => Comparison::Unknown,
            _ => Comparison::Other,
        }
    }
}

fn compare_names(own: &str, other: &str) -> Comparison {
    let (own, other) = (words(own), words(other));
    let is_latin = |words: &[String]| words.iter().all(|word| word.is_ascii());
    if own.is_empty() || other.is_empty() || is_latin(&own) != is_latin(&other) {
        return Comparison::Unknown;
    }
    // Where a name is parted is a matter of habit, and some scripts part none.
    if own.concat() == other.concat() {
        return Comparison::Same;
    }
    let [own, other] = [own, other].map(BTreeSet::from_iter);
    let (shorter, longer) = if own.len() < other.len() { (&own, &other) } else { (&other, &own) };
    match shorter.is_subset(longer) {
        true if shorter.len() == longer.len() || shorter.len() > 1 => Comparison::Same,
        true => Comparison::Unknown,
        false => Comparison::Other,
    }
}

/// The parts of a name in capital letters, those of the Latin script as in the machine-readable zone.
fn words(name: &str) -> Vec<String> {
    let folded: String = name.chars().flat_map(char::to_uppercase).fold(String::new(), |mut folded, letter| {
        match FOLDED.iter().find(|(letters, _)| letters.contains(letter)) {
            Some((_, plain)) => folded.push_str(plain),
            None => folded.push(letter),
        }
        folded
    });
    // An apostrophe is left out, every other sign parts names.
    let folded = folded.replace(['\'', '\u{2019}'], "");
    folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Source: ICAO Doc 9303, part 3, section 6.A: of several transliterations the first that is no `X` of its own.
const FOLDED: [(&str, &str); 25] = [
    ("ÀÁÂÃĀĂĄ", "A"),
    ("ÄÆ", "AE"),
    ("Å", "AA"),
    ("ÇĆĈĊČ", "C"),
    ("ÐĎĐ", "D"),
    ("ÈÉÊËĒĔĖĘĚ", "E"),
    ("ĜĞĠĢ", "G"),
    ("ĤĦ", "H"),
    ("ÌÍÎÏĨĪĬĮİ", "I"),
    ("Ĳ", "IJ"),
    ("Ĵ", "J"),
    ("Ķ", "K"),
    ("ĹĻĽĿŁ", "L"),
    ("ÑŃŅŇ", "N"),
    ("ÒÓÔÕŌŎŐ", "O"),
    ("ÖØŒ", "OE"),
    ("ŔŖŘ", "R"),
    ("ŚŜŞŠȘ", "S"),
    ("ẞ", "SS"),
    ("ŢŤŦȚ", "T"),
    ("Þ", "TH"),
    ("ÙÚÛŨŪŬŮŰŲ", "U"),
    ("Ü", "UE"),
    ("ÝŶŸ", "Y"),
    ("ŹŻŽ", "Z"),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use Comparison::{Other, Same, Unknown};

    #[test]
    fn a_name_is_compared_by_its_parts_in_the_letters_of_travel_documents() {
        for (own, other, expected) in [
            ("MUSTER ERIKA", "Erika Muster", Same),
            ("MUSTER<<ERIKA<MARIA", "Muster, Erika", Same),
            ("MUELLER ERIKA", "Erika Müller", Same),
            ("Müller Erika", "ERIKA MUELLER", Same),
            ("O'Neill Séan", "Sean ONeill", Same),
            ("GROSS JUERGEN", "Jürgen Groß", Same),
            ("Muster-Mann Erika", "Erika Mann Muster", Same),
            ("张三", "张三", Same),
            ("张 三", "张三", Same),
            ("ZHANG SAN FENG", "Zhang Sanfeng", Same),
            ("MUSTER ERIKA", "Max Muster", Other),
            ("MUSTER ERIKA", "Erika", Unknown),
            ("ERIKA", "Erika", Same),
            ("MUSTER", "Erika Muster", Unknown),
            ("MUSTER", "Erika Mann", Other),
            ("ZHANG SAN", "张三", Unknown),
            ("李四", "张三", Other),
            ("<<", "Erika Muster", Unknown),
            ("MUSTER ERIKA", "", Unknown),
        ] {
            assert_eq!(compare_names(own, other), expected, "{own} {other}");
            assert_eq!(compare_names(other, own), expected, "{other} {own}");
        }
    }

    #[test]
    fn a_date_of_birth_is_compared_as_far_as_it_stands_there() {
        for (own, expected) in [
            (json!("1990-01-31"), Same),
            (json!("1990-01-31T00:00:00"), Same),
            (json!("1990-01"), Unknown),
            (json!("1990"), Unknown),
            (json!("1990-XX-XX"), Unknown),
            (json!(""), Unknown),
            (json!(null), Unknown),
            (json!("1990-01-3"), Other),
            (json!("1990-01-30"), Other),
            (json!("1991"), Other),
            (json!("19"), Other),
            (json!("31.01.1990"), Other),
        ] {
            let holder = Holder::of(Format::Dcc, &json!({"dob": own}));
            assert_eq!(holder.compare_birth("1990-01-31"), expected, "{own}");
        }
    }

    #[test]
    fn every_format_says_whose_it_is() {
        let patient = json!({"resourceType": "Patient", "birthDate": "1990-01-31",
            "name": [{"family": "Muster", "given": ["Erika", "Maria"]}]});
        for (format, content) in [
            (Format::Dcc, json!({"nam": {"fnt": "MUSTER", "gnt": "ERIKA<MARIA"}, "dob": "1990-01-31"})),
            (
                Format::Dcc,
                json!({"nam": {"fn": "Muster", "gn": "Erika", "fnt": "XXXX", "gnt": "YY"}, "dob": "1990-01-31"}),
            ),
            (Format::Ddcc, json!({"name": "Erika Muster", "birthDate": "1990-01-31"})),
            (Format::Nzcp, json!({"familyName": "Muster", "givenName": "Erika", "dob": "1990-01-31"})),
            (Format::VdsNc, json!({"msg": {"pid": {"n": "MUSTER ERIKA", "dob": "1990-01-31"}}})),
            (Format::Shc, json!([{"entry": [{"resource": {"resourceType": "Location"}}, {"resource": patient}]}])),
        ] {
            let holder = Holder::of(format, &content);
            assert_eq!(holder.compare_name("Erika Muster"), Same, "{content}");
            assert_eq!(holder.compare_name("Max Mann"), Other, "{content}");
            assert_eq!(holder.compare_birth("1990-01-31"), Same, "{content}");
            let nobody = Holder::of(format, &json!({}));
            assert_eq!(nobody.compare_name("Erika Muster"), Unknown, "{format:?}");
            assert_eq!(nobody.compare_birth("1990-01-31"), Unknown, "{format:?}");
        }
    }
}
