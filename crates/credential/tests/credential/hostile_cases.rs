//! Hostile texts, made by rule and never by chance: bombs, tricks with algorithms and key ids, claims out of bounds, and
//! changes of codes that pass.
//!
//! None is signed: what a verifier must say before it looks at a signature follows from docs/CODE.md, and after that it
//! must say that the signature is wrong.

use serde_json::{Value, json};
use yima_credential::base45;

use crate::raw::{Bytes, Key, Map, array, bytes, code, head, int, tagged, text};
use crate::world::{DAY, KEYS, MINUTE, T, confirmation, live_claims, live_ours, paper_claims, paper_ours};

pub(crate) struct HostileCase {
    pub(crate) name: String,
    /// A text, or for a very long one what it repeats after a prefix.
    pub(crate) text: Value,
    pub(crate) reason: &'static str,
}

/// All cases; `committed` gives the text of a committed code that passes.
pub(crate) fn cases(committed: impl Fn(&str) -> String) -> Vec<HostileCase> {
    let mut cases = texts();
    cases.extend(bombs());
    cases.extend(headers());
    cases.extend(signatures());
    cases.extend(live_claims_out_of_bounds());
    cases.extend(paper_claims_out_of_bounds());
    cases.extend(changed_live_codes(&committed("opened")));
    cases.extend(changed_paper_codes(&committed("paper")));
    cases
}

fn case(name: impl Into<String>, text: impl Into<Value>, reason: &'static str) -> HostileCase {
    HostileCase { name: name.into(), text: text.into(), reason }
}

/// A signature that nobody made, with s in the lower half.
const NOBODYS: [u8; 64] = [0x11; 64];

/// A COSE_Sign1 of these parts, whatever they are.
fn object(tags: &[u64], protected: &[u8], unprotected: Bytes, payload: &[u8], signature: &[u8]) -> Bytes {
    tagged(tags, array(&[bytes(protected), unprotected, bytes(payload), bytes(signature)]))
}

fn header(key: &Key) -> Map {
    Map::default().with(1, int(-7)).with(4, bytes(&key.id()))
}

/// A credential with these claims that names the key for its use.
fn credential(claims: &Map, key: &Key) -> Bytes {
    object(&[61, 18], &header(key).encode(), Map::default().encode(), &claims.encode(), &NOBODYS)
}

fn default_credential() -> Bytes {
    credential(&live_claims(&live_ours()), &KEYS.live)
}

/// The device's layer around these bytes.
fn presented(payload: &[u8]) -> Bytes {
    object(&[18], &Map::default().with(1, int(-7)).encode(), Map::default().encode(), payload, &NOBODYS)
}

fn texts() -> Vec<HostileCase> {
    let default = code(&presented(&array(&[bytes(&default_credential()), int(T + 20)])));
    let digits = default.strip_prefix("YM1:").unwrap();
    let repeated =
        |prefix: &str, repeat: &str, times: usize| json!({"prefix": prefix, "repeat": repeat, "times": times});
    let mut cases = vec![
        case("a megabyte of one digit", repeated("YM1:", "A", 1_000_000), "oversized"),
        case("a megabyte of colons", repeated("YM1:", ":", 1_000_000), "oversized"),
        case("a megabyte of Chinese", repeated("YM1:", "码", 333_333), "oversized"),
        case("a megabyte without a prefix", repeated("", "A", 1_000_000), "not_ours"),
        case("250 Chinese characters", repeated("YM1:", "码", 250), "base45_invalid"),
        case("600 characters, most of them outside of the first plane", repeated("YM1:", "𠮷", 596), "base45_invalid"),
        case("601 characters, most of them outside of the first plane", repeated("YM1:", "𠮷", 597), "oversized"),
    ];
    let prefixes =
        ["ym1:", "Ym1:", "ＹＭ１:", "YM1", "YM1;", "YM2:", "YM10:", "YM 1:", "\u{feff}YM1:", "\u{202e}YM1:", "\0YM1:"];
    let other = [
        "HC1:",
        "shc:/",
        "NZCP:/1/",
        "https://example.invalid/?code=YM1:",
        "javascript:alert('YM1:",
        "<script>",
        "' OR 1=1 --",
    ];
    for prefix in prefixes.into_iter().chain(other) {
        cases.push(case(format!("the prefix {prefix:?}"), format!("{prefix}{digits}"), "not_ours"));
    }
    for character in [
        "a", "é", "码", "😀", "\0", "\t", "\n", "\r\n", "\u{202e}", "\u{200b}", "\u{2028}", "０", "_", "#", "=", "\\",
        "'",
    ] {
        for at in [0, 1, 200] {
            let (before, after) = digits.split_at(at);
            let name = format!("{character:?} after {at} digits");
            cases.push(case(name, format!("YM1:{before}{character}{after}"), "base45_invalid"));
        }
    }
    for (ending, name) in [
        ("GGW", "65536 in three digits"),
        (":::", "91124 in three digits"),
        ("V5", "256 in two"),
        ("::", "2024 in two"),
        ("0", "one digit"),
    ] {
        cases.push(case(format!("at the end {name}"), format!("YM1:BB8{ending}"), "base45_invalid"));
    }
    cases
}

/// CBOR that no verifier may follow, with the fault that it meets first.
fn faulty_items() -> Vec<(&'static str, Bytes, &'static str)> {
    let deep = |unit: &[u8], times| unit.repeat(times);
    let nested = |levels: usize| [deep(&[0x81], levels - 1), vec![0x00]].concat();
    let string = |content: &[u8]| [head(3, content.len() as u64), content.to_vec()].concat();
    vec![
        ("17 arrays", nested(17), "too_deep"),
        ("100 arrays", deep(&[0x81], 100), "too_deep"),
        ("100 tags", deep(&[0xc1], 100), "too_deep"),
        ("50 maps", deep(&[0xa1, 0x00], 50), "too_deep"),
        ("90 maps as keys", deep(&[0xa1], 90), "too_deep"),
        ("tags and arrays by turns", deep(&[0xc2, 0x81], 50), "too_deep"),
        ("an array of 2^64 - 1", [vec![0x9b], vec![0xff; 8]].concat(), "truncated"),
        ("an array of 2^32", vec![0x9b, 0, 0, 0, 1, 0, 0, 0, 0, 0x00], "truncated"),
        ("a map of 2^63", vec![0xbb, 0x80, 0, 0, 0, 0, 0, 0, 0], "truncated"),
        ("bytes of 2^64 - 1", [vec![0x5b], vec![0xff; 8]].concat(), "truncated"),
        ("text of 2^32", vec![0x7b, 0, 0, 0, 1, 0, 0, 0, 0], "truncated"),
        ("half a head", vec![0x1a, 0x00], "truncated"),
        ("nothing at all behind a tag", vec![0xc1], "truncated"),
        ("an array without length", vec![0x9f, 0x00, 0xff], "indefinite_length"),
        ("a map without length", vec![0xbf, 0xff], "indefinite_length"),
        ("bytes without length", vec![0x5f, 0x41, 0x00, 0xff], "indefinite_length"),
        ("text without length", vec![0x7f, 0x61, 0x61, 0xff], "indefinite_length"),
        ("a half float", vec![0xf9, 0x3c, 0x00], "unsupported_item"),
        ("a float that is no number", vec![0xfa, 0x7f, 0xc0, 0x00, 0x00], "unsupported_item"),
        ("an endless float", vec![0xfb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0], "unsupported_item"),
        ("undefined", vec![0xf7], "unsupported_item"),
        ("a simple value", vec![0xf8, 0x20], "unsupported_item"),
        ("a reserved head", vec![0x1c], "unsupported_item"),
        ("text that ends within a character", string(&[0xe7, 0xa0]), "unsupported_item"),
        ("text in an overlong form", string(&[0xc0, 0x80]), "unsupported_item"),
        ("text of half a surrogate pair", string(&[0xed, 0xa0, 0x80]), "unsupported_item"),
        ("0 in two bytes", vec![0x18, 0x00], "not_canonical"),
        ("255 in three bytes", vec![0x19, 0x00, 0xff], "not_canonical"),
        ("65535 in five bytes", vec![0x1a, 0x00, 0x00, 0xff, 0xff], "not_canonical"),
        ("2^32 - 1 in nine bytes", vec![0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], "not_canonical"),
        ("a length in two bytes", vec![0x58, 0x01, 0x00], "not_canonical"),
        ("a tag in two bytes", vec![0xd8, 0x12, 0x00], "not_canonical"),
        ("keys in another order", vec![0xa2, 0x01, 0x00, 0x00, 0x00], "not_canonical"),
        ("a long key before a short one", vec![0xa2, 0x20, 0x00, 0x18, 0x18, 0x00], "not_canonical"),
        ("a key twice", vec![0xa2, 0x00, 0x00, 0x00, 0x01], "duplicate_key"),
        ("a key twice with others between", vec![0xa3, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00], "duplicate_key"),
        ("an array twice as a key", vec![0xa2, 0x81, 0x00, 0x00, 0x81, 0x00, 0x00], "duplicate_key"),
        ("two items", vec![0x00, 0x00], "trailing_bytes"),
        ("an item and half a head", vec![0x00, 0x1a], "trailing_bytes"),
    ]
}

/// Each faulty item in each place of a code where CBOR stands.
fn bombs() -> Vec<HostileCase> {
    let (protected, nothing) = (header(&KEYS.live).encode(), Map::default().encode());
    let claims = live_claims(&live_ours()).encode();
    let mut cases = Vec::new();
    for (item, content, reason) in faulty_items() {
        let places: [(&str, Bytes); 5] = [
            ("as a code", content.clone()),
            ("as claims", object(&[61, 18], &protected, nothing.clone(), &content, &NOBODYS)),
            ("as a header", object(&[61, 18], &content, nothing.clone(), &claims, &NOBODYS)),
            ("as a presentation", presented(&content)),
            ("as a credential", presented(&array(&[bytes(&content), int(T + 20)]))),
        ];
        cases.extend(places.map(|(place, whole)| case(format!("{item} {place}"), code(&whole), reason)));
    }
    cases
}

/// Headers that would like to choose the algorithm or the key themselves.
fn headers() -> Vec<HostileCase> {
    let payload = live_claims(&live_ours()).encode();
    let with = |protected: &Map, unprotected: &Map| {
        code(&object(&[61, 18], &protected.encode(), unprotected.encode(), &payload, &NOBODYS))
    };
    let (right, none) = (header(&KEYS.live), Map::default());
    let mut cases = vec![
        case(
            "no algorithm, and the label as text",
            with(&right.clone().without(1).with_key(text("1"), int(-7)), &none),
            "algorithm_missing",
        ),
        case(
            "no algorithm, and its name",
            with(&right.clone().without(1).with_key(text("alg"), text("ES256")), &none),
            "algorithm_missing",
        ),
        case("an empty header", code(&object(&[61, 18], &[], none.encode(), &payload, &NOBODYS)), "algorithm_missing"),
        case("no key id", with(&right.clone().without(4), &none), "key_unknown"),
        case(
            "a key of the sender's own",
            with(&right.clone().with(-1, KEYS.stranger.cose()), &none),
            "signature_invalid",
        ),
    ];
    let algorithms =
        [0, -8, -35, -36, -37, -38, -39, -47, -257, -258, -259, -65535, 1, 3, 4, 5, 6, 7, 10, i64::MAX, i64::MIN + 1];
    for algorithm in algorithms {
        cases.push(case(
            format!("algorithm {algorithm}"),
            with(&right.clone().with(1, int(algorithm)), &none),
            "algorithm_wrong",
        ));
    }
    for (name, value) in [
        ("none", text("none")),
        ("null", vec![0xf6]),
        ("a list", array(&[int(-7)])),
        ("bytes", bytes(&[0x26])),
        ("false", vec![0xf4]),
    ] {
        cases.push(case(
            format!("algorithm {name}"),
            with(&right.clone().with(1, value.clone()), &none),
            "algorithm_wrong",
        ));
        cases.push(case(
            format!("algorithm {name}, unprotected"),
            with(&right, &none.clone().with(1, value)),
            "algorithm_unprotected",
        ));
    }
    for (name, key_id) in [
        ("of 15 bytes", bytes(&KEYS.live.id()[1..])),
        ("of 17 bytes", bytes(&[KEYS.live.id().as_slice(), &[0]].concat())),
        ("of no bytes", bytes(&[])),
        ("of eight bytes, as elsewhere", bytes(&KEYS.live.id()[..8])),
        ("of zeros", bytes(&[0; 16])),
        ("as text", text("0123456789abcdef")),
        ("as a path", text("../../keys/live.p8")),
        ("as a number", int(0)),
        ("as a list", array(&[bytes(&KEYS.live.id())])),
        ("of the root", bytes(&KEYS.root.id())),
        ("of the device", bytes(&KEYS.device.id())),
        ("of a stranger", bytes(&KEYS.stranger.id())),
    ] {
        cases.push(case(format!("a key id {name}"), with(&right.clone().with(4, key_id), &none), "key_unknown"));
    }
    for (name, key) in [("paper", &KEYS.paper), ("status lists", &KEYS.status)] {
        cases.push(case(format!("the key for {name}"), with(&header(key), &none), "key_use_wrong"));
    }
    for (name, critical) in [
        ("nothing", array(&[])),
        ("the algorithm", array(&[int(1)])),
        ("no list", int(1)),
        ("a name", array(&[text("exp")])),
    ] {
        cases.push(case(
            format!("critical: {name}"),
            with(&right.clone().with(2, critical), &none),
            "critical_unknown",
        ));
    }
    for (name, label) in [
        ("critical", int(2)),
        ("key id", int(4)),
        ("certificates", int(33)),
        ("address of certificates", int(35)),
        ("name", text("alg")),
    ] {
        cases.push(case(
            format!("unprotected: {name}"),
            with(&right, &none.clone().with_key(label, bytes(&[0; 16]))),
            "header_unprotected",
        ));
    }
    for (name, label, value) in [
        ("certificates", 33, bytes(&[0x30, 0x82])),
        ("an address of certificates", 35, text("https://example.invalid/key")),
        ("claims", 15, Map::default().with(1, text("CN")).encode()),
        ("a content type", 3, text("text/html")),
        ("a countersignature", 11, bytes(&NOBODYS)),
    ] {
        cases.push(case(
            format!("a header with {name}"),
            with(&right.clone().with(label, value), &none),
            "signature_invalid",
        ));
    }
    cases
}

/// Signatures that a careless library takes.
fn signatures() -> Vec<HostileCase> {
    let half = |first: u8, last: u8| [vec![first], vec![0; 30], vec![last]].concat();
    let order = [&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], [0xff; 8].as_slice()].concat();
    let mut n = order;
    n.extend([0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51]);
    let der = [vec![0x30, 0x44, 0x02, 0x20], vec![0x11; 32], vec![0x02, 0x20], vec![0x11; 32]].concat();
    let mut cases = Vec::new();
    for (name, signature, reason) in [
        ("zeros", vec![0; 64], "signature_invalid"),
        ("r 0 and s 1", [half(0, 0), half(0, 1)].concat(), "signature_invalid"),
        ("r 1 and s 0", [half(0, 1), half(0, 0)].concat(), "signature_invalid"),
        ("r 1 and s 1", [half(0, 1), half(0, 1)].concat(), "signature_invalid"),
        ("r the order and s 1", [n.clone(), half(0, 1)].concat(), "signature_invalid"),
        ("r 1 and s the order", [half(0, 1), n].concat(), "signature_malleable"),
        ("ones everywhere", vec![0xff; 64], "signature_malleable"),
        ("s of the upper half", [vec![0x11; 32], vec![0x80; 32]].concat(), "signature_malleable"),
        ("in DER", der, "not_signed"),
        ("nothing", Vec::new(), "not_signed"),
        ("65 bytes", vec![0x11; 65], "not_signed"),
        ("32 bytes", vec![0x11; 32], "not_signed"),
    ] {
        let (claims, nothing) = (live_claims(&live_ours()).encode(), Map::default().encode());
        let whole = object(&[61, 18], &header(&KEYS.live).encode(), nothing.clone(), &claims, &signature);
        cases.push(case(format!("a signature of {name}"), code(&whole), reason));
        let payload = array(&[bytes(&default_credential()), int(T + 20)]);
        let device = Map::default().with(1, int(-7)).encode();
        let whole = object(&[18], &device, nothing, &payload, &signature);
        cases.push(case(format!("a device's signature of {name}"), code(&whole), reason));
    }
    cases
}

/// Values that are no 32-bit time and no small number.
fn no_numbers() -> [(&'static str, Bytes); 8] {
    [
        ("-1", int(-1)),
        ("2^32", int(1 << 32)),
        ("2^64 - 1", [vec![0x1b], vec![0xff; 8]].concat()),
        ("-2^64", [vec![0x3b], vec![0xff; 8]].concat()),
        ("text", text("1607904000")),
        ("bytes", bytes(&[0x5f, 0xd6, 0xae, 0x80])),
        ("null", vec![0xf6]),
        ("a tagged number", tagged(&[1], int(T))),
    ]
}

fn live_claims_out_of_bounds() -> Vec<HostileCase> {
    let (claims, ours) = (live_claims(&live_ours()), live_ours());
    let live =
        |name: &str, claims: &Map, reason| case(format!("live: {name}"), code(&credential(claims, &KEYS.live)), reason);
    let with_ours = |ours: Map| claims.clone().with(-65537, ours.encode());
    let mut cases = vec![
        live("of another issuer", &claims.clone().with(1, text("XX")), "issuer_wrong"),
        live("an unknown claim", &claims.clone().with(-70_000, int(1)), "signature_invalid"),
        live("an unknown critical claim of ours", &with_ours(ours.clone().with(-9, int(1))), "critical_unknown"),
        live("no map of ours", &claims.clone().with(-65537, array(&[])), "claim_invalid"),
        live("ends when it begins", &claims.clone().with(4, int(T)), "lifetime_invalid"),
        live("ends before it begins", &claims.clone().with(4, int(T - MINUTE)), "lifetime_invalid"),
        live("a minute more than a day", &claims.clone().with(4, int(T + DAY + MINUTE)), "lifetime_invalid"),
        live("ten years", &claims.clone().with(4, int(T + 3650 * DAY)), "lifetime_invalid"),
        live("until the end of time", &claims.clone().with(4, int(0xffff_ffff / 60 * 60)), "lifetime_invalid"),
        live("data from the future", &with_ours(ours.clone().with(3, int(T + MINUTE))), "claim_invalid"),
    ];
    for issuer in ["cn", "C", "CNN", "", "ＣＮ", "CN ", " CN", "C\0", "С\u{41d}", "中国"] {
        cases.push(live(&format!("issuer {issuer:?}"), &claims.clone().with(1, text(issuer)), "claim_invalid"));
    }
    for (name, value) in no_numbers() {
        for (what, label) in [("end", 4), ("beginning", 6)] {
            cases.push(live(
                &format!("{name} as its {what}"),
                &claims.clone().with(label, value.clone()),
                "claim_invalid",
            ));
        }
        for (what, label) in [("mode", 1), ("colour", 2), ("time of its data", 3), ("epoch", 4)] {
            cases.push(live(
                &format!("{name} as its {what}"),
                &with_ours(ours.clone().with(label, value.clone())),
                "claim_invalid",
            ));
        }
    }
    for second in [1, 59] {
        cases.push(live(
            &format!("issued at second {second}"),
            &claims.clone().with(6, int(T + second)),
            "claim_invalid",
        ));
        cases.push(live(
            &format!("ends at second {second}"),
            &claims.clone().with(4, int(T + DAY - second)),
            "claim_invalid",
        ));
        cases.push(live(
            &format!("data of second {second}"),
            &with_ours(ours.clone().with(3, int(T - second))),
            "claim_invalid",
        ));
    }
    for (what, number) in [("mode", 3), ("mode", 0), ("mode", 255), ("colour", 4), ("colour", 255)] {
        let label = if what == "mode" { 1 } else { 2 };
        cases.push(live(
            &format!("{what} {number}"),
            &with_ours(ours.clone().with(label, int(number))),
            "claim_invalid",
        ));
    }
    for length in [0, 15, 17, 64] {
        let value = bytes(&vec![0xc7; length]);
        cases.push(live(&format!("an id of {length} bytes"), &claims.clone().with(7, value.clone()), "claim_invalid"));
        cases.push(live(
            &format!("a commitment of {length} bytes"),
            &with_ours(ours.clone().with(5, value)),
            "claim_invalid",
        ));
    }
    for label in [1, 4, 6, 7, 8, -65537] {
        cases.push(live(&format!("no claim {label}"), &claims.clone().without(label), "claim_missing"));
    }
    for label in 1..=5 {
        cases.push(live(
            &format!("no claim {label} of ours"),
            &with_ours(ours.clone().without(label)),
            "claim_missing",
        ));
    }
    let key =
        Map::default().with(1, int(2)).with(-1, int(1)).with(-2, bytes(&KEYS.device.x)).with(-3, bytes(&KEYS.device.y));
    for (name, key) in [
        ("of another curve", key.clone().with(-1, int(2))),
        ("of another type", key.clone().with(1, int(1))),
        ("with its private part", key.clone().with(-4, bytes(&[1; 32]))),
        ("with an algorithm", key.clone().with(3, int(-7))),
        ("of 31 bytes", key.clone().with(-2, bytes(&[1; 31]))),
        ("in its short form", key.with(-3, vec![0xf5])),
    ] {
        let confirmed = Map::default().with(1, key.encode()).encode();
        cases.push(live(&format!("a device's key {name}"), &claims.clone().with(8, confirmed), "claim_invalid"));
    }
    for (name, confirmed) in [
        ("by an id", Map::default().with(3, bytes(&[1; 16])).encode()),
        ("twice", { Map::default().with(1, KEYS.device.cose()).with(3, bytes(&[1; 16])).encode() }),
        ("bare", KEYS.device.cose()),
    ] {
        cases.push(live(&format!("a device's key {name}"), &claims.clone().with(8, confirmed), "claim_invalid"));
    }
    cases.push(live(
        "a device's key of somebody else",
        &claims.clone().with(8, confirmation(&KEYS.stranger)),
        "signature_invalid",
    ));
    cases
}

fn paper_claims_out_of_bounds() -> Vec<HostileCase> {
    let (claims, ours) = (paper_claims(&paper_ours()), paper_ours());
    let paper = |name: &str, claims: &Map, reason| {
        case(format!("paper: {name}"), code(&credential(claims, &KEYS.paper)), reason)
    };
    let with_ours = |label: i64, value: Bytes| claims.clone().with(-65537, ours.clone().with(label, value).encode());
    let mut cases = vec![
        paper("a second more than 180 days", &claims.clone().with(4, int(T + 180 * DAY + 1)), "lifetime_invalid"),
        paper("ten years", &claims.clone().with(4, int(T + 3650 * DAY)), "lifetime_invalid"),
        paper("no end", &claims.clone().without(4), "claim_missing"),
        paper("nobody's", &claims.clone().with(-65537, ours.clone().without(6).encode()), "claim_missing"),
        paper("without an entry", &claims.clone().with(-65537, ours.clone().without(7).encode()), "claim_missing"),
        case("paper by the key for live codes", code(&credential(&claims, &KEYS.live)), "key_use_wrong"),
        case(
            "paper in a device's layer",
            code(&presented(&array(&[bytes(&credential(&claims, &KEYS.paper)), int(T + 20)]))),
            "presentation_invalid",
        ),
    ];
    for character in ["", "小明", "7", "?", "\u{202e}", "\u{200d}", "\u{301}", "😀", "\0", "\n", "<", "=", "\u{feff}"]
    {
        let who = array(&[text(character), int(27)]);
        cases.push(paper(&format!("the character {character:?}"), &with_ours(6, who.clone()), "claim_invalid"));
        let guardian = array(&[int(1), text(character)]);
        cases.push(paper(&format!("the guardian {character:?}"), &with_ours(8, guardian), "claim_invalid"));
    }
    for (name, who) in [
        ("day 0", array(&[text("明"), int(0)])),
        ("day 32", array(&[text("明"), int(32)])),
        ("a day as text", array(&[text("明"), text("27")])),
        ("the two in another order", array(&[int(27), text("明")])),
        ("three of them", array(&[text("明"), int(27), int(1990)])),
        ("one of them", array(&[text("明")])),
        ("a name", text("王小明")),
    ] {
        cases.push(paper(&format!("whose: {name}"), &with_ours(6, who), "claim_invalid"));
    }
    for (name, entry) in [
        ("one number", array(&[int(1)])),
        ("three numbers", array(&[int(1), int(2), int(3)])),
        ("a negative index", array(&[int(1), int(-1)])),
        ("an index of 2^32", array(&[int(1), int(1 << 32)])),
        ("an address", text("https://example.invalid/status/1")),
    ] {
        cases.push(paper(&format!("entry: {name}"), &with_ours(7, entry), "claim_invalid"));
    }
    for relation in [0, 7, 255] {
        let guardian = array(&[int(relation), text("红")]);
        cases.push(paper(&format!("relation {relation}"), &with_ours(8, guardian), "claim_invalid"));
    }
    cases
}

/// Bits of a region, chosen by a fixed rule and spread over it.
fn bits(length: usize) -> impl Iterator<Item = usize> {
    (0..6_usize).map(move |step| (step * 2_654_435_761 + 97) % (length * 8))
}

/// The code with single bits changed in the region that begins at `start`.
fn changed(name: &str, whole: &[u8], start: usize, length: usize, reason: &'static str) -> Vec<HostileCase> {
    let change = |bit: usize| {
        let mut changed = whole.to_vec();
        changed[start + bit / 8] ^= 1 << (bit % 8);
        case(format!("{name}: bit {bit} changed"), code(&changed), reason)
    };
    bits(length).map(change).collect()
}

fn find(whole: &[u8], part: &[u8]) -> usize {
    whole.windows(part.len()).position(|window| window == part).unwrap()
}

fn top_of_s(name: &str, whole: &[u8], s: usize) -> HostileCase {
    let mut changed = whole.to_vec();
    changed[s] |= 0x80;
    case(format!("{name}: s above the half"), code(&changed), "signature_malleable")
}

fn changed_live_codes(text: &str) -> Vec<HostileCase> {
    let whole = base45::decode(text.strip_prefix("YM1:").unwrap()).unwrap();
    // The credential is the byte string that begins with its tags 61 and 18.
    let inner = find(&whole, &[0xd8, 0x3d, 0xd2, 0x84]);
    let length = match whole[inner - 2] {
        0x58 => usize::from(whole[inner - 1]),
        high => usize::from(high) * 256 + usize::from(whole[inner - 1]),
    };
    let (r, device_r) = (inner + length - 64, whole.len() - 64);
    let mut cases = Vec::new();
    for (name, start, length, reason) in [
        ("key id", find(&whole, &KEYS.live.id()), 16, "key_unknown"),
        ("id", find(&whole, &[0xc7; 16]), 16, "signature_invalid"),
        ("device's x", find(&whole, &KEYS.device.x), 32, "signature_invalid"),
        ("device's y", find(&whole, &KEYS.device.y), 32, "signature_invalid"),
        ("issuer's r", r, 32, "signature_invalid"),
        ("issuer's s", r + 33, 31, "signature_invalid"),
        ("salt", find(&whole, &crate::world::SALT), 16, "presentation_key_mismatch"),
        ("device's r", device_r, 32, "presentation_key_mismatch"),
        ("device's s", device_r + 33, 31, "presentation_key_mismatch"),
    ] {
        cases.extend(changed(&format!("live, {name}"), &whole, start, length, reason));
    }
    cases.push(top_of_s("live, issuer's s", &whole, r + 32));
    cases.push(top_of_s("live, device's s", &whole, device_r + 32));
    cases
}

fn changed_paper_codes(text: &str) -> Vec<HostileCase> {
    let whole = base45::decode(text.strip_prefix("YM1:").unwrap()).unwrap();
    let r = whole.len() - 64;
    let index = find(&whole, &[0x19, 0x12, 0x67]);
    let mut cases = changed("paper, key id", &whole, find(&whole, &KEYS.paper.id()), 16, "key_unknown");
    cases.extend(changed("paper, index", &whole, index + 2, 1, "signature_invalid"));
    cases.extend(changed("paper, r", &whole, r, 32, "signature_invalid"));
    cases.extend(changed("paper, s", &whole, r + 33, 31, "signature_invalid"));
    cases.push(top_of_s("paper, s", &whole, r + 32));
    cases
}
