//! What generated facts show of a pack: rules that held for nobody, and rules that never held without a worse one.
//!
//! The histories follow from fixed numbers, so that a pack is always found the same. They are made from what its conditions
//! ask for, and so reach what a text does not show; what they do not reach may still be there.

use yima_model::fact::{Answer, Channel, DwellingRole, StayOrigin, Symptoms, TestMethod};
use yima_model::id::{CampaignId, PoolId, SampleId, SourceId};
use yima_model::{
    AreaCode, AreaSet, Content, Fact, FactId, Filing, Interval, Occurred, PersonId, Source, SourceKind, Subject,
    Timestamp,
};

use crate::diagnostic::{Diagnostic, Severity};
use crate::expression::{By, Comparison, EventMatch, EventSelector, PlaceCondition, PlaceName, StateSelector, Tube};
use crate::file::PackFile;
use crate::pack::{Pack, Rule};
use crate::selector::{Selector, selectors};
use crate::timeline::{Everybody, Ground};

/// How many histories are made for each rule.
const HISTORIES: u64 = 96;

/// A rule is called covered only if it has held in so many of them.
const HELD_LEAST: usize = 24;

const HOUR: i64 = 3_600_000;

/// A history goes on for so many steps of six hours.
const STEPS: u64 = 160;

/// Where somebody lives under a national pack, so that nothing happens at home by chance.
const HOME: &str = "630102";

/// Areas in which something may happen; the last lies outside the mainland.
const AREAS: [&str; 6] = ["610102", "420106", "310101", "440103", "330102", "81"];

/// The rules of the pack that hold in no generated history, and those that hold in none without a worse one.
///
/// `source` is the text that the pack was read from. It takes some tenths of a second.
pub fn search(source: &str, pack: &Pack) -> Vec<Diagnostic> {
    let file: Option<PackFile> = toml::from_str(source).ok();
    let places = file.iter().flat_map(|file| &file.rule).map(|rule| rule.when.span());
    let searched = pack.rules.iter().map(|rule| (rule, Searched::of(pack, rule)));
    let finding = |((rule, searched), span): ((&Rule, Searched), _)| {
        let (code, message) = searched.tell(rule)?;
        let help =
            "look at its condition with `yima pack explain`, and at single histories with `yima eval`".to_owned();
        Some(Diagnostic { severity: Severity::Warning, code, message, span, help: Some(help) })
    };
    searched.zip(places).filter_map(finding).collect()
}

/// What the histories show of one rule.
struct Searched<'a> {
    held: usize,
    /// The rules that are as harsh or harsher and held whenever it did.
    beside: Vec<&'a Rule>,
}

impl<'a> Searched<'a> {
    fn of(pack: &'a Pack, rule: &Rule) -> Self {
        let harsher = pack.rules.iter().filter(|other| other.id != rule.id && other.colour >= rule.colour);
        let mut found = Self { held: 0, beside: harsher.collect() };
        for number in 0..HISTORIES {
            let facts = History::new(pack, number).of(rule);
            let everybody = Everybody::new(throughout(pack), &facts, Timestamp::FOREVER);
            let own: Vec<_> = facts.iter().filter(|fact| fact.subject() != Subject::Global).cloned().collect();
            let timeline = everybody.timeline(&own, Timestamp::FOREVER);
            let of = |wanted: &Rule| -> Vec<Interval> {
                let is_wanted = |ground: &&Ground<'_>| ground.rule.id == wanted.id;
                timeline.grounds().iter().filter(is_wanted).map(|ground| ground.interval).collect()
            };
            let own = of(rule);
            found.held += usize::from(!own.is_empty());
            found.beside.retain(|other| own.iter().all(|interval| lies_in(*interval, &of(other))));
        }
        found
    }

    fn tell(&self, rule: &Rule) -> Option<(&'static str, String)> {
        match (self.held, self.beside.first()) {
            (0, _) => Some(("never-held", format!("{} holds in none of {HISTORIES} generated histories", rule.id))),
            (HELD_LEAST.., Some(by)) => {
                let message = format!("in {} generated histories {} held only while {} did", self.held, rule.id, by.id);
                Some(("always-covered", message))
            }
            _ => None,
        }
    }
}

fn lies_in(inner: Interval, outer: &[Interval]) -> bool {
    outer.iter().any(|outer| outer.from() <= inner.from() && inner.until() <= outer.until())
}

fn throughout(pack: &Pack) -> Pack {
    let mut pack = Pack { from: Timestamp::BEGINNING, until: Timestamp::FOREVER, ..pack.clone() };
    pack.lists.iter_mut().for_each(|list| list.from = Timestamp::BEGINNING);
    pack
}

/// One generated history: facts of one person and for everybody.
struct History<'a> {
    pack: &'a Pack,
    drawn: u64,
    home: Option<AreaCode>,
    facts: Vec<Fact>,
}

impl<'a> History<'a> {
    fn new(pack: &'a Pack, number: u64) -> Self {
        let home = pack.areas.include.first().copied().or_else(|| AreaCode::parse(HOME).ok());
        Self { pack, drawn: number.wrapping_mul(0x2545_F491_4F6C_DD1D), home, facts: Vec::new() }
    }

    /// A number below `bound`, by the mixing function that Steele, Lea and Flood named SplitMix.
    fn below(&mut self, bound: u64) -> u64 {
        self.drawn = self.drawn.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.drawn;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        let at = usize::try_from(self.below(choices.len() as u64)).ok()?;
        choices.get(at).copied()
    }

    /// Facts of the kinds that the rule asks for, some of them several times, some not at all.
    fn of(mut self, rule: &Rule) -> Vec<Fact> {
        let begin = self.pack.from;
        self.file(SourceKind::Resident, Occurred::since(begin), Content::Registration);
        if let Some(area) = self.home {
            let dwelling = Content::Dwelling { area, role: DwellingRole::Home };
            self.file(SourceKind::Resident, Occurred::since(begin), dwelling);
        }
        for selector in selectors(&rule.when) {
            self.some(selector, 4);
        }
        // In half of them happens what other rules ask for too, such as the test whose absence they restrict.
        let others = self.pack.rules.iter().filter(|other| other.id != rule.id && self.drawn.is_multiple_of(2));
        for selector in others.flat_map(|other| selectors(&other.when)).collect::<Vec<_>>() {
            self.some(selector, 3);
        }
        self.facts
    }

    /// Fewer than so many facts that match.
    fn some(&mut self, selector: Selector<'_>, bound: u64) {
        for _ in 0..self.below(bound) {
            match selector {
                Selector::Event(event) => self.event(event),
                Selector::State(state) => self.state(state),
            };
        }
    }

    fn instant(&mut self) -> Timestamp {
        let steps = i64::try_from(self.below(STEPS)).unwrap_or_default();
        self.pack.from.plus_millis(steps * 6 * HOUR)
    }

    fn event(&mut self, event: &EventSelector) -> Option<()> {
        if let EventMatch::Isolated(places) = &event.what {
            return self.state(&StateSelector::Isolation(places.clone()));
        }
        let at = self.instant();
        let content = self.content(&event.what, at)?;
        let source = match event.by {
            By::Others => SourceKind::Community,
            By::Anybody | By::Oneself => SourceKind::Resident,
        };
        self.file(source, Occurred::at(at), content)
    }

    /// What an event that matches states; `None` where no place that is asked for can be made.
    fn content(&mut self, what: &EventMatch, at: Timestamp) -> Option<Content> {
        let either = |history: &mut Self, stated: Option<bool>| stated.unwrap_or_else(|| history.below(2) == 0);
        Some(match what {
            EventMatch::Declared(contact) => {
                let contact = contact.unwrap_or(Answer::No);
                Content::Declaration { symptoms: Symptoms::NONE, contact, on_duty: false }
            }
            EventMatch::CheckedIn(_) => Content::CheckIn { symptoms: Symptoms::NONE },
            EventMatch::Symptom(symptoms) if self.below(2) == 0 => Content::CheckIn { symptoms: *symptoms },
            EventMatch::Symptom(symptoms) => {
                Content::Declaration { symptoms: *symptoms, contact: Answer::No, on_duty: false }
            }
            EventMatch::Temperature(comparison, bound) => Content::Temperature {
                decicelsius: match comparison {
                    Comparison::AtLeast | Comparison::AtMost => *bound,
                    Comparison::Greater => bound + 1,
                    Comparison::Less => bound - 1,
                },
            },
            EventMatch::Compared(list, matched, _) => {
                Content::Comparison { list: list.clone(), as_of: at, matched: either(self, *matched) }
            }
            EventMatch::Reviewed => Content::Review,
            EventMatch::FollowUp(clear) => Content::FollowUp { clear: either(self, *clear) },
            EventMatch::Test(positive, method, tube) => {
                let (sample, method) = (self.sample(at, *tube)?, method.unwrap_or(TestMethod::NucleicAcid));
                Content::TestResult { sample, method, positive: either(self, *positive) }
            }
            EventMatch::Missed(campaign) => {
                let any = CampaignId::parse("any").ok();
                Content::MissedTest { campaign: campaign.clone().or(any)? }
            }
            EventMatch::Contact(degrees) => {
                Content::Contact { degree: self.one_of(degrees)?, of: FactId::from_bytes([0; 16]) }
            }
            EventMatch::Arrival(place) => {
                let abroad = place.holds_abroad();
                let from = if abroad && self.below(2) == 0 { None } else { self.place(place) };
                Content::Arrival { from, to: self.home? }
            }
            // It is the beginning of a state.
            EventMatch::Isolated(_) => return None,
            EventMatch::Vaccinated(dose) => Content::Vaccination { dose: *dose },
            EventMatch::Statement(meaning) => Content::Statement { meaning: *meaning, origin: None },
        })
    }

    /// A sample, in a tube that others share only where that is asked for.
    fn sample(&mut self, at: Timestamp, tube: Option<Tube>) -> Option<SampleId> {
        let sample = SampleId::from_bytes(u128::try_from(self.facts.len()).ok()?.to_be_bytes());
        let pool = (tube == Some(Tube::Pool)).then(|| PoolId::from_bytes([0; 16]));
        let content = Content::Sample { sample, pool, method: TestMethod::NucleicAcid };
        self.file(SourceKind::Community, Occurred::at(at), content)?;
        Some(sample)
    }

    fn state(&mut self, state: &StateSelector) -> Option<()> {
        let from = self.instant();
        let hours = i64::try_from(self.below(56)).ok()? * 6 + 6;
        let occurred = Occurred::During { from, until: from.plus_millis(hours * HOUR) };
        let content = match state {
            StateSelector::Registered => Content::Registration,
            StateSelector::Bound => Content::Binding { channel: Channel::Phone },
            StateSelector::Case(classes) => Content::Case { class: self.one_of(classes)? },
            StateSelector::Isolation(places) => {
                Content::Isolation { place: self.one_of(places)?, ground: FactId::from_bytes([0; 16]) }
            }
            StateSelector::Dwelling(place) => {
                Content::Dwelling { area: self.place(place)?, role: DwellingRole::Present }
            }
            StateSelector::Stay(place, _) => Content::Stay { area: self.place(place)?, origin: StayOrigin::Declared },
            StateSelector::Notice(kind) => Content::Notice { kind: *kind, areas: AreaSet::of(self.home?) },
        };
        self.file(SourceKind::Community, occurred, content)
    }

    /// An area that satisfies the condition, listed and given its level for the purpose.
    fn place(&mut self, place: &PlaceCondition) -> Option<AreaCode> {
        let kept_out = |area: AreaCode| {
            place.outside.iter().any(|name| match name {
                PlaceName::Area(outside) => outside.contains(area),
                PlaceName::List(list) => {
                    self.pack.lists.iter().any(|known| known.id == *list && known.areas.contains(area))
                }
            })
        };
        let named = place.inside.iter().filter_map(|name| match name {
            PlaceName::Area(area) => Some(*area),
            PlaceName::List(_) => None,
        });
        let listed = self.pack.lists.iter().filter(|list| place.inside.contains(&PlaceName::List(list.id.clone())));
        let known =
            named.max_by_key(|area| area.depth()).into_iter().chain(listed.flat_map(|list| list.areas.include.clone()));
        let any = AREAS.iter().filter_map(|area| AreaCode::parse(area).ok());
        let area = known.chain(any).find(|area| !kept_out(*area))?;
        let always = Occurred::since(Timestamp::BEGINNING);
        for list in place.inside.iter().filter_map(PlaceName::list) {
            let content = Content::List { list: list.clone(), areas: AreaSet::of(area) };
            self.file(SourceKind::Headquarters, always, content)?;
        }
        if let Some(level) = place.level {
            self.file(SourceKind::Headquarters, always, Content::AreaLevel { areas: AreaSet::of(area), level })?;
        }
        if let Some(level) = place.near {
            let town = AreaCode::parse(&format!("{area}999")).ok()?;
            self.file(SourceKind::Headquarters, always, Content::AreaLevel { areas: AreaSet::of(town), level })?;
        }
        Some(area)
    }

    fn file(&mut self, kind: SourceKind, occurred: Occurred, content: Content) -> Option<()> {
        let number = u128::try_from(self.facts.len()).ok()? + 1;
        let global = matches!(content, Content::AreaLevel { .. } | Content::List { .. } | Content::Notice { .. });
        let subject = if global { Subject::Global } else { Subject::Person(PersonId::from_bytes([0; 16])) };
        let source = Source { kind, id: SourceId::parse("generated").ok()? };
        let id = FactId::from_bytes(number.to_be_bytes());
        let filing = Filing { id, subject, source, occurred, cause: None, replaces: None, content };
        self.facts.push(filing.record(occurred.start()).ok()?);
        Some(())
    }
}
