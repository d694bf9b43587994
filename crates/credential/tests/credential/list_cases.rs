//! Every case of a fetched list: one change from a list that is taken, and what must come of it by docs/CODE.md.

use miniz_oxide::deflate;

use crate::raw::{Bytes, Map, Object, array, bytes, int, text};
use crate::world::{
    DAY, HOUR, KEYS, MINUTE, OTHER_VENUE, T, VENUE, compressed, default_warnings, entries, listed, listed_keys,
    status_content, status_list, trust_content, trust_list, warning, warning_content, warning_list,
};

pub(crate) struct ListCase {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) list: Bytes,
    /// The name of the pinned roots of a trust list.
    pub(crate) roots: &'static str,
    /// What the verifier held: number and bytes.
    pub(crate) held: Option<(u32, Bytes)>,
    pub(crate) now: i64,
    /// The number or version of a list that is taken, or the reason of a refusal.
    pub(crate) expected: Result<u32, &'static str>,
}

impl ListCase {
    /// A list that is offered a minute after T to a verifier that has held none.
    fn new(kind: &'static str, name: &'static str, list: Bytes, expected: Result<u32, &'static str>) -> Self {
        Self { name, kind, list, roots: "test", held: None, now: T + MINUTE, expected }
    }
}

/// The pinned roots that cases name: environment and keys.
pub(crate) fn roots() -> [(&'static str, &'static str, &'static crate::raw::Key); 3] {
    [("test", "test", &KEYS.root), ("production", "production", &KEYS.root), ("other", "test", &KEYS.other_root)]
}

pub(crate) fn cases() -> Vec<ListCase> {
    let mut cases = trust_lists();
    cases.extend(status_lists());
    cases.extend(warning_lists());
    cases
}

fn trust_lists() -> Vec<ListCase> {
    let content = trust_content(&listed_keys());
    let list = |content: &Map| trust_list(content).encode();
    let default = list(&content);
    let case = |name, list, expected| ListCase::new("trust", name, list, expected);
    let with = |label, value| list(&content.clone().with(label, value));
    let keys = |keys: &[Map]| list(&trust_content(keys));
    let live = || listed(&KEYS.live, 1);
    let many: Vec<_> = (0..129).map(|_| live()).collect();
    let numbers = array(&vec![int(0); 4100]);
    let typed = |kind| trust_list(&content).protect(16, text(kind)).encode();
    let by_other = Object { key: &KEYS.other_root, ..trust_list(&content) };
    let mut torn = default.clone();
    let last = torn.len() - 1;
    torn[last] ^= 1;
    let held = |number, list: &Bytes| Some((number, list.clone()));
    let epoch = |number, length| array(&[int(number), int(T), bytes(&vec![0x77; length])]);
    let address = |number, uri| array(&[int(number), text(uri)]);
    let future = [listed(&KEYS.live, 1).with(1, int(-48)), listed(&KEYS.paper, 9), listed(&KEYS.status, 3)];
    vec![
        case("default", default.clone(), Ok(12)),
        case("no bytes", vec![], Err("truncated")),
        case("65,537 bytes", vec![0; 64 * 1024 + 1], Err("oversized")),
        case("65,536 bytes", vec![0; 64 * 1024], Err("trailing_bytes")),
        case("unsigned", content.encode(), Err("wrong_tag")),
        case("more than 4096 items", with(9, numbers), Err("too_many_items")),
        case("a byte after the end", [default.as_slice(), &[0]].concat(), Err("trailing_bytes")),
        case("a status list instead", typed("application/statuslist+cwt"), Err("type_wrong")),
        case(
            "no type",
            Object {
                protected: Map::default().with(1, int(-7)).with(4, bytes(&KEYS.root.id())),
                ..trust_list(&content)
            }
            .encode(),
            Err("type_wrong"),
        ),
        ListCase { roots: "other", ..case("of another root", default.clone(), Err("key_unknown")) },
        case("of another root under the pinned id", by_other.encode(), Err("signature_invalid")),
        case("one bit of the signature changed", torn, Err("signature_invalid")),
        case("a high s", Object { low_s: false, ..trust_list(&content) }.encode(), Err("signature_malleable")),
        case("something critical", with(-1, int(1)), Err("critical_unknown")),
        case(
            "something critical beside keys that are none",
            list(&content.clone().with(6, int(1)).with(-1, int(1))),
            Err("critical_unknown"),
        ),
        case("something not known yet", with(9, int(1)), Ok(12)),
        case("no number", list(&content.clone().without(3)), Err("content_invalid")),
        case("no array of keys", list(&content.clone().without(6)), Err("content_invalid")),
        case("an environment that is not known", with(1, int(3)), Err("content_invalid")),
        case("129 keys", keys(&many), Err("content_invalid")),
        case("one key twice", keys(&[live(), listed(&KEYS.live, 2)]), Err("content_invalid")),
        case("a key without its end", keys(&[live().without(5)]), Err("content_invalid")),
        case(
            "a key that is no point",
            keys(&[live().with(
                3,
                Map::default()
                    .with(1, int(2))
                    .with(-1, int(1))
                    .with(-2, bytes(&[1; 32]))
                    .with(-3, bytes(&[1; 32]))
                    .encode(),
            )]),
            Err("content_invalid"),
        ),
        case("one rule epoch twice", with(7, array(&[epoch(7, 32), epoch(7, 32)])), Err("content_invalid")),
        case("a rule epoch with a short digest", with(7, array(&[epoch(7, 31)])), Err("content_invalid")),
        case("no rule epochs", list(&content.clone().without(7)), Err("content_invalid")),
        case("two rule epochs", with(7, array(&[epoch(8, 32), epoch(7, 32)])), Ok(12)),
        case(
            "one status list twice",
            with(8, array(&[address(1, "urn:a"), address(1, "urn:b")])),
            Err("content_invalid"),
        ),
        case("a status list without an address", with(8, array(&[array(&[int(1)])])), Err("content_invalid")),
        case("two status lists", with(8, array(&[address(2, "urn:a"), address(1, "urn:a")])), Ok(12)),
        ListCase {
            roots: "production",
            ..case("of the test environment where production is pinned", default.clone(), Err("environment_wrong"))
        },
        case("no keys", keys(&[]), Err("no_keys")),
        case("only keys that are not known yet", keys(&future[..2]), Err("no_keys")),
        case("keys that are not known yet and one that is", keys(&future), Ok(12)),
        case(
            "a key of another use whose times are texts",
            keys(&[live(), listed(&KEYS.paper, 99).with(4, text("later")).with(5, text("later"))]),
            Ok(12),
        ),
        case("a key of a negative use", keys(&[live(), listed(&KEYS.paper, 2).with(2, int(-3))]), Ok(12)),
        case("a known key whose end is a text", keys(&[live().with(5, text("later"))]), Err("content_invalid")),
        case("a key whose use is a text", keys(&[live(), live().with(2, text("live"))]), Err("content_invalid")),
        case("no life", with(5, int(T)), Err("lifetime_invalid")),
        case("30 days and a second", with(5, int(T + 30 * DAY + 1)), Err("lifetime_invalid")),
        ListCase { held: held(13, &with(3, int(13))), ..case("an older number", default.clone(), Err("rolled_back")) },
        ListCase {
            held: held(12, &with(4, int(T - 1))),
            ..case("the same number, other content", default.clone(), Err("number_reused"))
        },
        ListCase { held: held(12, &default), ..case("the same list", default.clone(), Ok(12)) },
        ListCase { held: held(11, &with(3, int(11))), ..case("a newer number", default.clone(), Ok(12)) },
        ListCase { now: T + 30 * DAY - 1, ..case("a second before its end", default.clone(), Ok(12)) },
        ListCase { now: T + 30 * DAY, ..case("at its end", default, Err("expired")) },
    ]
}

fn status_lists() -> Vec<ListCase> {
    let content = status_content(&entries());
    let list = |content: &Map| status_list(content, &KEYS.status).encode();
    let default = list(&content);
    let case = |name, list, expected| ListCase::new("status", name, list, expected);
    let with = |label, value| list(&content.clone().with(label, value));
    let numbers = |number, version| Map::default().with(1, int(number)).with(2, int(version));
    let of_entries = |entries: &[u8]| with(65533, compressed(entries));
    let inner = |bits, content: &[u8]| {
        Map::default().with_key(text("bits"), int(bits)).with_key(text("lst"), bytes(content)).encode()
    };
    let stream = deflate::compress_to_vec_zlib(&entries(), 9);
    let longer = [stream.as_slice(), &[0]].concat();
    let (mut torn, shorter) = (stream.clone(), &stream[..stream.len() - 1]);
    torn[stream.len() - 1] ^= 1;
    let by = |key| status_list(&content, key).encode();
    let forged = Object { key: &KEYS.live, ..status_list(&content, &KEYS.status) };
    let held = |version, list: &Bytes| Some((version, list.clone()));
    vec![
        case("default", default.clone(), Ok(3)),
        case("2 MiB and 4097 bytes", vec![0; (1 << 21) + 4097], Err("oversized")),
        case("unsigned", content.encode(), Err("wrong_tag")),
        case("a trust list instead", trust_list(&trust_content(&listed_keys())).encode(), Err("type_wrong")),
        case("a stranger's key", by(&KEYS.stranger), Err("key_unknown")),
        case("by a key for live codes", by(&KEYS.live), Err("key_use_wrong")),
        case("another key under the id of the right one", forged.encode(), Err("signature_invalid")),
        case("two bits for each entry", with(65533, inner(2, &[])), Err("content_invalid")),
        case("no entries", list(&content.clone().without(65533)), Err("content_invalid")),
        case("no version", with(-65537, Map::default().with(1, int(1)).encode()), Err("content_invalid")),
        case("entries that are not compressed", with(65533, inner(1, &[0xff; 64])), Err("entries_invalid")),
        case("a byte after the compressed entries", with(65533, inner(1, &longer)), Err("entries_invalid")),
        case("a byte short of the compressed entries", with(65533, inner(1, shorter)), Err("entries_invalid")),
        case("compressed entries with a wrong checksum", with(65533, inner(1, &torn)), Err("entries_invalid")),
        case("four megabytes of zeros", of_entries(&vec![0; 1 << 22]), Err("entries_invalid")),
        case("too few entries", of_entries(&vec![0; 1 << 13]), Err("entries_invalid")),
        case("no power of two", of_entries(&vec![0; 3 << 13]), Err("entries_invalid")),
        case("something critical", with(-65537, numbers(1, 3).with(-1, int(1)).encode()), Err("critical_unknown")),
        case("something not known yet", with(-65537, numbers(1, 3).with(9, int(1)).encode()), Ok(3)),
        case(
            "signed before its key began",
            list(&content.clone().with(6, int(T - 31 * DAY)).with(4, int(T - 30 * DAY))),
            Err("key_not_valid_at_issue"),
        ),
        case("of another address", with(2, text("https://example.invalid/v1/status/2")), Err("subject_wrong")),
        case("of a number that is not listed", with(-65537, numbers(2, 3).encode()), Err("subject_wrong")),
        case("no life", with(4, int(T)), Err("lifetime_invalid")),
        case("24 hours and a second", with(4, int(T + DAY + 1)), Err("lifetime_invalid")),
        ListCase {
            held: held(4, &with(-65537, numbers(1, 4).encode())),
            ..case("an older version", default.clone(), Err("rolled_back"))
        },
        ListCase {
            held: held(3, &list(&content)),
            ..case("the same version, other bytes", default.clone(), Err("number_reused"))
        },
        ListCase { held: held(3, &default), ..case("the same list", default.clone(), Ok(3)) },
        ListCase { now: T + DAY - 1, ..case("a second before its end", default.clone(), Ok(3)) },
        ListCase { now: T + DAY, ..case("at its end", default, Err("expired")) },
    ]
}

fn warning_lists() -> Vec<ListCase> {
    let content = warning_content(&default_warnings());
    let list = |content: &Map| warning_list(content, &KEYS.warning).encode();
    let default = list(&content);
    let case = |name, list, expected| ListCase::new("warning", name, list, expected);
    let with = |label, value| list(&content.clone().with(label, value));
    let about = |warnings: &[Bytes]| list(&warning_content(warnings));
    let ours = |number, warnings: &[u8]| Map::default().with(1, int(number)).with(2, bytes(warnings));
    let first = warning(&VENUE, T - 3 * HOUR, T - HOUR);
    let later = warning(&VENUE, T - 2 * HOUR, T - HOUR);
    let other = warning(&OTHER_VENUE, T - 3 * HOUR, T - HOUR);
    let by = |key| warning_list(&content, key).encode();
    let forged = Object { key: &KEYS.venue, ..warning_list(&content, &KEYS.warning) };
    let held = |number, list: &Bytes| Some((number, list.clone()));
    vec![
        case("default", default.clone(), Ok(5)),
        case("964,097 bytes", vec![0; 40_000 * 24 + 4097], Err("oversized")),
        case("unsigned", content.encode(), Err("wrong_tag")),
        case("a status list instead", list_of_status(), Err("type_wrong")),
        case("a stranger's key", by(&KEYS.stranger), Err("key_unknown")),
        case("by a key for status lists", by(&KEYS.status), Err("key_use_wrong")),
        case("by a key for venues", by(&KEYS.venue), Err("key_use_wrong")),
        case("another key under the id of the right one", forged.encode(), Err("signature_invalid")),
        case("no warnings", about(&[]), Ok(5)),
        case("no list of warnings", with(-65537, Map::default().with(1, int(5)).encode()), Err("content_invalid")),
        case("no number", with(-65537, Map::default().with(2, bytes(&[])).encode()), Err("content_invalid")),
        case("no end", list(&content.clone().without(4)), Err("content_invalid")),
        case("a torn warning", with(-65537, ours(5, &first[..23]).encode()), Err("entries_invalid")),
        case("two venues and two times", about(&[first.clone(), later, other.clone()]), Ok(5)),
        case("one warning twice", about(&[first.clone(), first.clone()]), Err("entries_invalid")),
        case("in another order", about(&[other, first.clone()]), Err("entries_invalid")),
        case("about no time", about(&[warning(&VENUE, T, T)]), Err("entries_invalid")),
        case("about 24 hours", about(&[warning(&VENUE, T - DAY, T)]), Ok(5)),
        case("about 24 hours and a second", about(&[warning(&VENUE, T - DAY - 1, T)]), Err("entries_invalid")),
        case("something critical", with(-65537, ours(5, &first).with(-1, int(1)).encode()), Err("critical_unknown")),
        case("something not known yet", with(-65537, ours(5, &first).with(9, int(1)).encode()), Ok(5)),
        case(
            "signed before its key began",
            list(&content.clone().with(6, int(T - 31 * DAY)).with(4, int(T - 30 * DAY))),
            Err("key_not_valid_at_issue"),
        ),
        case("no life", with(4, int(T)), Err("lifetime_invalid")),
        case("24 hours and a second", with(4, int(T + DAY + 1)), Err("lifetime_invalid")),
        ListCase {
            held: held(6, &with(-65537, ours(6, &first).encode())),
            ..case("an older number", default.clone(), Err("rolled_back"))
        },
        ListCase {
            held: held(5, &about(&[])),
            ..case("the same number, other warnings", default.clone(), Err("number_reused"))
        },
        ListCase { held: held(5, &default), ..case("the same list", default.clone(), Ok(5)) },
        ListCase { now: T + DAY - 1, ..case("a second before its end", default.clone(), Ok(5)) },
        ListCase { now: T + DAY, ..case("at its end", default, Err("expired")) },
    ]
}

fn list_of_status() -> Bytes {
    status_list(&status_content(&entries()), &KEYS.status).encode()
}
