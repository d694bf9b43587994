//! Measures verdicts a second on one core: an encoded record of 20 facts in memory, the Hubei pack, one instant.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark reads the clock and prints")]

use std::hint::black_box;
use std::time::Instant;

use yima_model::fact::{Answer, DwellingRole, Symptoms};
use yima_model::id::{ListId, SourceId};
use yima_model::{
    AreaCode, Colour, Content, Fact, FactId, Filing, Occurred, PersonId, Source, SourceKind, Subject, Timestamp, codec,
};
use yima_rules::check::load;
use yima_rules::timeline::Everybody;

/// How often each thing is done, unless the first argument says otherwise.
const ROUNDS: usize = 200_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rounds = std::env::args().nth(1).map_or(Ok(ROUNDS), |text| text.parse())?;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/hubei-2020-02.toml");
    let pack = load(&std::fs::read_to_string(path)?).map_err(|findings| format!("{findings:?}"))?.pack;
    let record = codec::encode_record(&facts()?);
    let at = Timestamp::parse("2020-03-12T12:00:00+08:00")?;
    let everybody = Everybody::new(pack.clone(), &[], Timestamp::FOREVER);

    let facts = codec::decode_record(&record)?;
    if everybody.verdict(&facts, at, at).colour != Colour::Green {
        return Err("the person is not green".into());
    }
    let begin = Instant::now();
    for _ in 0..rounds {
        black_box(everybody.verdict(black_box(&facts), at, at));
    }
    let judged = rate(rounds, begin);
    let begin = Instant::now();
    for _ in 0..rounds {
        black_box(everybody.verdict(codec::view_record(black_box(&record))?, at, at));
    }
    println!("record: {} facts, {} bytes", facts.len(), record.len());
    println!("verdicts of decoded facts: {judged:.0} a second");
    println!("verdicts of the encoded record: {:.0} a second", rate(rounds, begin));
    Ok(())
}

fn rate(rounds: usize, begin: Instant) -> f64 {
    rounds as f64 / begin.elapsed().as_secs_f64()
}

/// A green person: a registration, a dwelling, a declaration, and fifteen days with a check-in each and two comparisons.
fn facts() -> Result<Vec<Fact>, Box<dyn std::error::Error>> {
    let start = Timestamp::parse("2020-02-26T08:00:00+08:00")?;
    let person = PersonId::from_bytes([7; 16]);
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
    let mut facts = Vec::new();
    for (number, (occurred, content)) in (1_u128..).zip(contents) {
        let filing = Filing {
            id: FactId::from_bytes(number.to_be_bytes()),
            subject: Subject::Person(person),
            source: Source { kind: SourceKind::Resident, id: SourceId::parse("self")? },
            occurred,
            cause: None,
            replaces: None,
            content,
        };
        facts.push(filing.record(occurred.start())?);
    }
    Ok(facts)
}
