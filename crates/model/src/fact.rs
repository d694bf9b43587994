//! Facts: immutable, dated, sourced statements of a closed list of kinds.
//!
//! Nothing else can be recorded. There is no kind for a colour, and none for how a person lives.

use thiserror::Error;

use crate::area::{AreaCode, AreaSet, Depth, Level};
use crate::document::DocumentKind;
use crate::id::{CampaignId, FactId, ListId, PackId, PersonId, PoolId, Remark, SampleId, SourceId, StatementIssuer};
use crate::time::Timestamp;

/// How far an event may lie after the moment it is recorded: clocks differ, the future is not a fact.
pub const EVENT_LEAD_MILLIS: i64 = 5 * 60 * 1000;

/// One fact as the ledger accepted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    filing: Filing, // INVARIANT: its shape fits its kind and its subject, and an event is not in the future of `recorded`
    recorded: Timestamp,
}

/// What a source files: a fact before the ledger has accepted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filing {
    /// Chosen by the source, so that filing twice is filing once.
    pub id: FactId,
    /// Whom it is about.
    pub subject: Subject,
    /// Who files it.
    pub source: Source,
    /// When it happened, or during what time it holds.
    pub occurred: Occurred,
    /// The fact that led to this one; retracting the cause retracts this fact too.
    pub cause: Option<FactId>,
    /// The older fact that this one takes the place of.
    pub replaces: Option<FactId>,
    /// What is stated.
    pub content: Content,
}

/// Whom a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// One natural person.
    Person(PersonId),
    /// Everybody: levels of areas, notices, lists, packs.
    Global,
}

/// Who files a fact.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// What kind of body it is.
    pub kind: SourceKind,
    /// Which one.
    pub id: SourceId,
}

impl Source {
    /// Whether both belong to one institution, so that what one says is no second word on what the other says.
    pub fn is_colleague_of(&self, other: &Self) -> bool {
        self.id.institution() == other.id.institution()
    }
}

/// When a fact happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Occurred {
    /// An event: at an instant, and known to its source from `reported` on if that is later.
    At {
        /// When it happened; for a test, when the sample was taken.
        at: Timestamp,
        /// When its outcome was known; `at` itself where that makes no difference.
        reported: Timestamp,
    },
    /// A state: during `[from, until)`, with [`Timestamp::FOREVER`] for one that has no end yet.
    During {
        /// The first instant.
        from: Timestamp,
        /// The first instant after.
        until: Timestamp,
    },
}

impl Occurred {
    /// An event whose outcome is known at once.
    pub const fn at(at: Timestamp) -> Self {
        Self::At { at, reported: at }
    }

    /// A state without an end yet.
    pub const fn since(from: Timestamp) -> Self {
        Self::During { from, until: Timestamp::FOREVER }
    }

    /// The instant by which windows and spacing count: `at` of an event, `from` of a state.
    pub const fn start(self) -> Timestamp {
        match self {
            Self::At { at, .. } => at,
            Self::During { from, .. } => from,
        }
    }
}

/// Why a filing cannot become a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FactError {
    /// An event kind with an interval, or a state kind with an instant.
    #[error("a {kind} is {expected}", kind = .0.word(), expected = .0.shape().describe())]
    WrongShape(Kind),
    /// A kind about a person filed for everybody, or the other way round.
    #[error("a {kind} is about {expected}", kind = .0.word(), expected = .0.scope().describe())]
    WrongSubject(Kind),
    /// An event more than five minutes after the moment of recording.
    #[error("the event lies in the future; file it when it has happened")]
    InTheFuture,
    /// A report before the event.
    #[error("the report lies before the event; check both times")]
    ReportedTooEarly,
    /// A state that ends before it begins.
    #[error("the state ends before it begins; check both times")]
    EndsTooEarly,
    /// A fact that names itself as its cause or target.
    #[error("a fact cannot refer to itself; name the older fact")]
    RefersToItself,
    /// A temperature that no living person has, such as one in Fahrenheit or without its decimal point.
    #[error("the temperature is not between 30.0 and 45.0 degrees Celsius; measure again")]
    ImplausibleTemperature,
    /// A place that is said to lie in an area which no area around it meets, or in itself.
    #[error("a place lies in, or is the same as, another one that is near it by its code; number the place anew")]
    LiesElsewhere,
    /// A retraction or replacement of the fact's own cause, which would make it hide itself.
    #[error("a fact cannot retract or replace its own cause; file it without a cause")]
    HidesItsCause,
}

impl Filing {
    /// The fact as accepted at `recorded`.
    ///
    /// # Errors
    /// [`FactError`] when the shape does not fit the kind, or times contradict one another.
    pub fn record(self, recorded: Timestamp) -> Result<Fact, FactError> {
        self.check(recorded)?;
        Ok(Fact { filing: self, recorded })
    }

    /// Whether it can be accepted at `recorded`.
    fn check(&self, recorded: Timestamp) -> Result<(), FactError> {
        let kind = self.content.kind();
        match (self.occurred, kind.shape()) {
            (Occurred::At { at, reported }, Shape::Event) => {
                if reported < at {
                    return Err(FactError::ReportedTooEarly);
                }
                if at > recorded.plus_millis(EVENT_LEAD_MILLIS) {
                    return Err(FactError::InTheFuture);
                }
            }
            (Occurred::During { from, until }, Shape::State) => {
                if until <= from {
                    return Err(FactError::EndsTooEarly);
                }
            }
            (Occurred::At { .. }, Shape::State) | (Occurred::During { .. }, Shape::Event) => {
                return Err(FactError::WrongShape(kind));
            }
        }
        let fits = match (self.subject, kind.scope()) {
            (Subject::Person(_), Scope::Person | Scope::Either) | (Subject::Global, Scope::Global | Scope::Either) => {
                true
            }
            (Subject::Person(_), Scope::Global) | (Subject::Global, Scope::Person) => false,
        };
        if !fits {
            return Err(FactError::WrongSubject(kind));
        }
        self.check_references()?;
        match self.content {
            Content::Temperature { decicelsius } if !(300..=450).contains(&decicelsius) => {
                Err(FactError::ImplausibleTemperature)
            }
            Content::Place { place, relation, other, .. } if !may_lie(place, relation, other) => {
                Err(FactError::LiesElsewhere)
            }
            _ => Ok(()),
        }
    }

    fn check_references(&self) -> Result<(), FactError> {
        let target = self.content.target();
        if self.cause.is_none() && self.replaces.is_none() && target.is_none() {
            return Ok(());
        }
        if [self.cause, self.replaces, target].contains(&Some(self.id)) {
            return Err(FactError::RefersToItself);
        }
        let retracted = target.filter(|_| matches!(self.content, Content::Retraction { .. }));
        if self.cause.is_some() && [retracted, self.replaces].contains(&self.cause) {
            return Err(FactError::HidesItsCause);
        }
        Ok(())
    }
}

/// Whether the codes allow it: each of two areas that are one, or of which one lies in the other, has its nearest listed area
/// in that of the other.
fn may_lie(place: AreaCode, relation: PlaceRelation, other: AreaCode) -> bool {
    let is_place = |area: AreaCode| area.depth() == Depth::Place;
    let listed = |area: AreaCode| if is_place(area) { area.parent().unwrap_or(area) } else { area };
    let (near, around) = (listed(place), listed(other));
    is_place(place)
        && place != other
        && (is_place(other) || relation != PlaceRelation::Same)
        && (near.contains(around) || around.contains(near))
}

impl Fact {
    /// What was filed.
    pub const fn filing(&self) -> &Filing {
        &self.filing
    }

    /// When the ledger accepted it.
    pub const fn recorded(&self) -> Timestamp {
        self.recorded
    }

    /// Its id.
    pub const fn id(&self) -> FactId {
        self.filing.id
    }

    /// Whom it is about.
    pub const fn subject(&self) -> Subject {
        self.filing.subject
    }

    /// When it happened.
    pub const fn occurred(&self) -> Occurred {
        self.filing.occurred
    }

    /// What it states.
    pub const fn content(&self) -> &Content {
        &self.filing.content
    }

    /// What kind it is.
    pub const fn kind(&self) -> Kind {
        self.filing.content.kind()
    }
}

/// Whether a kind is an event or a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// It happens at an instant.
    Event,
    /// It holds during an interval.
    State,
}

impl Shape {
    const fn describe(self) -> &'static str {
        match self {
            Self::Event => "an event; give the instant `at` at which it happened",
            Self::State => "a state; give the interval `from` … `until`, or no `until` while it lasts",
        }
    }
}

/// Whom facts of a kind are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One person.
    Person,
    /// Everybody.
    Global,
    /// Either, such as a retraction.
    Either,
}

impl Scope {
    const fn describe(self) -> &'static str {
        match self {
            Self::Person => "one person; name the person",
            Self::Global => "everybody; name no person",
            Self::Either => "a person or everybody",
        }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// All of them, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word used in packs, files and the API.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The value of that word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

words! {
    /// 数据来源: the kinds of bodies that file facts.
    SourceKind {
        /// The person concerned.
        Resident = "resident",
        /// Somebody who manages the person's code.
        Guardian = "guardian",
        /// A service desk or telephone operator, for a person without a phone.
        Desk = "desk",
        /// A neighbourhood or village committee.
        Community = "community",
        /// Whoever checks at an entrance.
        Checkpoint = "checkpoint",
        /// A testing laboratory.
        Laboratory = "laboratory",
        /// A hospital or clinic.
        Hospital = "hospital",
        /// A centre for disease control.
        DiseaseControl = "disease-control",
        /// An airline, railway or coach company.
        Carrier = "carrier",
        /// A national register: residents, entry and exit, cases.
        Register = "register",
        /// An epidemic headquarters that publishes notices, levels, lists and packs.
        Headquarters = "headquarters",
        /// Another province's system.
        Province = "province",
        /// This system, for what follows from other facts by a published procedure.
        System = "system",
    }
}

words! {
    /// The closed list of kinds of facts.
    Kind {
        /// The person applied for a code.
        Registration = "registration",
        /// Where the person lives or is.
        Dwelling = "dwelling",
        /// The code is bound to a phone, e-mail or desk card.
        Binding = "binding",
        /// Somebody manages this person's code.
        Guardianship = "guardianship",
        /// An identity document belongs to the person.
        Document = "document",
        /// The person declared health and history.
        Declaration = "declaration",
        /// A daily check-in.
        CheckIn = "check-in",
        /// A temperature was taken.
        Temperature = "temperature",
        /// The person was compared with a list.
        Comparison = "comparison",
        /// An ordered review took place.
        Review = "review",
        /// A follow-up visit or call.
        FollowUp = "follow-up",
        /// A sample was taken.
        Sample = "sample",
        /// A test has a result.
        TestResult = "test-result",
        /// A mandatory test was not taken.
        MissedTest = "missed-test",
        /// The person is a case.
        Case = "case",
        /// The person met a case.
        Contact = "contact",
        /// The person is isolated.
        Isolation = "isolation",
        /// The person arrived from elsewhere.
        Arrival = "arrival",
        /// The person was in an area or venue.
        Stay = "stay",
        /// The person was vaccinated.
        Vaccination = "vaccination",
        /// Another issuer's certificate was verified.
        Statement = "statement",
        /// An area has a level.
        AreaLevel = "area-level",
        /// A headquarters gave notice for an area.
        Notice = "notice",
        /// A dated public list of areas is in force.
        List = "list",
        /// A rule pack is in force.
        Pack = "pack",
        /// A testing campaign runs.
        Campaign = "campaign",
        /// The end of a state.
        Closing = "closing",
        /// A fact was wrong.
        Retraction = "retraction",
        /// A fact is contested.
        Dispute = "dispute",
        /// A contested fact was examined by another office.
        Ruling = "ruling",
        /// A fact shall not count from now on.
        Inert = "inert",
        /// An inert fact counts again.
        Lift = "lift",
        /// A tube that several persons share has a result.
        PoolResult = "pool-result",
        /// How a place lies to another one.
        Place = "place",
    }
}

impl Kind {
    /// Whether facts of this kind are events or states.
    #[inline]
    pub const fn shape(self) -> Shape {
        match self {
            Self::Registration
            | Self::Dwelling
            | Self::Binding
            | Self::Guardianship
            | Self::Document
            | Self::Case
            | Self::Isolation
            | Self::Stay
            | Self::AreaLevel
            | Self::Notice
            | Self::List
            | Self::Pack
            | Self::Campaign
            | Self::Place => Shape::State,
            Self::Declaration
            | Self::CheckIn
            | Self::Temperature
            | Self::Comparison
            | Self::Review
            | Self::FollowUp
            | Self::Sample
            | Self::TestResult
            | Self::MissedTest
            | Self::Contact
            | Self::Arrival
            | Self::Vaccination
            | Self::Statement
            | Self::Closing
            | Self::Retraction
            | Self::Dispute
            | Self::Ruling
            | Self::Inert
            | Self::Lift
            | Self::PoolResult => Shape::Event,
        }
    }

    /// Whom facts of this kind are about.
    #[inline]
    pub const fn scope(self) -> Scope {
        match self {
            Self::AreaLevel
            | Self::Notice
            | Self::List
            | Self::Pack
            | Self::Campaign
            | Self::PoolResult
            | Self::Place => Scope::Global,
            Self::Comparison
            | Self::Closing
            | Self::Retraction
            | Self::Dispute
            | Self::Ruling
            | Self::Inert
            | Self::Lift => Scope::Either,
            Self::Registration
            | Self::Dwelling
            | Self::Binding
            | Self::Guardianship
            | Self::Document
            | Self::Declaration
            | Self::CheckIn
            | Self::Temperature
            | Self::Review
            | Self::FollowUp
            | Self::Sample
            | Self::TestResult
            | Self::MissedTest
            | Self::Case
            | Self::Contact
            | Self::Isolation
            | Self::Arrival
            | Self::Stay
            | Self::Vaccination
            | Self::Statement => Scope::Person,
        }
    }
}

/// What a fact states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The person applied for a code and agreed to a stated purpose and end.
    Registration,
    /// Where the person lives or is; which role counts is said on the form.
    Dwelling {
        /// The area; the free text of the address lies in the vault.
        area: AreaCode,
        /// Home, present dwelling or workplace.
        role: DwellingRole,
    },
    /// The code is bound to a means of reaching the person.
    Binding {
        /// Phone, e-mail or desk card; the address itself lies in the vault.
        channel: Channel,
    },
    /// Somebody manages this person's code; the manager sees colour and what to do.
    Guardianship {
        /// The manager.
        guardian: PersonId,
        /// How they are related.
        relation: Relation,
    },
    /// An identity document belongs to the person; its number lies in the vault.
    Document {
        /// The kind of document.
        kind: DocumentKind,
    },
    /// The person declared health and history under a pledge.
    Declaration {
        /// Present symptoms; none if empty.
        symptoms: Symptoms,
        /// Whether the person knows of a contact with a case.
        contact: Answer,
        /// Whether the person goes out daily on epidemic duty.
        on_duty: bool,
    },
    /// A daily check-in.
    CheckIn {
        /// Present symptoms; none if empty.
        symptoms: Symptoms,
    },
    /// A temperature was taken.
    Temperature {
        /// Tenths of a degree Celsius.
        decicelsius: u16,
    },
    /// The person was (or, as a global fact, all who were registered by then were) compared with a list.
    Comparison {
        /// Which list.
        list: ListId,
        /// Up to when the list was complete.
        as_of: Timestamp,
        /// Whether the person stood on it.
        matched: bool,
    },
    /// An ordered review took place; no reviewer chooses a colour.
    Review,
    /// A follow-up visit or call.
    FollowUp {
        /// Nothing was found that asks for more.
        clear: bool,
    },
    /// A sample was taken.
    Sample {
        /// The sample, named by its result.
        sample: SampleId,
        /// The tube it shares with others.
        pool: Option<PoolId>,
        /// How it will be tested.
        method: TestMethod,
    },
    /// A test has a result; its `at` is the sampling.
    TestResult {
        /// The sample that another source registered before.
        sample: SampleId,
        /// How it was tested.
        method: TestMethod,
        /// The result.
        positive: bool,
    },
    /// A mandatory test of a published campaign was not taken.
    MissedTest {
        /// The campaign.
        campaign: CampaignId,
    },
    /// The person is a case while the state lasts.
    Case {
        /// How certain.
        class: CaseClass,
    },
    /// The person met a case; its `at` is the last exposure.
    Contact {
        /// Close or secondary.
        degree: ContactDegree,
        /// The fact by which the other person is a case (or, for a secondary contact, a close contact).
        of: FactId,
    },
    /// The person is isolated.
    Isolation {
        /// Where.
        place: IsolationPlace,
        /// The contact, case or arrival that it follows from; for closed-loop duty the declaration of being on duty.
        ground: FactId,
    },
    /// The person arrived.
    Arrival {
        /// Where from; `None` from abroad.
        from: Option<AreaCode>,
        /// Where to.
        to: AreaCode,
    },
    /// The person was in an area or venue.
    Stay {
        /// Where.
        area: AreaCode,
        /// How it is known.
        origin: StayOrigin,
    },
    /// The person was vaccinated.
    Vaccination {
        /// The number of this dose, from 1.
        dose: u8,
    },
    /// Another issuer's certificate was verified.
    Statement {
        /// What it says.
        meaning: StatementMeaning,
        /// What it was and who issued it, if whoever filed it has said so.
        origin: Option<StatementOrigin>,
    },
    /// An area has a level.
    AreaLevel {
        /// Where.
        areas: AreaSet,
        /// Which.
        level: Level,
    },
    /// A headquarters gave notice.
    Notice {
        /// Of what.
        kind: NoticeKind,
        /// Where.
        areas: AreaSet,
    },
    /// A dated public list is in force; the version with the latest start counts.
    List {
        /// Which list.
        list: ListId,
        /// What stands on it.
        areas: AreaSet,
    },
    /// A rule pack is in force.
    Pack {
        /// Which pack.
        pack: PackId,
        /// SHA-256 of its text.
        digest: [u8; 32],
    },
    /// A testing campaign runs.
    Campaign {
        /// Which.
        campaign: CampaignId,
        /// Where.
        areas: AreaSet,
    },
    /// A state has ended at this event's `at`.
    Closing {
        /// The state.
        target: FactId,
    },
    /// A fact was wrong and counts as never filed from the recording of this one on.
    Retraction {
        /// The older fact.
        target: FactId,
    },
    /// A fact is contested; unanswered at the deadline it is inert from then on.
    Dispute {
        /// The contested fact.
        target: FactId,
        /// When it must be answered.
        deadline: Timestamp,
    },
    /// Another office than the filer examined a contested fact.
    Ruling {
        /// The dispute.
        target: FactId,
        /// The contested fact stands; otherwise it is inert.
        stands: bool,
    },
    /// A fact shall not count from this event's `at` on.
    Inert {
        /// The fact.
        target: FactId,
    },
    /// An inert fact counts again from this event's `at` on.
    Lift {
        /// The fact that was inert.
        target: FactId,
    },
    /// A tube that several persons share has a result; its `at` is when that was known.
    ///
    /// It names nobody: who has a sample in the tube gets a result of the own, then or later.
    PoolResult {
        /// The tube.
        pool: PoolId,
        /// How it was tested.
        method: TestMethod,
        /// The result.
        positive: bool,
    },
    /// An office has said how a place lies to another one; their names say nothing of it.
    Place {
        /// The place.
        place: AreaCode,
        /// How it lies.
        relation: PlaceRelation,
        /// The area in which it lies, or the place that it is.
        other: AreaCode,
        /// Why that is so.
        why: Remark,
    },
}

impl Content {
    /// What kind of fact this is.
    #[inline]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Registration => Kind::Registration,
            Self::Dwelling { .. } => Kind::Dwelling,
            Self::Binding { .. } => Kind::Binding,
            Self::Guardianship { .. } => Kind::Guardianship,
            Self::Document { .. } => Kind::Document,
            Self::Declaration { .. } => Kind::Declaration,
            Self::CheckIn { .. } => Kind::CheckIn,
            Self::Temperature { .. } => Kind::Temperature,
            Self::Comparison { .. } => Kind::Comparison,
            Self::Review => Kind::Review,
            Self::FollowUp { .. } => Kind::FollowUp,
            Self::Sample { .. } => Kind::Sample,
            Self::TestResult { .. } => Kind::TestResult,
            Self::MissedTest { .. } => Kind::MissedTest,
            Self::Case { .. } => Kind::Case,
            Self::Contact { .. } => Kind::Contact,
            Self::Isolation { .. } => Kind::Isolation,
            Self::Arrival { .. } => Kind::Arrival,
            Self::Stay { .. } => Kind::Stay,
            Self::Vaccination { .. } => Kind::Vaccination,
            Self::Statement { .. } => Kind::Statement,
            Self::AreaLevel { .. } => Kind::AreaLevel,
            Self::Notice { .. } => Kind::Notice,
            Self::List { .. } => Kind::List,
            Self::Pack { .. } => Kind::Pack,
            Self::Campaign { .. } => Kind::Campaign,
            Self::Closing { .. } => Kind::Closing,
            Self::Retraction { .. } => Kind::Retraction,
            Self::Dispute { .. } => Kind::Dispute,
            Self::Ruling { .. } => Kind::Ruling,
            Self::Inert { .. } => Kind::Inert,
            Self::Lift { .. } => Kind::Lift,
            Self::PoolResult { .. } => Kind::PoolResult,
            Self::Place { .. } => Kind::Place,
        }
    }

    /// The older fact that a closing, retraction, dispute, ruling, inert or lift is about.
    #[inline]
    pub const fn target(&self) -> Option<FactId> {
        match self {
            Self::Closing { target }
            | Self::Retraction { target }
            | Self::Dispute { target, .. }
            | Self::Ruling { target, .. }
            | Self::Inert { target }
            | Self::Lift { target } => Some(*target),
            _ => None,
        }
    }
}

words! {
    /// Which address it is.
    DwellingRole {
        /// Where the person is registered or usually lives.
        Home = "home",
        /// Where the person stays now; this one counts where it is given.
        Present = "present",
        /// Where the person works.
        Workplace = "workplace",
    }
}

words! {
    /// How a person is reached.
    Channel {
        /// A mobile phone.
        Phone = "phone",
        /// An e-mail address.
        Email = "email",
        /// A one-time code printed at a desk.
        Desk = "desk",
        /// The guardian's own binding, for a dependent.
        Guardian = "guardian",
    }
}

words! {
    /// How a manager of a code is related to the person.
    Relation {
        /// 父母.
        Parent = "parent",
        /// 子女.
        Child = "child",
        /// 配偶.
        Spouse = "spouse",
        /// Another relative.
        Relative = "relative",
        /// A friend or neighbour.
        Friend = "friend",
        /// A care home or school.
        Institution = "institution",
    }
}

words! {
    /// An answer that may be unknown; nobody is made to invent one.
    Answer {
        /// 否.
        No = "no",
        /// 是.
        Yes = "yes",
        /// 不确定.
        Unknown = "unknown",
    }
}

words! {
    /// How a sample is tested.
    TestMethod {
        /// 核酸.
        NucleicAcid = "nucleic-acid",
        /// 抗原.
        Antigen = "antigen",
        /// 抗体.
        Antibody = "antibody",
    }
}

words! {
    /// How certain a case is.
    CaseClass {
        /// 确诊.
        Confirmed = "confirmed",
        /// 临床诊断.
        Clinical = "clinical",
        /// 疑似.
        Suspected = "suspected",
        /// 无症状感染.
        Asymptomatic = "asymptomatic",
        /// 发热待排查.
        Fever = "fever",
    }
}

words! {
    /// How near a contact was.
    ContactDegree {
        /// 密切接触.
        Close = "close",
        /// 次密接: a contact of a close contact.
        Secondary = "secondary",
    }
}

words! {
    /// Where a person is isolated.
    IsolationPlace {
        /// 集中隔离.
        Central = "central",
        /// 居家隔离.
        Home = "home",
        /// 闭环管理: on duty among cases or arrivals, at work and in a hotel and nowhere else.
        ClosedLoop = "closed-loop",
    }
}

words! {
    /// How a stay is known.
    StayOrigin {
        /// The person declared it.
        Declared = "declared",
        /// A venue code was scanned with proof of presence.
        VenueCode = "venue-code",
        /// A ticket.
        Ticket = "ticket",
        /// A carrier's list.
        Carrier = "carrier",
    }
}

words! {
    /// How a place lies to another one.
    PlaceRelation {
        /// 位于: it lies in the other, with all that lies in it.
        Within = "within",
        /// 同一处: both are one place under two wordings, and what lies in one lies in the other.
        Same = "same",
        /// 无关: neither, although an earlier fact said so; it replaces that fact.
        Apart = "apart",
    }
}

words! {
    /// What a verified statement of another issuer says.
    StatementMeaning {
        /// Vaccinated.
        Vaccinated = "vaccinated",
        /// Tested negative.
        TestedNegative = "tested-negative",
        /// Recovered.
        Recovered = "recovered",
        /// Another province's code says that its holder may pass.
        MayPass = "may-pass",
        /// Understood by nobody here; never read as green.
        Unknown = "unknown",
    }
}

/// Where a verified statement comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StatementOrigin {
    /// Which sort of certificate it was.
    pub format: StatementFormat,
    /// Who issued it.
    pub issuer: StatementIssuer,
}

words! {
    /// The sorts of certificates that are verified here (docs/STATEMENTS.md).
    StatementFormat {
        /// EU Digital COVID Certificate.
        Dcc = "dcc",
        /// WHO Digital Documentation of COVID-19 Certificates.
        Ddcc = "ddcc",
        /// SMART Health Card.
        Shc = "shc",
        /// New Zealand COVID Pass.
        Nzcp = "nzcp",
        /// ICAO visible digital seal for health travel.
        VdsNc = "vds-nc",
    }
}

words! {
    /// What a headquarters gives notice of.
    NoticeKind {
        /// The area is open for passage.
        Opening = "opening",
        /// The area is closed (封闭).
        Closing = "closing",
        /// Another published measure.
        Measure = "measure",
    }
}

words! {
    /// One group of symptoms that the forms ask for (WS 363.6 and the provincial lists).
    Symptom {
        /// 发热.
        Fever = "fever",
        /// 乏力.
        Fatigue = "fatigue",
        /// 干咳.
        Cough = "cough",
        /// 腹泻、恶心呕吐.
        Diarrhoea = "diarrhoea",
        /// 结膜炎.
        Conjunctivitis = "conjunctivitis",
        /// 呼吸急促、胸闷.
        Breathlessness = "breathlessness",
    }
}

/// A set of symptoms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Symptoms(u8); // INVARIANT: only the bits of Symptom::ALL

impl Symptoms {
    /// No symptom.
    pub const NONE: Self = Self(0);

    /// The set with these bits, the first symptom the lowest; `None` if a bit stands for none.
    #[inline]
    pub fn from_bits(bits: u8) -> Option<Self> {
        (bits >> Symptom::ALL.len() == 0).then_some(Self(bits))
    }

    /// One bit for each symptom, the first the lowest.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether the sets have a symptom in common.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The set with one more symptom.
    #[must_use]
    pub const fn with(self, symptom: Symptom) -> Self {
        Self(self.0 | 1 << symptom as u8)
    }

    /// Whether the symptom is in the set.
    pub const fn has(self, symptom: Symptom) -> bool {
        self.0 & 1 << symptom as u8 != 0
    }

    /// Whether there is none.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The symptoms in the order of declaration.
    pub fn iter(self) -> impl Iterator<Item = Symptom> {
        Symptom::ALL.iter().copied().filter(move |symptom| self.has(*symptom))
    }
}

impl FromIterator<Symptom> for Symptoms {
    fn from_iter<I: IntoIterator<Item = Symptom>>(symptoms: I) -> Self {
        symptoms.into_iter().fold(Self::NONE, Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: FactId = FactId::from_bytes([1; 16]);

    fn filing(content: Content, occurred: Occurred) -> Filing {
        Filing {
            id: ID,
            subject: Subject::Person(PersonId::from_bytes([2; 16])),
            source: Source { kind: SourceKind::Resident, id: SourceId::parse("self").unwrap() },
            occurred,
            cause: None,
            replaces: None,
            content,
        }
    }

    const fn ms(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn an_event_may_lead_the_clock_by_five_minutes_and_no_more() {
        let check_in = || Content::CheckIn { symptoms: Symptoms::NONE };
        let at = |millis| filing(check_in(), Occurred::at(ms(millis))).record(ms(1_000));
        assert!(at(1_000 + EVENT_LEAD_MILLIS).is_ok());
        assert_eq!(at(1_001 + EVENT_LEAD_MILLIS), Err(FactError::InTheFuture));
    }

    #[test]
    fn a_state_may_lie_ahead() {
        let state = filing(Content::Registration, Occurred::During { from: ms(9_000_000), until: ms(9_000_001) });
        assert!(state.record(ms(0)).is_ok());
    }

    #[test]
    fn contradictions_are_refused() {
        let event = || Content::Review;
        let check = |content, occurred, expected| {
            assert_eq!(filing(content, occurred).record(ms(10)), Err(expected));
        };
        check(event(), Occurred::since(ms(1)), FactError::WrongShape(Kind::Review));
        check(Content::Registration, Occurred::at(ms(1)), FactError::WrongShape(Kind::Registration));
        check(event(), Occurred::At { at: ms(5), reported: ms(4) }, FactError::ReportedTooEarly);
        check(Content::Registration, Occurred::During { from: ms(5), until: ms(5) }, FactError::EndsTooEarly);
        check(Content::Retraction { target: ID }, Occurred::at(ms(1)), FactError::RefersToItself);
        let list = Content::List { list: ListId::parse("l").unwrap(), areas: AreaSet::default() };
        check(list, Occurred::since(ms(1)), FactError::WrongSubject(Kind::List));
        for decicelsius in [0, 299, 451, 986, 3_720] {
            let reading = Content::Temperature { decicelsius };
            check(reading, Occurred::at(ms(1)), FactError::ImplausibleTemperature);
        }
        let other = FactId::from_bytes([3; 16]);
        let mut amendment = filing(event(), Occurred::at(ms(1)));
        (amendment.cause, amendment.replaces) = (Some(other), Some(other));
        assert_eq!(amendment.record(ms(10)), Err(FactError::HidesItsCause));
        let mut global = filing(event(), Occurred::at(ms(1)));
        global.subject = Subject::Global;
        assert_eq!(global.record(ms(10)), Err(FactError::WrongSubject(Kind::Review)));
    }

    #[test]
    fn a_place_lies_where_its_code_allows() {
        let check = |place: &str, relation, other: &str, expected| {
            let [place, other] = [place, other].map(|text| AreaCode::parse(text).unwrap());
            let why = Remark::parse("seen on the map").unwrap();
            let mut filing = filing(Content::Place { place, relation, other, why }, Occurred::since(ms(1)));
            filing.subject = Subject::Global;
            assert_eq!(filing.record(ms(1)).map(|_| ()), expected, "{place} {other}");
        };
        let elsewhere = Err(FactError::LiesElsewhere);
        check("110105003.6", PlaceRelation::Within, "110105003.1", Ok(()));
        check("110105.6", PlaceRelation::Within, "110105003", Ok(()));
        check("110105003.6", PlaceRelation::Same, "110105.1", Ok(()));
        check("110105003.6", PlaceRelation::Within, "110105004.1", elsewhere);
        check("110105003.6", PlaceRelation::Same, "110105003", elsewhere);
        check("110105003", PlaceRelation::Within, "110105003.1", elsewhere);
        check("110105003.6", PlaceRelation::Same, "110105003.6", elsewhere);
    }

    #[test]
    fn every_word_is_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_word(kind.word()), Some(*kind));
        }
        assert_eq!(Kind::from_word("colour"), None);
    }

    #[test]
    fn a_set_of_symptoms_keeps_what_was_put_in() {
        let set: Symptoms = [Symptom::Cough, Symptom::Fever].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [Symptom::Fever, Symptom::Cough]);
        assert!(!set.has(Symptom::Fatigue) && Symptoms::NONE.is_none() && !set.is_none());
    }
}
