//! Every case of a scanned code: one change from a code that passes, and what must come of it by docs/CODE.md.

use crate::raw::{Bytes, Map, Object, array, bytes, code, head, int, tagged, text};
use crate::world::{
    DAY, HOUR, KEYS, MINUTE, SALT, T, commitment, compressed, confirmation, credential, entries, listed_keys,
    live_claims, live_ours, opened, opening, paper_claims, paper_ours, presentation, status_content, status_list,
    trust_content, trust_list,
};

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) trust: &'static str,
    pub(crate) status: Vec<&'static str>,
    pub(crate) place: Place,
    /// The clock of the checkpoint's device.
    pub(crate) now: i64,
    pub(crate) built: i64,
    /// What the checkpoint has scanned before, at the same time.
    pub(crate) before: Vec<String>,
    pub(crate) expected: Expected,
    pub(crate) decision: &'static str,
}

#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) class: &'static str,
    pub(crate) level: &'static str,
    pub(crate) listed: bool,
    pub(crate) strict: bool,
    pub(crate) attended: bool,
}

pub(crate) const VENUE: Place = Place { class: "venue", level: "medium", listed: false, strict: false, attended: true };

#[derive(Clone)]
pub(crate) enum Expected {
    Refused(&'static str),
    Verified(Verified),
}

#[derive(Clone)]
pub(crate) struct Verified {
    /// A colour, or `passes` for paper.
    pub(crate) standing: &'static str,
    pub(crate) as_of: i64,
    pub(crate) older_hours: Option<u32>,
    pub(crate) expires: i64,
    pub(crate) epoch: Option<u32>,
    pub(crate) who: Option<(&'static str, u8)>,
    pub(crate) guardian: Option<(&'static str, &'static str)>,
}

/// The trust lists that cases name.
pub(crate) fn trust_lists() -> Vec<(&'static str, Bytes)> {
    let default = trust_content(&listed_keys());
    vec![
        ("default", trust_list(&default).encode()),
        ("of another issuer", trust_list(&default.clone().with(2, text("XX"))).encode()),
        ("for one day", trust_list(&default.with(5, int(T + DAY))).encode()),
    ]
}

/// The status lists that cases name.
pub(crate) fn status_lists() -> Vec<(&'static str, Bytes)> {
    let list = |content: &Map| status_list(content, &KEYS.status).encode();
    let default = status_content(&entries());
    let fallen = compressed(&[0xff; 1 << 14]);
    vec![
        ("default", list(&default)),
        ("4711 fallen", list(&default.clone().with(65533, fallen))),
        ("for one hour", list(&default.with(4, int(T + HOUR)))),
    ]
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = texts();
    cases.extend(faults_of_cbor());
    cases.extend(faults_of_form());
    cases.extend(faults_of_presentations());
    cases.extend(faults_of_claims());
    cases.extend(faults_of_issuers());
    cases.extend(devices());
    cases.extend(times());
    cases.extend(papers());
    cases.extend(places());
    cases.extend(precedence());
    cases.extend(what_passes());
    cases
}

impl Case {
    /// A code of which the first half minute has passed, at a venue in a medium-risk area.
    fn new(name: impl Into<String>, text: String, expected: Expected, decision: &'static str) -> Self {
        Self {
            name: name.into(),
            text,
            trust: "default",
            status: vec!["default"],
            place: VENUE,
            now: T + 30,
            built: T - 30 * DAY,
            before: Vec::new(),
            expected,
            decision,
        }
    }

    fn at(self, now: i64) -> Self {
        Self { now, ..self }
    }

    fn in_place(self, place: Place) -> Self {
        Self { place, ..self }
    }
}

fn refused(name: impl Into<String>, text: String, reason: &'static str) -> Case {
    Case::new(name, text, Expected::Refused(reason), "stop")
}

fn cannot_tell(name: impl Into<String>, text: String, reason: &'static str) -> Case {
    Case::new(name, text, Expected::Refused(reason), "cannot-tell")
}

fn green() -> Verified {
    Verified {
        standing: "green",
        as_of: T,
        older_hours: None,
        expires: T + DAY,
        epoch: Some(7),
        who: None,
        guardian: None,
    }
}

fn stands() -> Verified {
    Verified {
        standing: "passes",
        as_of: T,
        older_hours: None,
        expires: T + 180 * DAY,
        epoch: None,
        who: Some(("明", 27)),
        guardian: None,
    }
}

fn passes(name: impl Into<String>, text: String, verified: Verified) -> Case {
    Case::new(name, text, Expected::Verified(verified), "pass")
}

/// The text of a live code with these claims, presented at T + 20.
fn live(claims: &Map) -> String {
    live_at(claims, T + 20)
}

fn live_at(claims: &Map, at: i64) -> String {
    code(&presentation(&credential(claims, &KEYS.live).encode(), at).encode())
}

fn default_credential() -> Object<'static> {
    credential(&live_claims(&live_ours()), &KEYS.live)
}

/// The text of a live code around this credential, presented at T + 20.
fn around(credential: &Object<'_>) -> String {
    code(&presentation(&credential.encode(), T + 20).encode())
}

fn default_live() -> String {
    live(&live_claims(&live_ours()))
}

fn paper(claims: &Map) -> String {
    code(&credential(claims, &KEYS.paper).encode())
}

fn default_paper() -> String {
    paper(&paper_claims(&paper_ours()))
}

fn texts() -> Vec<Case> {
    let default = default_live();
    let digits = |count: usize| format!("YM1:{}", "0".repeat(count));
    vec![
        refused("no text", String::new(), "empty"),
        refused("an address", "https://example.com/code?id=1".into(), "not_ours"),
        refused("another country's certificate", default.replacen("YM1:", "HC1:", 1), "not_ours"),
        refused("prefix in lower case", default.replacen("YM1:", "ym1:", 1), "not_ours"),
        refused("space before the prefix", format!(" {default}"), "not_ours"),
        refused("601 characters", digits(597), "oversized"),
        refused("a megabyte", digits(1_000_000), "oversized"),
        refused("600 characters of zeros", digits(596), "trailing_bytes"),
        refused("a digit outside of the alphabet", default.replacen("YM1:", "YM1:a", 1), "base45_invalid"),
        refused("a lone digit at the end", "YM1:0000".into(), "base45_invalid"),
        refused("a triple that is too large", "YM1::::".into(), "base45_invalid"),
        refused("a line break at the end", format!("{default}\n"), "base45_invalid"),
        refused("the prefix alone", "YM1:".into(), "truncated"),
    ]
}

fn faults_of_cbor() -> Vec<Case> {
    let credential_bytes = default_credential().encode();
    let whole = presentation(&credential_bytes, T + 20).encode();
    let claims = live_claims(&live_ours());
    let twice =
        |entries: &[(Bytes, Bytes)], extra: (Bytes, Bytes)| Map::encode_as_it_stands(&[entries, &[extra]].concat());
    let with_payload = |payload: Bytes| around(&Object { payload, ..default_credential() });
    let [protected, unprotected, payload, signature] = default_credential().parts();
    let parts = [protected.clone(), unprotected.clone(), payload, signature.clone()].concat();
    let chunked = [vec![0x5f], bytes(&claims.encode()), vec![0xff]].concat();
    let reversed: Vec<_> = claims.entries().iter().rev().cloned().collect();
    let mut long_head = claims.encode();
    long_head.splice(..1, [0xb8, 0x06]);
    vec![
        refused("one byte short", code(&whole[..whole.len() - 1]), "truncated"),
        refused("half a code", code(&whole[..whole.len() / 2]), "truncated"),
        refused("a length that is not there", code(&[0xd2, 0x5b, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]), "truncated"),
        refused("17 levels", code(&[vec![0x81; 16], vec![0x00]].concat()), "too_deep"),
        refused("300 levels", code(&[0x81; 300]), "too_deep"),
        refused("300 tags", code(&[0xc1; 300]), "too_deep"),
        refused(
            "an array without length",
            code(&[&[0xd8, 0x3d, 0xd2, 0x9f], parts.as_slice(), &[0xff]].concat()),
            "indefinite_length",
        ),
        refused(
            "a payload in chunks",
            code(&tagged(&[61, 18], array(&[protected, unprotected, chunked, signature]))),
            "indefinite_length",
        ),
        refused("claims without length", with_payload([vec![0xbf], vec![0xff]].concat()), "indefinite_length"),
        refused("a claim twice", with_payload(twice(claims.entries(), (int(4), int(T + DAY)))), "duplicate_key"),
        refused(
            "red and green",
            live(&claims.clone().with(-65537, {
                let entries = live_ours();
                let mut entries = entries.entries().to_vec();
                entries.insert(2, (int(2), int(2)));
                Map::encode_as_it_stands(&entries)
            })),
            "duplicate_key",
        ),
        refused("claims in another order", with_payload(Map::encode_as_it_stands(&reversed)), "not_canonical"),
        refused("a head that is too long", with_payload(long_head), "not_canonical"),
        refused(
            "a time that is a float",
            live(&claims.clone().with(6, [vec![0xfb], 1_607_904_000.0_f64.to_be_bytes().to_vec()].concat())),
            "unsupported_item",
        ),
        refused(
            "a time that is not a number",
            live(&claims.clone().with(6, vec![0xf9, 0x7e, 0x00])),
            "unsupported_item",
        ),
        refused(
            "an issuer that is no UTF-8",
            live(&claims.clone().with(1, vec![0x62, 0xc3, 0x28])),
            "unsupported_item",
        ),
        refused("a byte after the end", code(&[whole.as_slice(), &[0x00]].concat()), "trailing_bytes"),
        refused("a byte after the claims", with_payload([claims.encode(), vec![0x00]].concat()), "trailing_bytes"),
        refused("a null for claims", with_payload(vec![0xf6]), "claim_invalid"),
    ]
}

fn faults_of_form() -> Vec<Case> {
    let default = default_credential;
    let [protected, unprotected, payload, signature] = default().parts();
    let four = |parts: [Bytes; 4]| code(&tagged(&[61, 18], array(&parts)));
    let with_algorithm = |value: Bytes| around(&default().protect(1, value));
    let no_algorithm = || Object { protected: default().protected.without(1), ..default() };
    let whole = presentation(&default().encode(), T + 20);
    let critical = array(&[int(99)]);
    vec![
        refused("no tag", code(&array(&default().parts())), "wrong_tag"),
        refused("tag of a MAC", code(&tagged(&[61, 17], array(&default().parts()))), "wrong_tag"),
        refused("tag of a CWT alone", code(&tagged(&[61], array(&default().parts()))), "wrong_tag"),
        refused("a number", code(&int(1)), "wrong_tag"),
        refused("three parts", code(&tagged(&[61, 18], array(&default().parts()[..3]))), "not_signed"),
        refused(
            "a signature of 63 bytes",
            four([protected.clone(), unprotected.clone(), payload.clone(), bytes(&signature[2..65])]),
            "not_signed",
        ),
        refused(
            "no payload",
            four([protected.clone(), unprotected.clone(), vec![0xf6], signature.clone()]),
            "not_signed",
        ),
        refused(
            "a header that is no map",
            four([bytes(&int(1)), unprotected, payload.clone(), signature.clone()]),
            "not_signed",
        ),
        refused("no unprotected header", four([protected, array(&[]), payload, signature]), "not_signed"),
        refused("no algorithm", around(&no_algorithm()), "algorithm_missing"),
        refused(
            "no algorithm of the device",
            code(&Object { protected: Map::default(), ..whole.clone() }.encode()),
            "algorithm_missing",
        ),
        refused("the algorithm unprotected", around(&no_algorithm().unprotect(1, int(-7))), "algorithm_unprotected"),
        refused("the algorithm in both headers", around(&default().unprotect(1, int(-7))), "algorithm_unprotected"),
        refused("algorithm none", with_algorithm(int(0)), "algorithm_wrong"),
        refused("algorithm EdDSA", with_algorithm(int(-8)), "algorithm_wrong"),
        refused("algorithm HMAC", with_algorithm(int(5)), "algorithm_wrong"),
        refused("algorithm as text", with_algorithm(text("ES256")), "algorithm_wrong"),
        refused("a key id unprotected", around(&default().unprotect(4, bytes(&KEYS.live.id()))), "header_unprotected"),
        refused(
            "a note beside the device's layer",
            code(&whole.clone().unprotect(99, int(1)).encode()),
            "header_unprotected",
        ),
        refused("a critical header", around(&default().protect(2, critical).protect(99, int(1))), "critical_unknown"),
        refused("a critical claim", live(&live_claims(&live_ours().with(-1, int(1)))), "critical_unknown"),
        refused("a high s of the issuer", around(&Object { low_s: false, ..default() }), "signature_malleable"),
        refused("a high s of the device", code(&Object { low_s: false, ..whole }.encode()), "signature_malleable"),
        passes("an unknown header", around(&default().protect(99, text("later"))), green()),
    ]
}

fn faults_of_presentations() -> Vec<Case> {
    let inner = default_credential().encode();
    let payload = |items: &[Bytes]| code(&Object::new(&[18], array(items), &KEYS.device).encode());
    let who = |character, day| code(&opened(&inner, T + 20, &opening(character, day)).encode());
    let paper = credential(&paper_claims(&paper_ours()), &KEYS.paper).encode();
    let untagged = Object { tags: &[18], ..default_credential() };
    let other = Object::new(&[18], int(1), &KEYS.live).encode();
    vec![
        refused("no time of the device", payload(&[bytes(&inner)]), "presentation_invalid"),
        refused("a time as text", payload(&[bytes(&inner), text("now")]), "presentation_invalid"),
        refused("a time before 1970", payload(&[bytes(&inner), int(-1)]), "presentation_invalid"),
        refused("four items", payload(&[bytes(&inner), int(T), array(&[]), int(0)]), "presentation_invalid"),
        refused(
            "a salt of 15 bytes",
            payload(&[bytes(&inner), int(T), array(&[bytes(&SALT[1..]), text("明"), int(27)])]),
            "presentation_invalid",
        ),
        refused("day 0", who("明", 0), "presentation_invalid"),
        refused("day 32", who("明", 32), "presentation_invalid"),
        refused("two characters", who("小明", 27), "presentation_invalid"),
        refused("no character", who("", 27), "presentation_invalid"),
        refused("a mark of direction for a character", who("\u{202e}", 27), "presentation_invalid"),
        refused("a digit for a character", who("7", 27), "presentation_invalid"),
        refused("paper in a device's layer", code(&presentation(&paper, T + 20).encode()), "presentation_invalid"),
        refused("a credential without the tag of a CWT", code(&untagged.encode()), "presentation_invalid"),
        refused("a presentation of something else", code(&presentation(&other, T + 20).encode()), "wrong_tag"),
    ]
}

fn faults_of_claims() -> Vec<Case> {
    let (claims, ours) = (live_claims(&live_ours()), live_ours());
    let (paper_default, paper_map) = (paper_claims(&paper_ours()), paper_ours());
    let mut cases = Vec::new();
    for (name, label) in
        [("issuer", 1), ("expiry", 4), ("issue", 6), ("id", 7), ("device key", 8), ("claims of ours", -65537)]
    {
        cases.push(refused(format!("live without {name}"), live(&claims.clone().without(label)), "claim_missing"));
    }
    for (name, label) in [("mode", 1), ("colour", 2), ("as-of", 3), ("epoch", 4), ("commitment", 5)] {
        let text = live(&live_claims(&ours.clone().without(label)));
        cases.push(refused(format!("live without {name}"), text, "claim_missing"));
    }
    for (name, label) in [("who", 6), ("status", 7)] {
        let text = paper(&paper_claims(&paper_map.clone().without(label)));
        cases.push(refused(format!("paper without {name}"), text, "claim_missing"));
    }
    let point = Map::default().with(1, int(2)).with(-1, int(1)).with(-2, bytes(&KEYS.device.x));
    let standard = [
        ("issuer in lower case", 1, text("cn")),
        ("issuer as a number", 1, int(86)),
        ("expiry before 1970", 4, int(-1)),
        ("expiry after 2106", 4, int(1 << 32)),
        ("issue as text", 6, text("2020-12-14")),
        ("issue within a minute", 6, int(T + 1)),
        ("expiry within a minute", 4, int(T + HOUR + 1)),
        ("an id of 15 bytes", 7, bytes(&[0; 15])),
        ("a device key without y", 8, Map::default().with(1, point.clone().encode()).encode()),
        ("a device key with a private part", 8, {
            let key = point.clone().with(-3, bytes(&KEYS.device.y)).with(-4, bytes(&[1; 32]));
            Map::default().with(1, key.encode()).encode()
        }),
        ("a device key of another curve", 8, {
            let key = point.with(-1, int(2)).with(-3, bytes(&KEYS.device.y));
            Map::default().with(1, key.encode()).encode()
        }),
        ("a device key by its id", 8, Map::default().with(3, bytes(&[1; 16])).encode()),
        ("claims of ours as a list", -65537, array(&[])),
    ];
    for (name, label, value) in standard {
        cases.push(refused(name, live(&claims.clone().with(label, value)), "claim_invalid"));
    }
    let of_ours = [
        ("colour 4", 2, int(4)),
        ("colour as text", 2, text("green")),
        ("mode 3", 1, int(3)),
        ("as-of after the issue", 3, int(T + MINUTE)),
        ("as-of within a minute", 3, int(T - 1)),
        ("an epoch of 33 bits", 4, int(1 << 32)),
        ("a commitment of 32 bytes", 5, bytes(&[0; 32])),
    ];
    for (name, label, value) in of_ours {
        cases.push(refused(name, live(&live_claims(&ours.clone().with(label, value))), "claim_invalid"));
    }
    let of_paper = [
        ("who without a day", 6, array(&[text("明")])),
        ("who with a whole name", 6, array(&[text("王小明"), int(27)])),
        ("relation 7", 8, array(&[int(7), text("红")])),
        ("guardian with a control character", 8, array(&[int(1), text("\u{7}")])),
        ("status with three items", 7, array(&[int(1), int(2), int(3)])),
        ("status index of 33 bits", 7, array(&[int(1), int(1 << 32)])),
    ];
    for (name, label, value) in of_paper {
        cases.push(refused(name, paper(&paper_claims(&paper_map.clone().with(label, value))), "claim_invalid"));
    }
    for (name, expires) in [
        ("no life", T),
        ("a life backwards", T - HOUR),
        ("24 hours and a minute", T + DAY + MINUTE),
        ("ten years", T + 3650 * DAY),
    ] {
        cases.push(refused(name, live(&claims.clone().with(4, int(expires))), "lifetime_invalid"));
    }
    for (name, expires) in [("paper without life", T), ("180 days and a second", T + 180 * DAY + 1)] {
        cases.push(refused(name, paper(&paper_default.clone().with(4, int(expires))), "lifetime_invalid"));
    }
    cases
}

fn faults_of_issuers() -> Vec<Case> {
    let claims = live_claims(&live_ours());
    let by = |claims: &Map, key| around(&credential(claims, key));
    let issued = |at: i64| {
        let ours = live_ours().with(3, int(at)).encode();
        claims.clone().with(4, int(at + DAY)).with(6, int(at)).with(-65537, ours)
    };
    let mut forged = default_credential();
    let true_signature = forged.parts()[3].clone();
    forged.payload = live_claims(&live_ours().with(2, int(0)).with(4, int(8))).encode();
    let [protected, unprotected, payload, _] = forged.parts();
    let forged = tagged(&[61, 18], array(&[protected, unprotected, payload, true_signature]));
    let of_another = credential(&claims, &KEYS.stranger).protect(4, bytes(&KEYS.live.id()));
    let no_key = Object { protected: Map::default().with(1, int(-7)), ..default_credential() };
    vec![
        Case {
            trust: "for one day",
            ..cannot_tell("trust list at its end", live_at(&issued(T + 23 * HOUR), T + DAY), "trust_list_too_old")
        }
        .at(T + DAY),
        Case { trust: "of another issuer", ..refused("another issuer", default_live(), "issuer_wrong") },
        refused("a stranger's key", by(&claims, &KEYS.stranger), "key_unknown"),
        refused("a root's key", by(&claims, &KEYS.root), "key_unknown"),
        refused("no key named", around(&no_key), "key_unknown"),
        refused(
            "a key id of 8 bytes",
            around(&default_credential().protect(4, bytes(&KEYS.live.id()[..8]))),
            "key_unknown",
        ),
        refused("live by a key for paper", by(&claims, &KEYS.paper), "key_use_wrong"),
        refused("live by a key for status lists", by(&claims, &KEYS.status), "key_use_wrong"),
        refused(
            "paper by a key for live",
            code(&credential(&paper_claims(&paper_ours()), &KEYS.live).encode()),
            "key_use_wrong",
        ),
        refused("changed claims", code(&presentation(&forged, T + 20).encode()), "signature_invalid"),
        refused("a stranger under the issuer's key id", around(&of_another), "signature_invalid"),
        refused("issued when the key had ended", by(&issued(T - HOUR), &KEYS.retired), "key_not_valid_at_issue"),
        refused(
            "issued before the key began",
            by(&issued(T - 30 * DAY - MINUTE).with(4, int(T - 30 * DAY)), &KEYS.live),
            "key_not_valid_at_issue",
        ),
        passes(
            "issued in the last minute of a key that has ended",
            by(&issued(T - HOUR - MINUTE).with(4, int(T + HOUR)), &KEYS.retired),
            Verified { as_of: T - HOUR - MINUTE, older_hours: Some(2), expires: T + HOUR, ..green() },
        ),
        refused("issued at the revocation", by(&issued(T - HOUR), &KEYS.revoked), "key_revoked"),
        passes(
            "issued a minute before the revocation",
            by(&issued(T - HOUR - MINUTE).with(4, int(T + HOUR)), &KEYS.revoked),
            Verified { as_of: T - HOUR - MINUTE, older_hours: Some(2), expires: T + HOUR, ..green() },
        ),
    ]
}

fn devices() -> Vec<Case> {
    let inner = default_credential().encode();
    let nowhere = Map::default().with(1, int(2)).with(-1, int(1)).with(-2, bytes(&[1; 32])).with(-3, bytes(&[1; 32]));
    let no_point = live_claims(&live_ours()).with(8, Map::default().with(1, nowhere.encode()).encode());
    let foreign = live_claims(&live_ours()).with(8, confirmation(&KEYS.other_device));
    let open = |opening: &[Bytes]| code(&opened(&inner, T + 20, opening).encode());
    let other_salt = [bytes(&[0xa5; 16]), text("明"), int(27)];
    let latin = live_ours().with(5, bytes(&commitment(&SALT, "R", 1)));
    let latin = credential(&live_claims(&latin), &KEYS.live).encode();
    vec![
        refused("a live credential by itself", code(&inner), "presentation_missing"),
        refused("presented by another phone", live(&foreign), "presentation_key_mismatch"),
        refused("a device key that is no point", live(&no_point), "presentation_key_mismatch"),
        refused(
            "presented by the issuer",
            code(&Object { key: &KEYS.live, ..presentation(&inner, T + 20) }.encode()),
            "presentation_key_mismatch",
        ),
        refused("another character", open(&opening("红", 27)), "who_mismatch"),
        refused("another day", open(&opening("明", 28)), "who_mismatch"),
        refused("another salt", open(&other_salt), "who_mismatch"),
        passes("opened", open(&opening("明", 27)), Verified { who: Some(("明", 27)), ..green() }),
        passes(
            "opened in Latin script",
            code(&opened(&latin, T + 20, &opening("R", 1)).encode()),
            Verified { who: Some(("R", 1)), ..green() },
        ),
    ]
}

fn times() -> Vec<Case> {
    let claims = live_claims(&live_ours());
    let shown = |at: i64, now: i64| (live_at(&claims, at), now);
    let check = |name, (text, now), expected: Expected, decision| Case::new(name, text, expected, decision).at(now);
    let ok = |verified| Expected::Verified(verified);
    let older = |hours| ok(Verified { older_hours: Some(hours), ..green() });
    let no = Expected::Refused;
    let strict = Place { strict: true, ..VENUE };
    let old_data = |age: i64| {
        let ours = live_ours().with(3, int(T - age));
        live(&live_claims(&ours))
    };
    let ended = claims.clone().with(4, int(T + HOUR));
    let yesterday = live_ours().with(3, int(T - DAY)).encode();
    let yesterday = claims.clone().with(6, int(T - DAY)).with(4, int(T)).with(-65537, yesterday);
    let picture = default_live();
    vec![
        cannot_tell(
            "issued 31 seconds ahead",
            live_at(&claims.clone().with(6, int(T + 2 * MINUTE)), T + 89),
            "not_yet_valid",
        )
        .at(T + 89),
        check(
            "issued 30 seconds ahead",
            (live_at(&claims.clone().with(6, int(T + 2 * MINUTE)), T + 90), T + 90),
            ok(green()),
            "pass",
        ),
        check("a second before its end", shown(T + DAY - 1, T + DAY - 1), older(24), "pass"),
        check("at its end", shown(T + DAY, T + DAY), no("expired"), "stop"),
        check("a month after", shown(T + 20 * DAY, T + 20 * DAY), no("expired"), "stop"),
        Case {
            built: T + 2 * HOUR,
            ..refused(
                "the clock of the checkpoint turned back past the build",
                live_at(&ended, T + 2 * HOUR),
                "expired",
            )
        }
        .at(0),
        refused("the clock of the checkpoint turned back past its lists", live_at(&yesterday, T - MINUTE), "expired")
            .at(T - DAY),
        check("presented 31 seconds ahead", shown(T + 131, T + 100), no("presentation_from_future"), "stop"),
        check("presented 30 seconds ahead", shown(T + 130, T + 100), ok(green()), "pass"),
        check("presented 60 seconds ago", shown(T + 40, T + 100), ok(green()), "pass"),
        check("a screenshot of 61 seconds ago", shown(T + 39, T + 100), no("presentation_too_old"), "stop"),
        check("a screenshot of two minutes ago", shown(T + 40, T + 160), no("presentation_too_old"), "stop"),
        Case { before: vec![picture.clone()], ..refused("the same picture again", picture, "replayed") },
        Case {
            before: vec![default_live()],
            ..refused("the same presentation signed again", default_live(), "replayed")
        },
        Case {
            before: vec![live_at(&claims, T - 10)],
            ..passes("the next picture of the same phone", default_live(), green())
        },
        check("data ten minutes old", shown(T + 600, T + 600), ok(green()), "pass"),
        check("data of ten minutes and a second", shown(T + 601, T + 601), older(1), "pass"),
        check("data of an hour", shown(T + 3600, T + 3600), older(1), "pass"),
        check("data of an hour and a second", shown(T + 3601, T + 3601), older(2), "pass"),
        passes(
            "data of 24 hours",
            old_data(DAY - MINUTE),
            Verified { as_of: T - DAY + MINUTE, older_hours: Some(24), ..green() },
        ),
        cannot_tell("data of more than 24 hours", old_data(DAY), "stale"),
        check("two minutes at a strict place", shown(T + 120, T + 120), ok(green()), "pass").in_place(strict),
        check("two minutes and a second at a strict place", shown(T + 121, T + 121), no("stale"), "cannot-tell")
            .in_place(strict),
    ]
}

fn papers() -> Vec<Case> {
    let with_status =
        |list: i64, index: i64| paper(&paper_claims(&paper_ours().with(7, array(&[int(list), int(index)]))));
    let later = |status, at| Case { status: vec![status], ..passes("", default_paper(), stands()) }.at(at);
    let named = |name: &str, case: Case| Case { name: name.into(), ..case };
    let gate = Place { attended: false, ..VENUE };
    let strict = Place { strict: true, ..VENUE };
    let guardian = |relation: i64, character: &str| {
        paper(&paper_claims(&paper_ours().with(8, array(&[int(relation), text(character)]))))
    };
    let refusing = |name: &str, case: Case, reason, decision| Case {
        name: name.into(),
        expected: Expected::Refused(reason),
        decision,
        ..case
    };
    let older = |hours| Expected::Verified(Verified { older_hours: Some(hours), ..stands() });
    vec![
        passes("paper", default_paper(), stands()),
        passes("a child's paper", guardian(1, "红"), Verified { guardian: Some(("parent", "红")), ..stands() }),
        passes("an elder's paper", guardian(2, "明"), Verified { guardian: Some(("child", "明")), ..stands() }),
        passes(
            "paper of a care home",
            guardian(6, "院"),
            Verified { guardian: Some(("institution", "院")), ..stands() },
        ),
        Case { before: vec![default_paper()], ..passes("the same paper again", default_paper(), stands()) },
        Case { decision: "lane", ..refused("paper at a gate without staff", default_paper(), "paper_not_accepted") }
            .in_place(gate),
        refusing(
            "no status list",
            Case { status: vec![], ..later("default", T + 30) },
            "status_list_missing",
            "cannot-tell",
        ),
        cannot_tell("paper of a list that is not here", with_status(2, 4711), "status_list_missing"),
        named("status list of ten minutes", later("default", T + 600)),
        Case {
            expected: older(24),
            ..named("a second before the end of the status list", later("default", T + DAY - 1))
        },
        refusing("status list at its end", later("default", T + DAY), "status_list_too_old", "cannot-tell"),
        Case {
            expected: older(1),
            ..named("a second before the end of a short status list", later("for one hour", T + HOUR - 1))
        },
        refusing("short status list at its end", later("for one hour", T + HOUR), "status_list_too_old", "cannot-tell"),
        refused("index past the end", with_status(1, 1 << 17), "status_index_out_of_range"),
        refused("the largest index", with_status(1, 0xffff_ffff), "status_index_out_of_range"),
        refused("an index that stands for nobody", with_status(1, (1 << 17) - 1), "status_fallen"),
        refusing("fallen after a loss", later("4711 fallen", T + 30), "status_fallen", "stop"),
        refusing(
            "fallen, shown at a hospital",
            later("4711 fallen", T + 30).in_place(Place { class: "hospital", ..VENUE }),
            "status_fallen",
            "lane",
        ),
        named("status list of two minutes at a strict place", later("default", T + 120).in_place(strict)),
        refusing(
            "status list of more than two minutes at a strict place",
            later("default", T + 121).in_place(strict),
            "stale",
            "cannot-tell",
        ),
        refused(
            "paper that has ended",
            paper(&paper_claims(&paper_ours()).with(4, int(T)).with(6, int(T - 20 * DAY))),
            "expired",
        ),
    ]
}

fn places() -> Vec<Case> {
    let coloured = |number: i64| live(&live_claims(&live_ours().with(2, int(number))));
    let codes =
        [("green", 0), ("grey", 3), ("yellow", 1), ("red", 2)].map(|(colour, number)| (colour, coloured(number)));
    let mut cases = Vec::new();
    let stopping = ["traffic", "work", "government", "venue"];
    let caring = ["hospital", "fever-clinic", "home", "pharmacy", "emergency", "shelter", "court"];
    for class in stopping.into_iter().chain(caring) {
        let turned_away = if stopping.contains(&class) { "stop" } else { "lane" };
        for (colour, text) in &codes {
            let decision = match *colour {
                "green" => "pass",
                "grey" => "lane",
                _ => turned_away,
            };
            let verified = Expected::Verified(Verified { standing: colour, ..green() });
            let case = Case::new(format!("{colour} at {class}"), text.clone(), verified, decision);
            cases.push(case.in_place(Place { class, ..VENUE }));
        }
        let screenshot = refused(format!("a screenshot at {class}"), codes[0].1.clone(), "presentation_too_old");
        cases.push(Case { decision: turned_away, ..screenshot }.at(T + 5 * MINUTE).in_place(Place { class, ..VENUE }));
    }
    let red = codes[3].1.clone();
    let verified = Expected::Verified(Verified { standing: "red", ..green() });
    let red_at = |name: &str, place, decision| Case::new(name, red.clone(), verified.clone(), decision).in_place(place);
    cases.push(red_at("red in a low-risk area", Place { level: "low", ..VENUE }, "no-check"));
    cases.push(red_at(
        "red at a listed place of a low-risk area",
        Place { level: "low", listed: true, ..VENUE },
        "stop",
    ));
    cases.push(red_at("red in a high-risk area", Place { level: "high", ..VENUE }, "stop"));
    let nothing = Case { decision: "no-check", ..refused("nothing in a low-risk area", String::new(), "empty") };
    cases.push(nothing.in_place(Place { level: "low", ..VENUE }));
    cases
}

/// Each code has two faults of neighbouring steps; the earlier one is the reason.
fn precedence() -> Vec<Case> {
    let claims = live_claims(&live_ours());
    let ended = claims.clone().with(4, int(T + MINUTE));
    let late = T + 10 * MINUTE;
    let by = |key, claims: &Map, at| code(&presentation(&credential(claims, key).encode(), at).encode());
    let no_algorithm = Object { protected: Map::default(), ..credential(&claims.clone().without(1), &KEYS.live) };
    let foreign = claims.clone().with(8, confirmation(&KEYS.other_device));
    let wrong_name = |claims: &Map, key, at| {
        let inner = credential(claims, &KEYS.live).encode();
        code(&Object { key, ..opened(&inner, at, &opening("红", 27)) }.encode())
    };
    let fallen = paper(&paper_claims(&paper_ours().with(7, array(&[int(1), int(1)]))));
    let old = live(&live_claims(&live_ours().with(3, int(T - DAY))));
    let strict = Place { strict: true, ..VENUE };
    let gate = Place { attended: false, ..VENUE };
    let both = |first: &str, second: &str| format!("{first} before {second}");
    vec![
        refused(both("not ours", "oversized"), "0".repeat(700), "not_ours"),
        refused(both("oversized", "base45"), format!("YM1:{}", "a".repeat(597)), "oversized"),
        refused(both("form", "claims"), around(&no_algorithm), "algorithm_missing"),
        refused(both("claims", "key"), by(&KEYS.stranger, &claims.clone().without(1), T), "claim_missing"),
        Case {
            trust: "for one day",
            ..cannot_tell(both("old trust list", "key"), by(&KEYS.stranger, &claims, T + DAY), "trust_list_too_old")
        }
        .at(T + DAY),
        refused(both("key", "device"), by(&KEYS.stranger, &foreign, T + 20), "key_unknown"),
        refused(both("use of the key", "device"), by(&KEYS.paper, &foreign, T + 20), "key_use_wrong"),
        refused(both("device", "name"), wrong_name(&claims, &KEYS.other_device, T + 20), "presentation_key_mismatch"),
        refused(both("name", "end"), wrong_name(&ended, &KEYS.device, late), "who_mismatch").at(late),
        refused(both("end", "screenshot"), live(&ended), "expired").at(late),
        refused(both("screenshot", "old data"), live_at(&claims, T), "presentation_too_old")
            .at(T + 61 * MINUTE)
            .in_place(strict),
        Case { decision: "lane", ..refused(both("gate", "fallen"), fallen.clone(), "paper_not_accepted") }
            .in_place(gate),
        refused(both("fallen", "old data"), fallen, "status_fallen").at(late).in_place(strict),
        cannot_tell(both("old data", "colour"), old, "stale"),
    ]
}

fn what_passes() -> Vec<Case> {
    let claims = live_claims(&live_ours());
    let next_year = live_ours().with(99, text("later"));
    vec![
        passes("green", default_live(), green()),
        passes("a claim that is not known yet", live(&claims.clone().with(99, array(&[int(1)]))), green()),
        passes("a claim of ours that is not known yet", live(&live_claims(&next_year)), green()),
        passes("a claim with a text for a key", live(&claims.with_key(text("note"), head(7, 22))), green()),
        passes(
            "an epoch that the trust list does not name yet",
            live(&live_claims(&live_ours().with(4, int(8)))),
            Verified { epoch: Some(8), ..green() },
        ),
    ]
}
