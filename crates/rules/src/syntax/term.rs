//! The terms of the language: each word with the arguments it takes.

use std::ops::Range;

use yima_model::fact::{
    Answer, CaseClass, ContactDegree, IsolationPlace, NoticeKind, StatementMeaning, Symptom, Symptoms, TestMethod,
};
use yima_model::id::{CampaignId, ListId};
use yima_model::{AreaCode, Level, Span};

use super::{Meaning, Names, SyntaxError};
use crate::expression::{By, Comparison, EventMatch, EventSelector, PlaceCondition, PlaceName, StateSelector, Tube};
use crate::pack::CountsFrom;

/// Every term with its arguments and one sentence, for the reference and for suggestions.
pub const TERMS: &[(&str, &str)] = &[
    ("declared", "declared, declared(contact) · a declaration; with `contact`, one that reports a contact"),
    ("checked_in", "checked_in, checked_in(clear) · a daily check-in; with `clear`, one without any symptom"),
    ("symptom", "symptom, symptom(fever, cough) · a declaration or check-in with one of these symptoms"),
    ("temperature", "temperature(>= 37.3) · a temperature taken, in degrees Celsius"),
    (
        "compared",
        "compared(list), compared(list, clear), compared(list, match, fresh: 3d) · a comparison with a list, fresh or of any age; \
         `match` is one that no other fact explains",
    ),
    ("reviewed", "reviewed · an ordered review"),
    ("follow_up", "follow_up, follow_up(clear) · a follow-up visit or call"),
    (
        "test",
        "test(negative), test(positive, antigen), test(negative, single), test(negative, counts_from: report), test(missed) · a \
         test result or a missed mandatory test",
    ),
    ("contact", "contact, contact(close), contact(secondary) · the last exposure to a case or close contact"),
    ("isolated", "isolated, isolated(central) · the beginning of an isolation, however soon it ended"),
    ("arrival", "arrival, arrival(in: 42), arrival(outside: 61), arrival(near: high) · an arrival from such a place"),
    ("vaccinated", "vaccinated, vaccinated(3) · a dose with at least this number"),
    ("statement", "statement(tested-negative) · a verified certificate of another issuer"),
    ("registered", "registered · the person has applied for a code"),
    ("bound", "bound · the code is bound to a phone, e-mail or desk card"),
    ("case", "case, case(confirmed, suspected) · the person is a case"),
    (
        "isolation",
        "isolation, isolation(central), isolation(closed-loop) · the person is isolated, or on closed-loop duty",
    ),
    ("dwelling", "dwelling(in: list), dwelling(level: high) · the present dwelling, while it lies in such a place"),
    (
        "stay",
        "stay(level: medium), stay(in: list, longer: 4h) · a stay, while it lies in such a place, once it has done so that long",
    ),
    ("notice", "notice(closing) · a notice for the area of the present dwelling"),
];

/// One argument: `[name:] [sign] value`.
#[derive(Debug)]
pub(super) struct Argument<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) sign: Option<&'a str>,
    pub(super) value: &'a str,
    pub(super) place: Range<usize>,
}

/// Reads the term `word` with its arguments.
pub(super) fn read(
    word: &str,
    place: Range<usize>,
    arguments: &[Argument<'_>],
    names: &Names,
) -> Result<Meaning, SyntaxError> {
    let mut reader = Reader { arguments: arguments.iter().collect(), names };
    let (by, counts_from) = (reader.by()?, reader.counts_from()?);
    let event = |what, by| Meaning::Events(vec![EventSelector { what, by, counts_from }]);
    let meaning = match word {
        "declared" => event(EventMatch::Declared(reader.flag("contact").then_some(Answer::Yes)), by),
        "checked_in" => event(EventMatch::CheckedIn(reader.flag("clear").then_some(true)), by),
        "symptom" => {
            let named: Symptoms = reader.words(Symptom::from_word).into_iter().collect();
            let wanted = if named.is_none() { Symptom::ALL.iter().copied().collect() } else { named };
            event(EventMatch::Symptom(wanted), by)
        }
        "temperature" => {
            let (comparison, decicelsius) = reader.measure(&place)?;
            event(EventMatch::Temperature(comparison, decicelsius), by)
        }
        "compared" => {
            let (matched, fresh) = (reader.choice("match", "clear"), reader.span("fresh")?);
            event(EventMatch::Compared(reader.list(&place)?, matched, fresh), by)
        }
        "reviewed" => event(EventMatch::Reviewed, by),
        "follow_up" => event(EventMatch::FollowUp(reader.flag("clear").then_some(true)), by),
        "test" if reader.flag("missed") => {
            let campaign = reader.positional().and_then(|argument| CampaignId::parse(argument.value).ok());
            event(EventMatch::Missed(campaign), by)
        }
        "test" => {
            let positive = reader.choice("positive", "negative");
            let tube = reader.choice("single", "pool").map(|single| if single { Tube::Single } else { Tube::Pool });
            event(EventMatch::Test(positive, reader.words(TestMethod::from_word).pop(), tube), by)
        }
        "contact" => event(EventMatch::Contact(reader.words_or_all(ContactDegree::from_word, ContactDegree::ALL)), by),
        "isolated" => event(EventMatch::Isolated(isolations(&mut reader)), by),
        "arrival" => event(EventMatch::Arrival(reader.place_condition()?), by),
        "vaccinated" => {
            let dose = reader.positional().map_or(Ok(1), |argument| {
                argument.value.parse().map_err(|_| error(&argument.place, "expected the number of a dose"))
            })?;
            event(EventMatch::Vaccinated(dose), by)
        }
        "statement" => match reader.words(StatementMeaning::from_word).pop() {
            Some(meaning) => event(EventMatch::Statement(meaning), by),
            None => {
                return Err(missing(&place, "statement", StatementMeaning::ALL.iter().map(|meaning| meaning.word())));
            }
        },
        "registered" => state(StateSelector::Registered),
        "bound" => state(StateSelector::Bound),
        "case" => state(StateSelector::Case(reader.words_or_all(CaseClass::from_word, CaseClass::ALL))),
        "isolation" => state(StateSelector::Isolation(isolations(&mut reader))),
        "dwelling" => state(StateSelector::Dwelling(reader.place_condition()?)),
        "stay" => {
            let longer = reader.span("longer")?.unwrap_or(Span::ZERO);
            if matches!(longer, Span::Days(_)) {
                return Err(error(&place, "the length of a stay is in hours, such as `longer: 4h`"));
            }
            state(StateSelector::Stay(reader.place_condition()?, longer))
        }
        "notice" => match reader.words(NoticeKind::from_word).pop() {
            Some(kind) => state(StateSelector::Notice(kind)),
            None => return Err(missing(&place, "notice", NoticeKind::ALL.iter().map(|kind| kind.word()))),
        },
        _ => return Err(unknown(word, place, names)),
    };
    if (by != By::Anybody || counts_from.is_some()) && matches!(meaning, Meaning::States(_)) {
        return Err(error(&place, "`by:` and `counts_from:` go with events only"));
    }
    reader.finish()?;
    Ok(meaning)
}

/// Takes arguments one by one; what is left at the end is an error.
/// The forms of isolation that a term names; of closed-loop duty it must speak itself.
fn isolations(reader: &mut Reader<'_>) -> Vec<IsolationPlace> {
    reader.words_or_all(IsolationPlace::from_word, &[IsolationPlace::Central, IsolationPlace::Home])
}

struct Reader<'a> {
    arguments: Vec<&'a Argument<'a>>,
    names: &'a Names,
}

impl<'a> Reader<'a> {
    /// Removes and gives the first argument that `accept` likes.
    fn take(&mut self, accept: impl Fn(&Argument<'_>) -> bool) -> Option<&'a Argument<'a>> {
        let found = self.arguments.iter().position(|argument| accept(argument))?;
        Some(self.arguments.remove(found))
    }

    fn positional(&mut self) -> Option<&'a Argument<'a>> {
        self.take(|argument| argument.name.is_none() && argument.sign.is_none())
    }

    fn flag(&mut self, word: &str) -> bool {
        self.take(|argument| argument.name.is_none() && argument.value == word).is_some()
    }

    /// Which of two words is given, if either.
    fn choice(&mut self, yes: &str, no: &str) -> Option<bool> {
        if self.flag(yes) { Some(true) } else { self.flag(no).then_some(false) }
    }

    /// All leading words that `from_word` knows.
    fn words<T>(&mut self, from_word: fn(&str) -> Option<T>) -> Vec<T> {
        let mut values = Vec::new();
        while let Some(argument) = self
            .take(|argument| argument.name.is_none() && argument.sign.is_none() && from_word(argument.value).is_some())
        {
            values.extend(from_word(argument.value));
        }
        values
    }

    fn words_or_all<T: Copy>(&mut self, from_word: fn(&str) -> Option<T>, all: &[T]) -> Vec<T> {
        let values = self.words(from_word);
        if values.is_empty() { all.to_vec() } else { values }
    }

    fn by(&mut self) -> Result<By, SyntaxError> {
        match self.take(|argument| argument.name == Some("by")) {
            None => Ok(By::Anybody),
            Some(argument) => match argument.value {
                "self" => Ok(By::Oneself),
                "others" => Ok(By::Others),
                _ => Err(error(&argument.place, "expected `by: self` or `by: others`")),
            },
        }
    }

    fn counts_from(&mut self) -> Result<Option<CountsFrom>, SyntaxError> {
        let read = |argument: &Argument<'_>| {
            let expected = "expected `counts_from: occurrence` or `counts_from: report`";
            CountsFrom::from_word(argument.value).ok_or_else(|| error(&argument.place, expected))
        };
        self.take(|argument| argument.name == Some("counts_from")).map(read).transpose()
    }

    fn span(&mut self, name: &str) -> Result<Option<Span>, SyntaxError> {
        let argument = self.take(|argument| argument.name == Some(name));
        let read = |argument: &Argument<'_>| {
            Span::parse(argument.value).map_err(|reason| error(&argument.place, &reason.to_string()))
        };
        argument.map(read).transpose()
    }

    fn measure(&mut self, place: &Range<usize>) -> Result<(Comparison, u16), SyntaxError> {
        let example = "expected a comparison in degrees Celsius, such as `temperature(>= 37.3)`";
        let argument = self.take(|argument| argument.sign.is_some()).ok_or_else(|| error(place, example))?;
        let comparison = match argument.sign {
            Some("<") => Comparison::Less,
            Some("<=") => Comparison::AtMost,
            Some(">") => Comparison::Greater,
            _ => Comparison::AtLeast,
        };
        let (whole, tenths) = argument.value.split_once('.').unwrap_or((argument.value, "0"));
        let decicelsius = match (whole.parse::<u16>(), tenths.parse::<u16>()) {
            (Ok(whole @ 20..=50), Ok(digit @ 0..=9)) if tenths.len() == 1 => whole * 10 + digit,
            _ => return Err(error(&argument.place, example)),
        };
        Ok((comparison, decicelsius))
    }

    fn list(&mut self, place: &Range<usize>) -> Result<ListId, SyntaxError> {
        let argument = self
            .positional()
            .ok_or_else(|| error(place, "expected the name of a list, such as `compared(four-classes)`"))?;
        self.known_list(argument)
    }

    fn known_list(&self, argument: &Argument<'_>) -> Result<ListId, SyntaxError> {
        let known = self.names.lists.iter().any(|list| list == argument.value);
        match ListId::parse(argument.value) {
            Ok(list) if known => Ok(list),
            _ => Err(SyntaxError {
                span: argument.place.clone(),
                message: format!("no list `{}`", argument.value),
                help: Some(suggestion(argument.value, self.names.lists.iter().map(String::as_str)).unwrap_or_else(
                    || "every word on which a duty hangs is a dated list: declare it as [[list]]".to_owned(),
                )),
            }),
        }
    }

    fn place_condition(&mut self) -> Result<PlaceCondition, SyntaxError> {
        let mut condition = PlaceCondition::default();
        let asked = |argument: &Argument<'_>| matches!(argument.name, Some("in" | "outside" | "level" | "near"));
        while let Some(argument) = self.take(asked) {
            match argument.name {
                Some("level") => condition.level = Some(level(argument)?),
                Some("near") => condition.near = Some(level(argument)?),
                Some("in") => condition.inside.push(self.place_name(argument)?),
                _ => condition.outside.push(self.place_name(argument)?),
            }
        }
        Ok(condition)
    }

    fn place_name(&self, argument: &Argument<'_>) -> Result<PlaceName, SyntaxError> {
        if argument.value.starts_with(|first: char| first.is_ascii_digit()) {
            return match AreaCode::parse(argument.value) {
                Ok(area) => Ok(PlaceName::Area(area)),
                Err(reason) => Err(error(&argument.place, &reason.to_string())),
            };
        }
        self.known_list(argument).map(PlaceName::List)
    }

    fn finish(self) -> Result<(), SyntaxError> {
        match self.arguments.first() {
            None => Ok(()),
            Some(argument) => Err(error(&argument.place, &format!("`{}` does not belong here", argument.value))),
        }
    }
}

fn level(argument: &Argument<'_>) -> Result<Level, SyntaxError> {
    match argument.value {
        "low" => Ok(Level::Low),
        "medium" => Ok(Level::Medium),
        "high" => Ok(Level::High),
        _ => Err(error(&argument.place, "expected `low`, `medium` or `high`")),
    }
}

fn state(selector: StateSelector) -> Meaning {
    Meaning::States(vec![selector])
}

fn missing<'a>(place: &Range<usize>, word: &str, choices: impl Iterator<Item = &'a str>) -> SyntaxError {
    let choices: Vec<_> = choices.collect();
    error(place, &format!("`{word}` needs one of: {}", choices.join(", ")))
}

fn unknown(word: &str, place: Range<usize>, names: &Names) -> SyntaxError {
    let known = TERMS.iter().map(|(term, _)| *term).chain(names.definitions.keys().map(String::as_str));
    SyntaxError { span: place, message: format!("unknown term `{word}`"), help: suggestion(word, known) }
}

/// `did you mean …?` for the most similar known word, if one is near.
fn suggestion<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(3))
        .min()
        .map(|(_, candidate)| format!("did you mean `{candidate}`?"))
}

fn error(span: &Range<usize>, message: &str) -> SyntaxError {
    SyntaxError { span: span.clone(), message: message.to_owned(), help: None }
}
