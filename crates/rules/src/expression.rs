//! What a rule's condition says, as data; docs/RULES.md gives each part its meaning.

use yima_model::fact::{
    Answer, CaseClass, ContactDegree, IsolationPlace, NoticeKind, StatementMeaning, Symptoms, TestMethod,
};
use yima_model::id::{CampaignId, ListId};
use yima_model::{AreaCode, Level, SourceKind, Span};

use crate::pack::CountsFrom;

/// A condition: something that holds at some instants and not at others.
///
/// `E` names events: by what they state, or, in the engine, by a number that the pack has given to that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition<E = EventTerm> {
    /// Always or never; what a setting of the pack stands for.
    Constant(bool),
    /// `S`: while one of the states lasts.
    State(StateTerm),
    /// `E within D` or `S within D`.
    Within(Term<E>, Span),
    /// `E from D1 for D2`: delay and length, both in days or both in hours.
    From(E, Span, Span),
    /// `no X within D`.
    No(Term<E>, Span),
    /// `count(E, n, apart: A, within: W)`.
    Count(Count<E>),
    /// `on_days(E, 1, 4, 7)`: on each of these days of the measure that it clears.
    OnDays(E, Vec<u16>),
    /// `X until C at most D` and `X until C after D at most D`.
    Until(Box<Until<E>>),
    /// All of them.
    And(Vec<Self>),
    /// One of them at least.
    Or(Vec<Self>),
    /// Not this one.
    Not(Box<Self>),
}

/// `count(E, n, apart: A, within: W)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count<E = EventTerm> {
    /// The events that count.
    pub events: E,
    /// How many are wanted, at least one.
    pub wanted: u8,
    /// The least time from one to the next; in days, the least difference of civil dates.
    pub apart: Span,
    /// The longest time from the first to the last.
    pub within: Span,
}

/// `X until C after A at most D`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Until<E = EventTerm> {
    /// What starts it.
    pub trigger: Trigger<E>,
    /// What clears it; contains neither `no` nor `not`, since absence before the trigger would clear at once.
    pub clears: Trigger<E>,
    /// For how long, counted from the last instant of the trigger, nothing clears it; zero if it is not said.
    pub after: Span,
    /// When it ends at the latest, counted from the last instant of the trigger.
    pub at_most: Span,
}

/// Either side of `until`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger<E = EventTerm> {
    /// Events: the trigger holds at each one's instant and is known from when it is usable; as a clearing, from when it is usable.
    Events(E),
    /// While a condition holds.
    Condition(Condition<E>),
}

/// Events or states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term<E = EventTerm> {
    /// Events.
    Events(E),
    /// States.
    States(StateTerm),
}

/// The events that match one of these.
pub type EventTerm = Vec<EventSelector>;

/// The states that match one of these.
pub type StateTerm = Vec<StateSelector>;

/// Which events match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventSelector {
    /// What they state.
    pub what: EventMatch,
    /// Who filed them.
    pub by: By,
    /// From when they count; as the pack says, if absent. All of one term say the same.
    pub counts_from: Option<CountsFrom>,
}

/// Who filed a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Anybody.
    Anybody,
    /// The person concerned, or the guardian in that one's stead.
    Oneself,
    /// Anybody else.
    Others,
}

/// What an event states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventMatch {
    /// A declaration, or only those with this answer about contacts.
    Declared(Option<Answer>),
    /// A daily check-in; `Some(true)` only clear ones, which state no symptom.
    CheckedIn(Option<bool>),
    /// A declaration or check-in with one of these symptoms.
    Symptom(Symptoms),
    /// A temperature that compares so with this many tenths of a degree Celsius.
    Temperature(Comparison, u16),
    /// A comparison with this list; `Some(true)` only matches that no other fact explains, `Some(false)` only clear ones; with a
    /// span, only those for which the list was complete up to no longer before than that.
    Compared(ListId, Option<bool>, Option<Span>),
    /// An ordered review.
    Reviewed,
    /// A follow-up; `Some(true)` only clear ones.
    FollowUp(Option<bool>),
    /// A test result; `Some(true)` only positive ones.
    Test(Option<bool>, Option<TestMethod>, Option<Tube>),
    /// A mandatory test that was missed, of this campaign or any.
    Missed(Option<CampaignId>),
    /// A contact of one of these degrees.
    Contact(Vec<ContactDegree>),
    /// The beginning of an isolation in one of these forms.
    Isolated(Vec<IsolationPlace>),
    /// An arrival from such a place; from abroad lies outside every place.
    Arrival(PlaceCondition),
    /// A dose with at least this number.
    Vaccinated(u8),
    /// A verified statement of another issuer.
    Statement(StatementMeaning),
}

/// Whether a sample was tested alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tube {
    /// In a tube of its own, as far as is known.
    Single,
    /// In a tube that it shared with others.
    Pool,
}

/// How a measured value compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// Whether `value` compares so with `bound`.
    pub const fn holds(self, value: u16, bound: u16) -> bool {
        match self {
            Self::Less => value < bound,
            Self::AtMost => value <= bound,
            Self::Greater => value > bound,
            Self::AtLeast => value >= bound,
        }
    }
}

/// Which states match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateSelector {
    /// The registration.
    Registered,
    /// A binding to phone, e-mail or desk card.
    Bound,
    /// A case of one of these classes.
    Case(Vec<CaseClass>),
    /// An isolation at one of these places.
    Isolation(Vec<IsolationPlace>),
    /// The present dwelling while it lies in such a place.
    Dwelling(PlaceCondition),
    /// A stay while it lies in such a place, from when it has done so for this long, in hours.
    Stay(PlaceCondition, Span),
    /// A notice of this kind for the area of the present dwelling.
    Notice(NoticeKind),
}

/// Where; every part given must hold at the same instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaceCondition {
    /// The area is listed with this level.
    pub level: Option<Level>,
    /// Something in its county is, and the area itself is not.
    pub near: Option<Level>,
    /// It lies in each of these.
    pub inside: Vec<PlaceName>,
    /// It lies in none of these.
    pub outside: Vec<PlaceName>,
}

/// An area or a dated list of areas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceName {
    /// One area with all that lies in it.
    Area(AreaCode),
    /// A list that the pack declares.
    List(ListId),
}

impl PlaceCondition {
    /// Whether somewhere abroad, which lies outside every place and near none, satisfies it.
    pub const fn holds_abroad(&self) -> bool {
        self.inside.is_empty() && self.level.is_none() && self.near.is_none()
    }
}

impl By {
    /// Whether what a source of this kind files is meant.
    pub const fn means(self, source: SourceKind) -> bool {
        let by_oneself = matches!(source, SourceKind::Resident | SourceKind::Guardian);
        match self {
            Self::Anybody => true,
            Self::Oneself => by_oneself,
            Self::Others => !by_oneself,
        }
    }
}

impl<E> Condition<E> {
    /// This condition and every one inside it, the clearing sides of `until` included.
    pub fn visit<'a>(&'a self, each: &mut impl FnMut(&'a Self)) {
        each(self);
        match self {
            Self::Constant(_)
            | Self::State(_)
            | Self::Within(..)
            | Self::From(..)
            | Self::No(..)
            | Self::Count(_)
            | Self::OnDays(..) => {}
            Self::Until(until) => {
                for side in [&until.trigger, &until.clears] {
                    if let Trigger::Condition(condition) = side {
                        condition.visit(each);
                    }
                }
            }
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.visit(each)),
            Self::Not(part) => part.visit(each),
        }
    }

    /// Whether counting clears anything that makes it hold, so that there is progress to show.
    pub fn is_cleared_by_count(&self) -> bool {
        let mut counts = false;
        self.visit(&mut |part| {
            if let Self::Until(until) = part
                && let Trigger::Condition(clears) = &until.clears
            {
                clears.visit(&mut |part| counts |= matches!(part, Self::Count(_) | Self::OnDays(..)));
            }
        });
        counts
    }

    /// The same condition with its events named in another way.
    pub fn rename<F>(&self, name: &mut impl FnMut(&E) -> F) -> Condition<F> {
        match self {
            Self::Constant(value) => Condition::Constant(*value),
            Self::State(states) => Condition::State(states.clone()),
            Self::Within(term, span) => Condition::Within(term.rename(name), *span),
            Self::From(events, delay, length) => Condition::From(name(events), *delay, *length),
            Self::No(term, span) => Condition::No(term.rename(name), *span),
            Self::Count(Count { events, wanted, apart, within }) => {
                Condition::Count(Count { events: name(events), wanted: *wanted, apart: *apart, within: *within })
            }
            Self::OnDays(events, days) => Condition::OnDays(name(events), days.clone()),
            Self::Until(until) => Condition::Until(Box::new(Until {
                trigger: until.trigger.rename(name),
                clears: until.clears.rename(name),
                after: until.after,
                at_most: until.at_most,
            })),
            Self::And(parts) => Condition::And(parts.iter().map(|part| part.rename(name)).collect()),
            Self::Or(parts) => Condition::Or(parts.iter().map(|part| part.rename(name)).collect()),
            Self::Not(part) => Condition::Not(Box::new(part.rename(name))),
        }
    }
}

impl<E> Term<E> {
    fn rename<F>(&self, name: &mut impl FnMut(&E) -> F) -> Term<F> {
        match self {
            Self::Events(events) => Term::Events(name(events)),
            Self::States(states) => Term::States(states.clone()),
        }
    }
}

impl<E> Trigger<E> {
    fn rename<F>(&self, name: &mut impl FnMut(&E) -> F) -> Trigger<F> {
        match self {
            Self::Events(events) => Trigger::Events(name(events)),
            Self::Condition(condition) => Trigger::Condition(condition.rename(name)),
        }
    }
}
