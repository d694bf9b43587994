//! Verdicts from a record in memory: twenty facts, the Hubei pack, one instant.

use std::hint::black_box;

use anyhow::{anyhow, ensure};
use yima_model::fact::TestMethod;
use yima_model::fact::{Answer, DwellingRole, Symptoms};
use yima_model::id::{ListId, SampleId, SourceId};
use yima_model::{
    AreaCode, Colour, Content, Fact, FactId, Filing, Occurred, PersonId, Source, SourceKind, Subject, Timestamp, codec,
};
use yima_rules::check::load;
use yima_rules::timeline::Everybody;

use crate::{Figure, census, clock};

const PACK: &str = include_str!("../../../packs/hubei-2020-02.toml");
/// Four hours after the last check-in, within the three days that it counts.
pub(crate) const AT: &str = "2020-03-12T12:00:00+08:00";

/// A pack that applies everywhere.
pub(crate) const NATIONAL: &str = include_str!("../../../packs/state-council-2022-06-28.toml");

pub(crate) fn measure() -> anyhow::Result<Vec<Figure>> {
    let everybody = everybody()?;
    let at = Timestamp::parse(AT)?;
    let facts = facts()?;
    let record = codec::encode_record(&facts);
    ensure!(everybody.verdict(&facts, at, at).colour == Colour::Green, "the person is not green");
    let mut of_facts = || {
        black_box(everybody.verdict(black_box(&facts), at, at));
        Ok(())
    };
    let mut of_record = || {
        black_box(everybody.verdict(codec::view_record(black_box(&record))?, at, at));
        Ok(())
    };
    let mut views = || {
        black_box(codec::view_record(black_box(&record))?);
        Ok(())
    };
    let national = national()?;
    let now = Timestamp::parse(census::AT)?;
    let median = as_filed(median_contents(AreaCode::parse("420106")?)?)?;
    let median_record = codec::encode_record(&median);
    ensure!(national.verdict(&median, now, now).colour == Colour::Green, "the median person is not green");
    let mut of_median = || {
        black_box(national.verdict(codec::view_record(black_box(&median_record))?, now, now));
        Ok(())
    };
    let mut median_views = || {
        black_box(codec::view_record(black_box(&median_record))?);
        Ok(())
    };
    let [of_facts, of_record, views, of_median, median_views] =
        clock::rates([&mut of_facts, &mut of_record, &mut views, &mut of_median, &mut median_views])?;
    let rate =
        |what: &str, measured, wanted| Figure { what: what.to_owned(), measured, unit: "/s", limit: None, wanted };
    Ok(vec![
        rate("verdicts from an encoded record of 20 facts", of_record, Some(300_000.0)),
        rate("of that, reading the record", views, None),
        rate("verdicts from 20 facts in memory", of_facts, None),
        Figure { unit: "bytes", ..rate("a record of 20 facts", record.len() as f64, None) },
        rate("verdicts from a median record under the national pack", of_median, Some(1_000_000.0)),
        rate("of that, reading the record", median_views, None),
    ])
}

/// The Hubei pack without facts about everybody.
pub(crate) fn everybody() -> anyhow::Result<Everybody> {
    let pack = load(PACK).map_err(|findings| anyhow!("{findings:?}"))?.pack;
    Ok(Everybody::new(pack, &[], Timestamp::FOREVER))
}

/// A green person: a registration, a dwelling, a declaration, and fifteen days with a check-in each and two comparisons.
pub(crate) fn facts() -> anyhow::Result<Vec<Fact>> {
    let start = Timestamp::parse("2020-02-26T08:00:00+08:00")?;
    let dwelling = Content::Dwelling { area: AreaCode::parse("420602")?, role: DwellingRole::Home };
    let declaration = Content::Declaration { symptoms: Symptoms::NONE, contact: Answer::No, on_duty: false };
    let mut contents = vec![
        (Occurred::since(start), Content::Registration),
        (Occurred::since(start), dwelling),
        (Occurred::at(start), declaration),
    ];
    for day in 0..15 {
        let at = start.plus_millis(day * 86_400_000);
        contents.push((Occurred::at(at), Content::CheckIn { symptoms: Symptoms::NONE }));
        if day % 7 == 6 {
            let list = ListId::parse("four-classes")?;
            contents.push((Occurred::at(at), Content::Comparison { list, as_of: at, matched: false }));
        }
    }
    as_filed(contents)
}

/// The national pack without facts about everybody.
fn national() -> anyhow::Result<Everybody> {
    let pack = load(NATIONAL).map_err(|findings| anyhow!("{findings:?}"))?.pack;
    Ok(Everybody::new(pack, &[], Timestamp::FOREVER))
}

/// What the record of most people holds in July 2022: a registration, a home, a declaration, three doses, two
/// negative tests of the last days, and a comparison with the national register.
pub(crate) fn median_contents(home: AreaCode) -> anyhow::Result<Vec<(Occurred, Content)>> {
    let start = Timestamp::parse("2022-07-01T08:00:00+08:00")?;
    let day = |number: i64| start.plus_millis(number * 86_400_000);
    let negative = |number: u8| Content::TestResult {
        sample: SampleId::from_bytes([number; 16]),
        method: TestMethod::NucleicAcid,
        positive: false,
    };
    let list = ListId::parse("cn-risk-register")?;
    Ok(vec![
        (Occurred::since(start), Content::Registration),
        (Occurred::since(start), Content::Dwelling { area: home, role: DwellingRole::Home }),
        (Occurred::at(start), Content::Declaration { symptoms: Symptoms::NONE, contact: Answer::No, on_duty: false }),
        (Occurred::at(day(1)), Content::Vaccination { dose: 1 }),
        (Occurred::at(day(2)), Content::Vaccination { dose: 2 }),
        (Occurred::at(day(3)), Content::Vaccination { dose: 3 }),
        (Occurred::at(day(16)), negative(1)),
        (Occurred::at(day(18)), negative(2)),
        (Occurred::at(day(18)), Content::Comparison { list, as_of: day(18), matched: false }),
    ])
}

/// The contents as facts about one person, each recorded when it happened.
fn as_filed(contents: Vec<(Occurred, Content)>) -> anyhow::Result<Vec<Fact>> {
    let fact = |(number, (occurred, content)): (u128, (Occurred, Content))| {
        let filing = Filing {
            id: FactId::from_bytes(number.to_be_bytes()),
            subject: Subject::Person(PersonId::from_bytes([7; 16])),
            source: Source { kind: SourceKind::Resident, id: SourceId::parse("self")? },
            occurred,
            cause: None,
            replaces: None,
            content,
        };
        Ok(filing.record(occurred.start())?)
    };
    (1..).zip(contents).map(fact).collect()
}
