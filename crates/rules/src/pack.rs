//! Rule packs: what an authority puts in force, read from one TOML file.

use std::collections::BTreeMap;

use yima_model::id::{ListId, PackId, RuleId};
use yima_model::{AreaSet, Colour, FirstDay, Timestamp, Zone};

use crate::expression::{Condition, EventMatch, EventSelector, Term, Trigger};

/// The languages that every pack speaks.
pub const LANGUAGES: [&str; 3] = ["zh-CN", "zh-TW", "en"];

/// One pack, checked: only [`crate::check::load`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Its name, such as `hubei-2020-02`.
    pub id: PackId,
    /// What residents read.
    pub title: Text,
    /// Who puts it in force.
    pub authority: Text,
    /// The legal instrument it implements.
    pub instrument: Text,
    /// Where it applies; empty exactly for a national pack, which applies everywhere.
    pub areas: AreaSet,
    /// The worst colour that the pack of a place may add beside this one; set exactly for a national pack.
    pub ceiling: Option<Colour>,
    /// Civil dates are taken in this zone.
    pub zone: Zone,
    /// Whether the day of an event is day 1.
    pub first_day: FirstDay,
    /// From when the windows of tests and other events count.
    pub counts_from: CountsFrom,
    /// Whether a contested fact is inert until it is ruled upon.
    pub while_disputed: WhileDisputed,
    /// When it was published.
    pub published: Timestamp,
    /// Why rules of the version before are still needed; a renewal says so.
    pub because: Option<Text>,
    /// Why it could not be announced a day before it binds; it lapses within three days.
    pub emergency: Option<Text>,
    /// In force from this instant.
    pub from: Timestamp,
    /// In force until this instant.
    pub until: Timestamp,
    /// The colour where no ground holds: green, or grey.
    pub base: Colour,
    /// For how many days facts that no rule can see any more lie sealed for appeals and courts before they are destroyed;
    /// without it nothing is destroyed.
    pub audit_days: Option<u16>,
    /// Whom to call about any ground of the pack.
    pub call: Text,
    /// The pack that this one takes over from, if it names one.
    pub follows: Option<Takeover>,
    /// For what time visits to venues are reported centrally in its areas; without it they stay on the phones.
    pub visits: Option<VenueVisits>,
    /// The dated lists it hangs duties on, with the version it was published with.
    pub lists: Vec<PackList>,
    /// Its rules, in the order of the file.
    pub rules: Vec<Rule>,
}

/// A headquarters has visits to venues reported, with its reason and for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueVisits {
    /// From this instant.
    pub from: Timestamp,
    /// Until this instant, that of the pack at the latest.
    pub until: Timestamp,
    /// For how many days after its day a visit is kept.
    pub days: u16,
    /// The sentence of the notice.
    pub source: String,
    /// What a resident reads before the first visit is reported.
    pub reason: Text,
}

/// One published condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, such as `HB-3`.
    pub id: RuleId,
    /// The colour of its grounds.
    pub colour: Colour,
    /// Whether its grounds speak of health or of paperwork.
    pub class: Class,
    /// Why it is grey; set exactly for grey rules.
    pub cause: Option<GreyCause>,
    /// When it holds.
    pub when: Condition,
    /// The condition as the pack writes it.
    pub when_text: String,
    /// The rules of the version before, beside one of the same id, in the place of which it stands.
    pub replaces: Vec<RuleId>,
    /// What becomes of grounds that the version before has begun.
    pub transition: Transition,
    /// The sentence of the notice that it implements, or `our reading` where the notice leaves it open.
    pub source: String,
    /// Why the person has this colour.
    pub reason: Text,
    /// What the person should do.
    pub guide: Text,
    /// What clears it.
    pub clears: Text,
}

/// How a pack takes over from the version before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Takeover {
    /// The version before.
    pub pack: PackId,
    /// What becomes of grounds by rules that no rule of the new version corresponds to, unless `dropped` names them.
    pub transition: Transition,
    /// The same for single rules of the version before.
    pub dropped: BTreeMap<RuleId, Transition>,
}

/// What becomes of people in the middle of a measure when a new version takes over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Transition {
    /// The new version counts as if it had always been.
    #[default]
    Apply,
    /// What has begun under the old version goes on under it.
    Keep,
    /// What has begun goes on only while both versions have it.
    Shorter,
    /// What runs when the new version takes over begins again.
    Restart,
}

impl Transition {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Apply, Self::Keep, Self::Shorter, Self::Restart];

    /// The word used in packs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Keep => "keep",
            Self::Shorter => "shorter",
            Self::Restart => "restart",
        }
    }
}

/// Whether a ground speaks of health or of paperwork.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A health risk.
    Risk,
    /// A lapse, a missing comparison, a closed area.
    Administrative,
}

impl Class {
    /// The word used in packs and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Risk => "risk",
            Self::Administrative => "administrative",
        }
    }
}

/// What a rule is there for; the two lines of defence are listed apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// 外防输入: it holds for whoever has arrived from somewhere, and for nobody else.
    Arrivals,
    /// 内防扩散: against spread inside.
    Inside,
    /// Reports, check-ins, comparisons and openings.
    Procedure,
}

impl Purpose {
    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Arrivals => "arrivals",
            Self::Inside => "inside",
            Self::Procedure => "procedure",
        }
    }
}

/// The four causes of grey, each cleared by the holder's own act or the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GreyCause {
    /// The area is not opened yet, or no pack applies.
    NotOpened,
    /// Not yet compared: pending.
    NotCompared,
    /// The check-in lapsed, where the pack answers that with grey.
    CheckInLapsed,
    /// The binding expired.
    BindingExpired,
}

impl GreyCause {
    /// All four.
    pub const ALL: [Self; 4] = [Self::NotOpened, Self::NotCompared, Self::CheckInLapsed, Self::BindingExpired];

    /// The word used in packs and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotOpened => "not-opened",
            Self::NotCompared => "not-compared",
            Self::CheckInLapsed => "check-in-lapsed",
            Self::BindingExpired => "binding-expired",
        }
    }
}

/// From when windows and spacing count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CountsFrom {
    /// From when it happened: a test from its sampling.
    Occurrence,
    /// From when its outcome was known: a test from its report.
    Report,
}

impl CountsFrom {
    /// What packs call by this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [("occurrence", Self::Occurrence), ("report", Self::Report)]
            .into_iter()
            .find_map(|(known, from)| (known == word).then_some(from))
    }

    /// The other one.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Occurrence => Self::Report,
            Self::Report => Self::Occurrence,
        }
    }
}

/// What holds while a ground is contested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WhileDisputed {
    /// The contested fact counts until it is ruled upon or the deadline passes.
    Holds,
    /// The contested fact is inert from the dispute on, until a ruling lets it stand.
    Inert,
}

/// A list of areas with the version that the pack was published with; `list` facts bring later versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackList {
    /// Its name.
    pub id: ListId,
    /// What residents read.
    pub title: Text,
    /// From when this version counts.
    pub from: Timestamp,
    /// What puts a place or a person on it, if the pack says so.
    pub evidence: Option<Evidence>,
    /// Where what the pack itself puts on it comes from; of places with cases, which cases.
    pub source: Option<String>,
    /// Whether it is the register of this system: then the nodes compare everybody with the cases and contacts that they hold.
    /// Of any other list nobody but those who keep it file comparisons.
    pub kept_here: bool,
    /// What stands on it.
    pub areas: AreaSet,
}

/// What puts a place or a person on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// Cases: each place is listed for those that were found in it.
    Cases,
    /// A register: somebody examined each person.
    Register,
    /// A map: it tells where somebody comes from, and says nothing of the place.
    Map,
    /// Traces: what was inferred, such as from a cell of a telephone network or a photographed poster.
    Traces,
}

impl Evidence {
    const ALL: [Self; 4] = [Self::Cases, Self::Register, Self::Map, Self::Traces];

    /// The evidence that packs call by this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|evidence| evidence.word() == word)
    }

    /// The word used in packs and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cases => "cases",
            Self::Register => "register",
            Self::Map => "map",
            Self::Traces => "traces",
        }
    }
}

/// A text in every language of the pack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(BTreeMap<String, String>);

impl Text {
    /// The text in these languages.
    pub fn new(texts: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(texts.into_iter().collect())
    }

    /// The text in `language`, if it has one.
    pub fn get(&self, language: &str) -> Option<&str> {
        self.0.get(language).map(String::as_str)
    }

    /// All languages with their texts, sorted by language.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(language, text)| (language.as_str(), text.as_str()))
    }
}

impl Pack {
    /// Whether people in the middle of a measure of the version before are judged by anything but the rules of this one.
    pub fn is_transitional(&self) -> bool {
        let lasting = |transition: &Transition| *transition == Transition::Keep;
        self.follows.as_ref().is_some_and(|follows| {
            self.rules.iter().any(|rule| rule.transition != Transition::Apply)
                || lasting(&follows.transition)
                || follows.dropped.values().any(lasting)
        })
    }

    /// Whether the pack is in force at `at`.
    pub fn in_force(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

impl Rule {
    /// What it is there for.
    pub fn purpose(&self) -> Purpose {
        match self.class {
            Class::Administrative => Purpose::Procedure,
            Class::Risk if rests_on_arrival(&self.when) => Purpose::Arrivals,
            Class::Risk => Purpose::Inside,
        }
    }

    /// Whether it stands in the place of the rule of this name of the version before.
    pub fn succeeds(&self, earlier: &RuleId) -> bool {
        self.id == *earlier || self.replaces.contains(earlier)
    }
}

/// Whether nothing makes the condition hold for somebody who has not arrived from somewhere.
fn rests_on_arrival(condition: &Condition) -> bool {
    let arrivals = |events: &[EventSelector]| events.iter().all(|event| matches!(event.what, EventMatch::Arrival(_)));
    match condition {
        Condition::Within(Term::Events(events), _) | Condition::From(events, ..) => arrivals(events),
        Condition::Count(count) => arrivals(&count.events),
        Condition::Until(until) => match &until.trigger {
            Trigger::Events(events) => arrivals(events),
            Trigger::Condition(trigger) => rests_on_arrival(trigger),
        },
        Condition::And(parts) => parts.iter().any(rests_on_arrival),
        Condition::Or(parts) => parts.iter().all(rests_on_arrival),
        Condition::Constant(value) => !value,
        Condition::State(_)
        | Condition::Within(Term::States(_), _)
        | Condition::No(..)
        | Condition::OnDays(..)
        | Condition::Not(_) => false,
    }
}
