//! Nobody can follow: an adversary who holds a register of a million people and sees everything that a checkpoint sees.

use std::collections::{HashMap, HashSet};

use aws_lc_rs::digest::{SHA256, digest};
use yima_credential::claims::{Issuer, LiveTimes};
use yima_credential::{
    Claims, Code, CodeId, Coordinates, LiveClaims, LiveCredential, Seconds, Signer, Who, WhoCommitment, WhoOpening,
    base45, inspect,
};
use yima_model::{Colour, Personal, Timestamp};

use crate::world::{HOUR, KEYS, T, commitment};

const PEOPLE: u64 = 1_000_000;
const CODES: u64 = 1_000;
/// The fewest people that a code may be one of, by everything that is seen of it.
const CLASS_MIN: usize = 1_000;

/// Numbers without order that are the same in every run.
fn scatter(number: u64) -> u64 {
    let mixed = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ mixed >> 31).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 16
}

fn sixteen(number: u64) -> [u8; 16] {
    digest(&SHA256, &number.to_be_bytes()).as_ref()[..16].try_into().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

/// Somebody in the register: what stands on the document.
struct Row {
    number: String,
    character: char,
    day: u8,
}

/// A register with as many names and days as a real one: the nth most common last character is borne by one in n of the
/// bearers of the most common one.
fn register() -> Vec<Row> {
    const CHARACTERS: f64 = 2_400.0;
    let row = |person: u64| {
        let share = (scatter(person * 3) % 1_000_000) as f64 / 1e6;
        let character = char::from_u32(0x4e00 + CHARACTERS.powf(share) as u32).unwrap();
        let day = u8::try_from(scatter(person * 3 + 2) % 28 + 1).unwrap();
        Row { number: format!("{:06}1990{:08}", 110_101 + person % 600, person), character, day }
    };
    (0..PEOPLE).map(row).collect()
}

/// What a checkpoint sees of a live code, but for what is drawn anew for each: its headers, its lengths, its claims.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Seen {
    key_id: Option<yima_credential::KeyId>,
    head: Vec<u8>,
    length: usize,
    issuer: Issuer,
    colour: Colour,
    times: [Seconds; 3],
    epoch: u32,
}

/// A field of what is seen, as a number of its own for each value.
const FIELDS: [fn(&Seen) -> u64; 8] = [
    |seen| seen.key_id.map_or(0, |id| u64::from_be_bytes(id.bytes()[..8].try_into().unwrap())),
    |seen| u64::from_be_bytes(digest(&SHA256, &seen.head).as_ref()[..8].try_into().unwrap()),
    |seen| seen.length as u64,
    |seen| seen.colour as u64,
    |seen| seen.times[0].get().into(),
    |seen| seen.times[1].get().into(),
    |seen| seen.times[2].get().into(),
    |seen| seen.epoch.into(),
];

/// A green code that is fetched at this second of the hour, by a person whose verdict changes next at `change`, for a page
/// that opens without a network.
fn claims(second: i64, change: Timestamp, number: u64) -> LiveClaims {
    let now = at(T + second);
    LiveClaims {
        issuer: Issuer::CHINA,
        colour: Colour::Green,
        // A node applies what is new within a second.
        times: LiveTimes::new(now, at(T + second - i64::from(second % 3 == 0)), change).unwrap(),
        epoch: 7,
        id: CodeId::from_random(sixteen(number)),
        device: Coordinates { x: KEYS.device.x, y: KEYS.device.y },
        who: WhoCommitment::from_bytes(sixteen(number + PEOPLE * 10)),
    }
}

/// What is seen of a code in its real encoding.
fn seen_of(claims: &LiveClaims, issuer: &Signer, device: &Signer) -> Seen {
    let credential = LiveCredential::issue(claims, issuer).unwrap();
    let text = credential.present(device, claims.times.issued(), None).unwrap().text();
    let read = inspect(&text).unwrap();
    let Claims::Live(live) = read.claims else { panic!("a live code") };
    let bytes = base45::decode(text.strip_prefix("YM1:").unwrap()).unwrap();
    Seen {
        key_id: read.key_id,
        head: bytes[..30].to_vec(),
        length: text.len(),
        issuer: live.issuer,
        colour: live.colour,
        times: [live.times.issued(), live.times.expires(), live.times.as_of()],
        epoch: live.epoch,
    }
}

/// An hour in a city of a million people: a million person-hours, one batch of codes fetched in each. One in five has a
/// change ahead within a day, as a test or a check-in ends.
///
/// Gives how many people hold a code of which this is seen: as the code that is shown at once, and as one for later. The
/// times of a code and everything else that all codes of the same second share are taken from one real encoding.
fn crowd(template: &Seen) -> [HashMap<Seen, usize>; 2] {
    let mut crowds = [HashMap::new(), HashMap::new()];
    for person in 0..PEOPLE {
        let second = i64::try_from(scatter(person * 5) % 3_600).unwrap();
        let change = match scatter(person * 7) % 5 {
            0 => at(T + HOUR + i64::try_from(scatter(person * 11) % 86_400).unwrap()),
            _ => Timestamp::FOREVER,
        };
        let times = claims(second, change, 0).times;
        for (crowd, times) in crowds.iter_mut().zip([times.brief(), times]) {
            let times = [times.issued(), times.expires(), times.as_of()];
            *crowd.entry(Seen { times, ..template.clone() }).or_default() += 1;
        }
    }
    crowds
}

/// How many of the crowd a code is one of at least, by any set of its fields, whichever of these codes it is.
fn smallest_class(crowd: &HashMap<Seen, usize>, followed: &[Seen]) -> usize {
    let of_subset = |subset: u32| {
        let key = |seen: &Seen| -> Vec<u64> {
            let of_subset =
                |(field, value): (usize, &fn(&Seen) -> u64)| (subset >> field & 1 == 1).then(|| value(seen));
            FIELDS.iter().enumerate().filter_map(of_subset).collect()
        };
        let mut classes: HashMap<Vec<u64>, usize> = HashMap::new();
        crowd.iter().for_each(|(seen, count)| *classes.entry(key(seen)).or_default() += count);
        followed.iter().map(|seen| classes.get(&key(seen)).copied().unwrap_or(0)).min().unwrap()
    };
    (0..1_u32 << FIELDS.len()).map(of_subset).min().unwrap()
}

/// Of one person more a thousand codes in the same hour, shown while the phone has a network: whatever the
/// verdict does next, as long as it lasts for ten minutes.
#[test]
fn a_code_that_is_shown_at_once_is_one_of_a_thousand_people_by_every_set_of_fields() {
    let (issuer, device) = (signer(&KEYS.live.pkcs8), signer(&KEYS.device.pkcs8));
    let [at_once, _] = crowd(&seen_of(&claims(0, Timestamp::FOREVER, 0), &issuer, &device));
    let followed: Vec<Seen> = (0..CODES)
        .map(|number| {
            let second = i64::try_from(120 + number * 3_400 / CODES).unwrap();
            let change = match number % 4 {
                0 => Timestamp::FOREVER,
                _ => at(T + second + 600 + i64::try_from(number * number * 86 / CODES).unwrap()),
            };
            let claims = claims(second, change, PEOPLE + number);
            seen_of(&LiveClaims { times: claims.times.brief(), ..claims }, &issuer, &device)
        })
        .collect();
    assert!(smallest_class(&at_once, &followed) > 10 * CLASS_MIN);
}

/// A thousand codes of one person who has no change ahead within a day, shown without a network.
///
/// Who has a change ahead is one of those whose verdict changes in the same quarter of an hour; by quarter and minute of issue
/// together that is some thirty, which docs/CODE.md says.
#[test]
fn a_code_for_later_is_one_of_a_thousand_people() {
    let (issuer, device) = (signer(&KEYS.live.pkcs8), signer(&KEYS.device.pkcs8));
    let [_, later] = crowd(&seen_of(&claims(0, Timestamp::FOREVER, 0), &issuer, &device));
    let followed: Vec<Seen> = (0..CODES)
        .map(|number| {
            let second = i64::try_from(120 + number * 3_400 / CODES).unwrap();
            seen_of(&claims(second, Timestamp::FOREVER, PEOPLE + number), &issuer, &device)
        })
        .collect();
    assert!(smallest_class(&later, &followed) > 10 * CLASS_MIN);

    let mut ending: HashMap<Seconds, usize> = HashMap::new();
    let changing = later.iter().filter(|(seen, _)| seen.times[1].since(seen.times[0]) < 23 * 3600);
    changing.for_each(|(seen, count)| *ending.entry(seen.times[1]).or_default() += count);
    let within = Seconds::floor(at(T + 3 * HOUR))..Seconds::floor(at(T + 22 * HOUR));
    let whole_quarters = ending.iter().filter(|(end, _)| within.contains(end));
    assert!(whole_quarters.map(|(_, count)| *count).min() >= Some(CLASS_MIN), "{ending:?}");
    let together = later.iter().filter(|(seen, _)| within.contains(&seen.times[1]));
    let (classes, people) = together.fold((0, 0), |(classes, people), (_, count)| (classes + 1, people + count));
    assert!((25..=40).contains(&(people / classes)), "{people} people in {classes} classes");
}

/// What is drawn anew for each code is never the same, and says nothing together with another code.
#[test]
fn no_two_codes_of_a_person_share_a_byte_string() {
    let (issuer, who) = (signer(&KEYS.live.pkcs8), || Who::of(&Personal::new("明".to_owned()), 27).unwrap());
    let mut drawn = HashSet::new();
    for number in 0..CODES {
        let device = Signer::from_pkcs8(&Signer::generate_pkcs8().unwrap()).unwrap();
        let opening = WhoOpening { salt: Personal::new(sixteen(number)), who: who() };
        let (device_key, commitment) = (*device.public().coordinates(), opening.commitment());
        let claims = LiveClaims { device: device_key, who: commitment, ..claims(0, Timestamp::FOREVER, number) };
        let credential = LiveCredential::issue(&claims, &issuer).unwrap();
        for part in
            [device_key.x.to_vec(), device_key.y.to_vec(), commitment.bytes().to_vec(), claims.id.bytes().to_vec()]
        {
            assert!(drawn.insert(part));
        }
        // The signature is over what is drawn, and is itself random.
        assert!(drawn.insert(credential.bytes()[credential.bytes().len() - 64..].to_vec()));
    }
}

/// A colour, an end or an hour cannot be told by the length of a code.
#[test]
fn every_live_code_has_one_length() {
    let (issuer, device) = (signer(&KEYS.live.pkcs8), signer(&KEYS.device.pkcs8));
    let mut lengths = HashSet::new();
    for colour in Colour::ALL {
        for (second, change) in [(0, Timestamp::FOREVER), (59, at(T + HOUR)), (3_599, at(T + 2 * HOUR))] {
            let claims = LiveClaims { colour, ..claims(second, change, 1) };
            lengths.insert(seen_of(&claims, &issuer, &device).length);
        }
    }
    assert_eq!(lengths.len(), 1, "{lengths:?}");
}

/// Every row of a register is tried against a code: closed, it fits nobody; opened, it leaves all who share name mark and
/// day, and over the register that is at most fourteen bits.
#[test]
fn a_register_tried_row_by_row_leaves_the_who_bits() {
    let register = register();
    let (issuer, device) = (signer(&KEYS.live.pkcs8), signer(&KEYS.device.pkcs8));
    let mut bits: HashMap<(char, u8), usize> = HashMap::new();
    register.iter().for_each(|row| *bits.entry((row.character, row.day)).or_default() += 1);
    let numbers: HashSet<&[u8]> = register.iter().map(|row| row.number.as_bytes()).collect();
    let hash = |row: &Row| <[u8; 8]>::try_from(&digest(&SHA256, row.number.as_bytes()).as_ref()[..8]).unwrap();
    let hashes: HashSet<[u8; 8]> = register.iter().map(hash).collect();

    let holder = &register[4_711];
    let who = Who::of(&Personal::new(holder.character.to_string()), holder.day).unwrap();
    for number in 0..CODES {
        let opening = WhoOpening { salt: Personal::new(sixteen(number + 77)), who: who.clone() };
        let claims = LiveClaims { who: opening.commitment(), ..claims(0, Timestamp::FOREVER, number) };
        let code =
            LiveCredential::issue(&claims, &issuer).unwrap().present(&device, claims.times.issued(), None).unwrap();
        let bytes = base45::decode(code.text().strip_prefix("YM1:").unwrap()).unwrap();
        assert!(bytes.windows(18).all(|window| !numbers.contains(window)), "a document number");
        assert!(bytes.windows(8).all(|window| !hashes.contains(window)), "a hash of a document number");
        if number % 500 == 0 {
            let visible =
                [&[][..], &[0; 16], &claims.id.bytes(), &claims.device.x, &KEYS.live.id(), claims.who.bytes()];
            for (character, day) in bits.keys() {
                let tried = visible.map(|salt| commitment(salt, &character.to_string(), *day));
                assert!(tried.iter().all(|tried| tried != claims.who.bytes()), "closed, and yet it fits somebody");
            }
        }
    }

    let shown = opened(&who, &claims(0, Timestamp::FOREVER, 1), &issuer, &device);
    let left = register
        .iter()
        .filter(|row| Who::of(&Personal::new(row.character.to_string()), row.day).is_ok_and(|who| who == shown));
    assert_eq!(left.count(), bits[&(holder.character, holder.day)]);
    let people = f64::from(u32::try_from(PEOPLE).unwrap());
    let share = |count: &usize| f64::from(u32::try_from(*count).unwrap()) / people;
    let entropy: f64 = bits.values().map(|count| -share(count) * share(count).log2()).sum();
    assert!(entropy <= 14.0, "{entropy} bits");
}

/// Whose code a checkpoint reads after a tap.
fn opened(who: &Who, claims: &LiveClaims, issuer: &Signer, device: &Signer) -> Who {
    let opening = WhoOpening { salt: Personal::new([1; 16]), who: who.clone() };
    let claims = LiveClaims { who: opening.commitment(), ..claims.clone() };
    let code: Code =
        LiveCredential::issue(&claims, issuer).unwrap().present(device, claims.times.issued(), Some(&opening)).unwrap();
    inspect(&code.text()).unwrap().presented.unwrap().who.unwrap()
}

fn signer(pkcs8: &[u8]) -> Signer {
    Signer::from_pkcs8(pkcs8).unwrap()
}
