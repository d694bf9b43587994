//! A story: the facts of one person and of everybody, told in Beijing time.

use yima_model::codec;
use yima_model::fact::{
    CaseClass, ContactDegree, DwellingRole, IsolationPlace, NoticeKind, Scope, StayOrigin, Symptom, Symptoms,
    TestMethod,
};
use yima_model::id::{ListId, SampleId, SourceId};
use yima_model::{
    AreaCode, AreaSet, Colour, Content, Fact, FactId, Filing, Level, Occurred, PersonId, Source, SourceKind, Subject,
    Timestamp, Zone,
};
use yima_rules::check;
use yima_rules::diagnostic::render;
use yima_rules::pack::Pack;
use yima_rules::timeline::Everybody;

const DAY: i64 = 86_400_000;

pub(crate) fn pack(name: &str) -> Pack {
    pack_with(name, &[])
}

pub(crate) fn pack_with(name: &str, settings: &[(&str, bool)]) -> Pack {
    let path = format!("{}/../../packs/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(path).unwrap();
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    match check::load_with(&source, &settings) {
        Ok(loaded) => {
            assert_eq!(loaded.warnings, [], "{}", render(&source, name, &loaded.warnings));
            loaded.pack
        }
        Err(findings) => panic!("{}", render(&source, name, &findings)),
    }
}

/// `2020-02-26 08:00`, with seconds and milliseconds if given, in Beijing time.
pub(crate) fn at(text: &str) -> Timestamp {
    let (date, time) = text.split_once(' ').unwrap();
    let seconds = if time.len() == 5 { ":00" } else { "" };
    Timestamp::parse(&format!("{date}T{time}{seconds}+08:00")).unwrap()
}

pub(crate) fn area(text: &str) -> AreaCode {
    AreaCode::parse(text).unwrap()
}

/// An instant, the colour expected then, and the rules that hold, worst first.
pub(crate) type Row<'a> = (&'a str, Colour, &'a [&'a str]);

/// Somebody who registered then and lives there, checks in daily and is compared with the list.
pub(crate) fn resident_of(area: &str, since: &str, days: i64, list: &str) -> Story {
    let mut story = Story::default();
    story.since(since, Content::Registration);
    story.since(since, dwelling(area));
    story.daily(since, days, list);
    story
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Story {
    pub(crate) facts: Vec<Fact>,
}

impl Story {
    pub(crate) fn file(
        &mut self,
        kind: SourceKind,
        recorded: Timestamp,
        occurred: Occurred,
        content: Content,
    ) -> FactId {
        let number = u128::try_from(self.facts.len() + 1).unwrap();
        let id = FactId::from_bytes(number.to_be_bytes());
        // A retraction or closing is about whom its target is about.
        let scope = |fact: &Fact| (Some(fact.id()) == content.target()).then(|| fact.subject() == Subject::Global);
        let of_target = self.facts.iter().find_map(scope);
        let global = of_target.unwrap_or(content.kind().scope() == Scope::Global);
        let subject = if global { Subject::Global } else { Subject::Person(PersonId::from_bytes([7; 16])) };
        let source = Source { kind, id: SourceId::parse("test").unwrap() };
        let filing = Filing { id, subject, source, occurred, cause: None, replaces: None, content };
        self.facts.push(filing.record(recorded).unwrap());
        id
    }

    /// Changes the fact that was filed last.
    pub(crate) fn refile_last(&mut self, change: impl FnOnce(&mut Filing)) {
        let last = self.facts.pop().unwrap();
        let mut filing = last.filing().clone();
        change(&mut filing);
        self.facts.push(filing.record(last.recorded()).unwrap());
    }

    pub(crate) fn event(&mut self, when: &str, content: Content) -> FactId {
        self.event_by(SourceKind::Resident, when, content)
    }

    pub(crate) fn event_by(&mut self, kind: SourceKind, when: &str, content: Content) -> FactId {
        self.file(kind, at(when), Occurred::at(at(when)), content)
    }

    pub(crate) fn since(&mut self, from: &str, content: Content) -> FactId {
        self.file(SourceKind::DiseaseControl, at(from), Occurred::since(at(from)), content)
    }

    pub(crate) fn during(&mut self, from: &str, until: &str, content: Content) -> FactId {
        let occurred = Occurred::During { from: at(from), until: at(until) };
        self.file(SourceKind::DiseaseControl, at(from), occurred, content)
    }

    pub(crate) fn close(&mut self, when: &str, target: FactId) -> FactId {
        self.event_by(SourceKind::DiseaseControl, when, Content::Closing { target })
    }

    pub(crate) fn check_in(&mut self, when: &str) -> FactId {
        self.event(when, Content::CheckIn { symptoms: Symptoms::NONE })
    }

    /// A check-in at 08:00 of so many days, and a comparison with `list` beside it.
    pub(crate) fn daily(&mut self, first: &str, days: i64, list: &str) {
        for day in 0..days {
            let when = at(first).plus_millis(day * DAY);
            let check_in = Content::CheckIn { symptoms: Symptoms::NONE };
            self.file(SourceKind::Resident, when, Occurred::at(when), check_in);
        }
        self.compared_daily(first, days, list);
    }

    /// A comparison with `list` at 08:00 of so many days, without a match.
    pub(crate) fn compared_daily(&mut self, first: &str, days: i64, list: &str) {
        for day in 0..days {
            let when = at(first).plus_millis(day * DAY);
            self.compared(list, when, when, false);
        }
    }

    /// A comparison with `list` as it was at `as_of`.
    pub(crate) fn compared(&mut self, list: &str, when: Timestamp, as_of: Timestamp, matched: bool) -> FactId {
        let comparison = Content::Comparison { list: ListId::parse(list).unwrap(), as_of, matched };
        self.file(SourceKind::Register, when, Occurred::at(when), comparison)
    }

    /// That the rule answers *pending* unless a fresh comparison with the register says that it has nothing on the person,
    /// for somebody who is green on `day` and the week after wherever it has not (HB-1; R-61).
    pub(crate) fn check_register(&self, pack: &Pack, rule: &str, list: &str, day: &str) {
        let hour = |hour: i64| at(&format!("{day} 00:00")).plus_millis(hour * 3_600_000);
        let show = |when| Zone::BEIJING.format(when).replace('T', " ").replace("+08:00", "");
        let pending = |story: &Story, when| story.check(pack, &show(when), Colour::Grey, &[rule]);
        let green = |story: &Story, when| story.check(pack, &show(when), Colour::Green, &[]);
        let mut story = self.clone();
        story.facts.retain(|fact| !matches!(fact.content(), Content::Comparison { .. }));
        pending(&story, hour(8));
        // Nobody has fed the list for three days.
        let mut stale = story.clone();
        stale.compared(list, hour(9), hour(-4 * 24), false);
        pending(&stale, hour(10));
        let mut fresh = story.clone();
        fresh.compared(list, hour(9), hour(-24), false);
        green(&fresh, hour(10));
        // The list has something that no other fact says, and a sweep over everybody says nothing of it.
        let mut matched = fresh.clone();
        matched.compared(list, hour(10), hour(9), true);
        for sweep in 0..9 {
            matched.compared(list, hour(24 * sweep + 11), hour(24 * sweep + 10), false);
            matched.refile_last(|filing| filing.subject = Subject::Global);
        }
        for later in [hour(10), hour(12), hour(24 * 8 + 12)] {
            pending(&matched, later);
        }
        matched.compared(list, hour(24 * 8 + 13), hour(24 * 8 + 12), false);
        green(&matched, hour(24 * 8 + 13));
        // What another fact explains, that fact's rules judge.
        let mut explained = fresh;
        let cause = explained.facts.first().map(Fact::id);
        explained.compared(list, hour(10), hour(9), true);
        explained.refile_last(|filing| filing.cause = cause);
        green(&explained, hour(12));
    }

    /// A nucleic acid test, sampled and reported at these times.
    pub(crate) fn tested(&mut self, sampled: &str, reported: &str, positive: bool) -> FactId {
        let occurred = Occurred::At { at: at(sampled), reported: at(reported) };
        self.file(SourceKind::Laboratory, at(reported), occurred, nucleic_acid(positive))
    }

    pub(crate) fn check_rows(&self, pack: &Pack, rows: &[Row<'_>]) {
        for (when, colour, rules) in rows {
            self.check(pack, when, *colour, rules);
        }
    }

    pub(crate) fn check(&self, pack: &Pack, when: &str, colour: Colour, rules: &[&str]) {
        let everybody = Everybody::new(pack.clone(), &self.facts, Timestamp::FOREVER);
        let instant = at(when);
        let verdict = everybody.verdict(&self.own(), instant, instant);
        let held: Vec<_> = verdict.rules().map(ToString::to_string).collect();
        assert_eq!((verdict.colour, held), (colour, rules.iter().map(ToString::to_string).collect()), "at {when}");
        let record = codec::encode_record(&self.own());
        let in_place = everybody.verdict(codec::view_record(&record).unwrap(), instant, instant);
        assert_eq!(in_place, verdict, "from the record at {when}");
        let judged = yima_oracle::judge(pack, &self.facts, instant, Timestamp::FOREVER, instant);
        assert_eq!(judged.colour, colour, "oracle at {when}");
    }

    /// The colour at `when` with the facts complete up to `as_of`.
    pub(crate) fn check_as_of(&self, pack: &Pack, when: Timestamp, as_of: Timestamp, colour: Colour) {
        let everybody = Everybody::new(pack.clone(), &self.facts, Timestamp::FOREVER);
        assert_eq!(everybody.verdict(&self.own(), when, as_of).colour, colour, "{when} as of {as_of}");
        let judged = yima_oracle::judge(pack, &self.facts, when, Timestamp::FOREVER, as_of);
        assert_eq!(judged.colour, colour, "oracle: {when} as of {as_of}");
    }

    /// That who leaves closed-loop duty at noon of `day` is yellow by CN-10 for so many full days, and nobody before.
    pub(crate) fn check_closed_loop(&self, pack: &Pack, day: &str, days: i64) {
        let mut story = self.clone();
        let leaves = at(&format!("{day} 12:00"));
        let occurred = Occurred::During { from: leaves.plus_millis(-5 * DAY), until: leaves };
        story.file(SourceKind::Community, leaves, occurred, isolation(IsolationPlace::ClosedLoop));
        let ends = Zone::BEIJING.midnight(Zone::BEIJING.day(leaves) + days + 1);
        for (when, colour, rules) in [
            (leaves.plus_millis(-1), Colour::Green, &[][..]),
            (leaves, Colour::Yellow, &["CN-10"]),
            (ends.plus_millis(-1), Colour::Yellow, &["CN-10"]),
            (ends, Colour::Green, &[]),
        ] {
            story.check(pack, &Zone::BEIJING.format(when).replace('T', " ").replace("+08:00", ""), colour, rules);
        }
    }

    /// For each count that would clear a ground: its rule, how many are done and how many wanted.
    pub(crate) fn check_progress(&self, pack: &Pack, when: &str, expected: &[(&str, u8, u8)]) {
        let everybody = Everybody::new(pack.clone(), &self.facts, Timestamp::FOREVER);
        let instant = at(when);
        let counted = everybody.progress(&self.own(), instant, instant);
        let counted: Vec<_> = counted.iter().map(|(rule, of)| (rule.id.as_str(), of.done, of.wanted)).collect();
        assert_eq!(counted, expected, "at {when}");
        let judged = yima_oracle::progress(pack, &self.facts, instant, Timestamp::FOREVER, instant);
        let judged: Vec<_> = judged.iter().map(|(rule, done, wanted)| (rule.as_str(), *done, *wanted)).collect();
        assert_eq!(judged, expected, "oracle at {when}");
    }

    pub(crate) fn own(&self) -> Vec<Fact> {
        self.facts.iter().filter(|fact| fact.subject() != Subject::Global).cloned().collect()
    }
}

pub(crate) fn declaration(symptoms: &[Symptom]) -> Content {
    let symptoms = symptoms.iter().copied().collect();
    Content::Declaration { symptoms, contact: yima_model::fact::Answer::No, on_duty: false }
}

pub(crate) const fn case(class: CaseClass) -> Content {
    Content::Case { class }
}

pub(crate) const fn contact() -> Content {
    Content::Contact { degree: ContactDegree::Close, of: FactId::from_bytes([9; 16]) }
}

pub(crate) const fn secondary() -> Content {
    Content::Contact { degree: ContactDegree::Secondary, of: FactId::from_bytes([9; 16]) }
}

pub(crate) const fn nucleic_acid(positive: bool) -> Content {
    Content::TestResult { sample: SampleId::from_bytes([1; 16]), method: TestMethod::NucleicAcid, positive }
}

pub(crate) const fn antigen(positive: bool) -> Content {
    Content::TestResult { sample: SampleId::from_bytes([1; 16]), method: TestMethod::Antigen, positive }
}

pub(crate) fn stay(code: &str) -> Content {
    Content::Stay { area: area(code), origin: StayOrigin::Ticket }
}

pub(crate) fn level(level: Level, code: &str) -> Content {
    Content::AreaLevel { areas: AreaSet::of(area(code)), level }
}

pub(crate) const fn isolation(place: IsolationPlace) -> Content {
    Content::Isolation { place, ground: FactId::from_bytes([9; 16]) }
}

pub(crate) const FOLLOW_UP_CLEAR: Content = Content::FollowUp { clear: true };

pub(crate) const fn temperature(decicelsius: u16) -> Content {
    Content::Temperature { decicelsius }
}

pub(crate) fn arrival(from: &str, to: &str) -> Content {
    Content::Arrival { from: Some(area(from)), to: area(to) }
}

pub(crate) fn arrival_from_abroad(to: &str) -> Content {
    Content::Arrival { from: None, to: area(to) }
}

pub(crate) fn dwelling(code: &str) -> Content {
    Content::Dwelling { area: area(code), role: DwellingRole::Home }
}

pub(crate) fn list(name: &str, areas: &[&str]) -> Content {
    let include = areas.iter().map(|code| area(code)).collect();
    Content::List { list: ListId::parse(name).unwrap(), areas: AreaSet { include, exclude: Vec::new() } }
}

pub(crate) fn notice(kind: NoticeKind, code: &str) -> Content {
    Content::Notice { kind, areas: AreaSet::of(area(code)) }
}
