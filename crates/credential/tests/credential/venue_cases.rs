//! Every case of a venue token: one change from a link that is taken, and what must come of it by docs/CODE.md.

use crate::raw::{Bytes, Map, Object, array, bytes, code, int, text};
use crate::world::{
    AREA, DAY, HOUR, KEYS, MINUTE, OTHER_VENUE, T, VENUE, confirmation, credential, live_claims, live_ours, opening,
    presentation, venue_claims, venue_ours,
};

pub(crate) struct VenueCase {
    pub(crate) name: &'static str,
    pub(crate) link: String,
    /// The trust list that the phone holds, by its name in the world.
    pub(crate) trust: &'static str,
    /// Whether the phone holds the list of warnings, which was signed an hour after the trust list.
    pub(crate) warnings: bool,
    pub(crate) now: i64,
    pub(crate) built: i64,
    /// The venue, where it lies and when its device signed, or the reason of a refusal.
    pub(crate) expected: Result<([u8; 16], &'static str, i64), &'static str>,
}

const ADDRESS: &str = "https://yima.example/";
/// When the default token is shown and scanned.
const SHOWN: i64 = T + HOUR;

impl VenueCase {
    fn new(name: &'static str, link: String, expected: Result<([u8; 16], &'static str, i64), &'static str>) -> Self {
        Self { name, link, trust: "default", warnings: false, now: SHOWN, built: 0, expected }
    }
}

fn link(token: &[u8]) -> String {
    format!("{ADDRESS}#venue={}", base64(token))
}

fn base64(content: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<u8> = content.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let digit = |bits: &[u8]| (0..6).fold(0, |digit, at| digit << 1 | bits.get(at).copied().unwrap_or(0));
    bits.chunks(6).map(|bits| char::from(ALPHABET[usize::from(digit(bits))])).collect()
}

/// A token of a credential with these claims, shown at `at`.
fn token_at(claims: &Map, at: i64) -> Bytes {
    presentation(&credential(claims, &KEYS.venue).encode(), at).encode()
}

pub(crate) fn cases() -> Vec<VenueCase> {
    let case = VenueCase::new;
    let taken = Ok((VENUE, AREA, SHOWN));
    let default = venue_claims(&venue_ours());
    let token = token_at(&default, SHOWN);
    let of = |claims: &Map| link(&token_at(claims, SHOWN));
    let with = |label, value| of(&default.clone().with(label, value));
    let ours = |label, value| of(&venue_claims(&venue_ours().with(label, value)));
    let by = |key| link(&presentation(&credential(&default, key).encode(), SHOWN).encode());
    let signed = credential(&default, &KEYS.venue);
    let shown = |at| link(&token_at(&default, at));
    let forged = Object { key: &KEYS.stranger, ..signed.clone() };
    let by_device = |key| link(&Object { key, ..presentation(&signed.encode(), SHOWN) }.encode());
    let payload = |items: &[Bytes]| link(&Object::new(&[18], array(items), &KEYS.device).encode());
    let issued_at = |issued: i64| default.clone().with(6, int(issued)).with(4, int(issued + DAY));
    let live = credential(&live_claims(&live_ours()), &KEYS.live).encode();
    let mut torn = token.clone();
    let last = torn.len() - 1;
    torn[last] ^= 1;
    vec![
        case("default", link(&token), taken),
        case("of another address", link(&token).replace("yima.example", "elsewhere.example"), taken),
        case("nothing", String::new(), Err("empty")),
        case("an address alone", ADDRESS.to_owned(), Err("not_ours")),
        case("a health code", code(&presentation(&live, SHOWN).encode()), Err("not_ours")),
        case("padded", format!("{}=", link(&token)), Err("not_ours")),
        case("of another alphabet", format!("{ADDRESS}#venue=+/+/"), Err("not_ours")),
        case("601 characters", format!("{ADDRESS}#venue={}", "A".repeat(601)), Err("oversized")),
        case("600 characters", format!("{ADDRESS}#venue={}", "A".repeat(600)), Err("trailing_bytes")),
        case("no token", format!("{ADDRESS}#venue="), Err("truncated")),
        case("the credential alone", link(&signed.encode()), Err("wrong_tag")),
        case("a byte after the end", link(&[token.as_slice(), &[0]].concat()), Err("trailing_bytes")),
        case(
            "a high s of the device",
            link(&Object { low_s: false, ..presentation(&signed.encode(), SHOWN) }.encode()),
            Err("signature_malleable"),
        ),
        case("no time", payload(&[bytes(&signed.encode())]), Err("presentation_invalid")),
        case(
            "something opened",
            payload(&[bytes(&signed.encode()), int(SHOWN), array(&opening("明", 27))]),
            Err("presentation_invalid"),
        ),
        case(
            "a credential without the tag of one",
            payload(&[bytes(&Object { tags: &[18], ..signed.clone() }.encode()), int(SHOWN)]),
            Err("wrong_tag"),
        ),
        case("a live credential instead", payload(&[bytes(&live), int(SHOWN)]), Err("claim_invalid")),
        case("no mode", of(&venue_claims(&venue_ours().without(1))), Err("claim_missing")),
        case("no venue", of(&venue_claims(&venue_ours().without(9))), Err("claim_missing")),
        case("no name", of(&venue_claims(&venue_ours().without(10))), Err("claim_missing")),
        case("no area", of(&venue_claims(&venue_ours().without(11))), Err("claim_missing")),
        case("no device", of(&default.clone().without(8)), Err("claim_missing")),
        case("a venue of 15 bytes", ours(9, bytes(&[0x7e; 15])), Err("claim_invalid")),
        case("an empty name", ours(10, text("")), Err("claim_invalid")),
        case("a name of 60 bytes", ours(10, text(&"园".repeat(20))), taken),
        case("a name of 61 bytes", ours(10, text(&format!("{}.", "园".repeat(20)))), Err("claim_invalid")),
        case("a name with a line break", ours(10, text("公园\n南门")), Err("claim_invalid")),
        case("in another area", ours(11, text("42")), Ok((VENUE, "42", SHOWN))),
        case("in a place", ours(11, text("610102001005.999999")), Ok((VENUE, "610102001005.999999", SHOWN))),
        case("an area of five digits", ours(11, text("61010")), Err("claim_invalid")),
        case("an area of letters", ours(11, text("Xi")), Err("claim_invalid")),
        case("an area that begins with zero", ours(11, text("06")), Err("claim_invalid")),
        case("an area as a number", ours(11, int(61)), Err("claim_invalid")),
        case("an area that ends in zeros", ours(11, text("610102000")), Err("claim_invalid")),
        case("a place without a number", ours(11, text("610102.")), Err("claim_invalid")),
        case("a place of number zero", ours(11, text("610102.0")), Err("claim_invalid")),
        case("a place with a zero before its number", ours(11, text("610102.07")), Err("claim_invalid")),
        case("a place with too large a number", ours(11, text("610102.1000000")), Err("claim_invalid")),
        case("something critical", ours(-1, int(1)), Err("critical_unknown")),
        case("something not known yet", ours(99, int(1)), taken),
        case("another venue", ours(9, bytes(&OTHER_VENUE)), Ok((OTHER_VENUE, AREA, SHOWN))),
        case("no life", with(4, int(T)), Err("lifetime_invalid")),
        case("24 hours and a second", with(4, int(T + DAY + 1)), Err("lifetime_invalid")),
        VenueCase {
            trust: "for one day",
            now: T + DAY,
            ..case("at the end of the trust list", shown(T + DAY), Err("trust_list_too_old"))
        },
        case("of another issuer", with(1, text("US")), Err("issuer_wrong")),
        case("a stranger's key", by(&KEYS.stranger), Err("key_unknown")),
        case("by a key for live codes", by(&KEYS.live), Err("key_use_wrong")),
        case("by a key for warnings", by(&KEYS.warning), Err("key_use_wrong")),
        case(
            "another key under the id of the right one",
            payload(&[bytes(&forged.encode()), int(SHOWN)]),
            Err("signature_invalid"),
        ),
        case("issued before its key began", of(&issued_at(T - 31 * DAY)), Err("key_not_valid_at_issue")),
        case("signed by another device", by_device(&KEYS.other_device), Err("presentation_key_mismatch")),
        case("for another device", with(8, confirmation(&KEYS.other_device)), Err("presentation_key_mismatch")),
        case("one bit of the device's signature changed", link(&torn), Err("presentation_key_mismatch")),
        VenueCase {
            now: SHOWN - 31,
            ..case("31 seconds before its issue", link(&token_at(&issued_at(SHOWN), SHOWN - 31)), Err("not_yet_valid"))
        },
        VenueCase {
            now: SHOWN - 30,
            ..case(
                "30 seconds before its issue",
                link(&token_at(&issued_at(SHOWN), SHOWN - 30)),
                Ok((VENUE, AREA, SHOWN - 30)),
            )
        },
        VenueCase {
            now: T + DAY - 1,
            ..case("a second before its end", shown(T + DAY - 1), Ok((VENUE, AREA, T + DAY - 1)))
        },
        VenueCase { now: T + DAY, ..case("at its end", shown(T + DAY), Err("expired")) },
        VenueCase { now: SHOWN - 30, ..case("30 seconds ahead", link(&token), taken) },
        VenueCase { now: SHOWN - 31, ..case("31 seconds ahead", link(&token), Err("presentation_from_future")) },
        VenueCase { now: SHOWN + MINUTE, ..case("after a minute", link(&token), taken) },
        VenueCase { now: SHOWN + MINUTE + 1, ..case("a poster", link(&token), Err("presentation_too_old")) },
        VenueCase {
            now: SHOWN + 2 * DAY,
            ..case("a poster of the day before yesterday", link(&token), Err("expired"))
        },
        VenueCase {
            now: SHOWN,
            built: SHOWN + HOUR,
            ..case("a poster and a clock set back before the build", link(&token), Err("presentation_too_old"))
        },
        VenueCase {
            now: T,
            ..case(
                "a poster and a clock set back before the trust list",
                link(&token_at(&issued_at(T - HOUR), T - HOUR)),
                Err("presentation_too_old"),
            )
        },
        VenueCase {
            now: T,
            warnings: true,
            ..case("a poster and a clock set back before the warnings", shown(T), Err("presentation_too_old"))
        },
        VenueCase { now: T, ..case("the same without warnings", shown(T), Ok((VENUE, AREA, T))) },
    ]
}
