//! The keys, lists and default codes from which every case departs by one change.

use std::sync::LazyLock;

use miniz_oxide::deflate;

use crate::raw::{Bytes, Key, Map, Object, array, bytes, from_hex, int, text};

/// 2020-12-14T08:00:00+08:00: the lists and the default codes are of this minute.
pub(crate) const T: i64 = 1_607_904_000;
pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 3600;
pub(crate) const DAY: i64 = 24 * HOUR;

pub(crate) const STATUS_URI: &str = "https://example.invalid/v1/status/1";
const TRUST_TYPE: &str = "application/yima-trust-list+cbor";
const STATUS_TYPE: &str = "application/statuslist+cwt";
const WARNING_TYPE: &str = "application/yima-warning-list+cbor";

pub(crate) const VENUE: [u8; 16] = [0x7e; 16];
pub(crate) const OTHER_VENUE: [u8; 16] = [0x7f; 16];

pub(crate) struct Keys {
    pub(crate) root: Key,
    pub(crate) other_root: Key,
    pub(crate) live: Key,
    /// For live codes, valid from T - 30 d until T - 1 h.
    pub(crate) retired: Key,
    /// For live codes, revoked from T - 1 h.
    pub(crate) revoked: Key,
    pub(crate) paper: Key,
    pub(crate) status: Key,
    pub(crate) venue: Key,
    pub(crate) warning: Key,
    /// On no list.
    pub(crate) stranger: Key,
    pub(crate) device: Key,
    pub(crate) other_device: Key,
}

pub(crate) static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../../../../docs/vectors/code/keys.json")).unwrap();
    let part = |name: &str, part: &str| from_hex(file["keys"][name][part].as_str().unwrap());
    let key = |name: &str| Key {
        pkcs8: part(name, "pkcs8"),
        x: part(name, "x").try_into().unwrap(),
        y: part(name, "y").try_into().unwrap(),
    };
    Keys {
        root: key("root"),
        other_root: key("other_root"),
        live: key("live"),
        retired: key("retired"),
        revoked: key("revoked"),
        paper: key("paper"),
        status: key("status"),
        venue: key("venue"),
        warning: key("warning"),
        stranger: key("stranger"),
        device: key("device"),
        other_device: key("other_device"),
    }
});

pub(crate) const SALT: [u8; 16] = [0x5a; 16];

pub(crate) fn commitment(salt: &[u8], character: &str, day: u8) -> Bytes {
    let message = [b"YM1 who".as_slice(), salt, &[day], character.as_bytes()].concat();
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &message).as_ref()[..16].to_vec()
}

/// The claims in our map of the default live credential: green.
pub(crate) fn live_ours() -> Map {
    let who = commitment(&SALT, "明", 27);
    Map::default().with(1, int(1)).with(2, int(0)).with(3, int(T)).with(4, int(7)).with(5, bytes(&who))
}

pub(crate) fn confirmation(key: &Key) -> Bytes {
    Map::default().with(1, key.cose()).encode()
}

/// The default live credential: green, issued at T, for 24 hours.
pub(crate) fn live_claims(ours: &Map) -> Map {
    Map::default()
        .with(1, text("CN"))
        .with(4, int(T + DAY))
        .with(6, int(T))
        .with(7, bytes(&[0xc7; 16]))
        .with(8, confirmation(&KEYS.device))
        .with(-65537, ours.encode())
}

pub(crate) fn paper_ours() -> Map {
    let who = array(&[text("明"), int(27)]);
    Map::default().with(1, int(2)).with(6, who).with(7, array(&[int(1), int(4711)]))
}

/// The default paper code: printed at T, for 180 days, entry 4711 of list 1.
pub(crate) fn paper_claims(ours: &Map) -> Map {
    Map::default().with(1, text("CN")).with(4, int(T + 180 * DAY)).with(6, int(T)).with(-65537, ours.encode())
}

/// A credential by an issuer's key.
pub(crate) fn credential<'k>(claims: &Map, key: &'k Key) -> Object<'k> {
    Object::new(&[61, 18], claims.encode(), key).protect(4, bytes(&key.id()))
}

/// The device's layer around a credential.
pub(crate) fn presentation(credential: &[u8], at: i64) -> Object<'static> {
    Object::new(&[18], array(&[bytes(credential), int(at)]), &KEYS.device)
}

/// The device's layer that opens the commitment.
pub(crate) fn opened(credential: &[u8], at: i64, opening: &[Bytes]) -> Object<'static> {
    Object::new(&[18], array(&[bytes(credential), int(at), array(opening)]), &KEYS.device)
}

pub(crate) fn opening(character: &str, day: i64) -> [Bytes; 3] {
    [bytes(&SALT), text(character), int(day)]
}

/// A key of a trust list, valid from T - 30 d until T + 365 d.
pub(crate) fn listed(key: &Key, key_use: i64) -> Map {
    let entry = Map::default().with(1, int(-7)).with(2, int(key_use)).with(3, key.cose());
    entry.with(4, int(T - 30 * DAY)).with(5, int(T + 365 * DAY))
}

pub(crate) fn listed_keys() -> Vec<Map> {
    vec![
        listed(&KEYS.live, 1),
        listed(&KEYS.retired, 1).with(5, int(T - HOUR)),
        listed(&KEYS.revoked, 1).with(6, int(T - HOUR)),
        listed(&KEYS.paper, 2),
        listed(&KEYS.status, 3),
        listed(&KEYS.venue, 4),
        listed(&KEYS.warning, 5),
    ]
}

/// The default trust list: number 12, issued at T, for 30 days.
pub(crate) fn trust_content(keys: &[Map]) -> Map {
    let keys: Vec<_> = keys.iter().map(Map::encode).collect();
    Map::default()
        .with(1, int(2))
        .with(2, text("CN"))
        .with(3, int(12))
        .with(4, int(T))
        .with(5, int(T + 30 * DAY))
        .with(6, array(&keys))
        .with(7, array(&[array(&[int(7), int(T - DAY), bytes(&[0x77; 32])])]))
        .with(8, array(&[array(&[int(1), text(STATUS_URI)])]))
}

pub(crate) fn trust_list(content: &Map) -> Object<'static> {
    let object = Object::new(&[18], content.encode(), &KEYS.root);
    object.protect(4, bytes(&KEYS.root.id())).protect(16, text(TRUST_TYPE))
}

/// 2¹⁷ entries, all fallen but 4711.
pub(crate) fn entries() -> Bytes {
    let mut entries = vec![0xff; 1 << 14];
    entries[4711 / 8] &= !(1 << (4711 % 8));
    entries
}

pub(crate) fn compressed(entries: &[u8]) -> Bytes {
    Map::default()
        .with_key(text("bits"), int(1))
        .with_key(text("lst"), bytes(&deflate::compress_to_vec_zlib(entries, 9)))
        .encode()
}

/// The default status list: list 1, version 3, issued at T, for 24 hours.
pub(crate) fn status_content(entries: &[u8]) -> Map {
    Map::default()
        .with(2, text(STATUS_URI))
        .with(4, int(T + DAY))
        .with(6, int(T))
        .with(65533, compressed(entries))
        .with(-65537, Map::default().with(1, int(1)).with(2, int(3)).encode())
}

pub(crate) fn status_list<'k>(content: &Map, key: &'k Key) -> Object<'k> {
    Object::new(&[18], content.encode(), key).protect(4, bytes(&key.id())).protect(16, text(STATUS_TYPE))
}

/// Where VENUE lies.
pub(crate) const AREA: &str = "610102001";

/// The claims in our map of the default credential of a venue.
pub(crate) fn venue_ours() -> Map {
    Map::default().with(1, int(3)).with(9, bytes(&VENUE)).with(10, text("人民公园南门")).with(11, text(AREA))
}

/// The default credential of a venue: issued at T, for 24 hours.
pub(crate) fn venue_claims(ours: &Map) -> Map {
    let claims = Map::default().with(1, text("CN")).with(4, int(T + DAY)).with(6, int(T));
    claims.with(8, confirmation(&KEYS.device)).with(-65537, ours.encode())
}

/// A warning as it stands in a list.
pub(crate) fn warning(venue: &[u8], from: i64, until: i64) -> Bytes {
    let seconds = |at: i64| u32::try_from(at).unwrap().to_be_bytes();
    [venue, &seconds(from), &seconds(until)].concat()
}

/// The default list of warnings: number 5, issued at T, for 24 hours, about VENUE from T - 3 h until T - 1 h.
pub(crate) fn warning_content(warnings: &[Bytes]) -> Map {
    let ours = Map::default().with(1, int(5)).with(2, bytes(&warnings.concat()));
    Map::default().with(4, int(T + DAY)).with(6, int(T)).with(-65537, ours.encode())
}

pub(crate) fn default_warnings() -> Vec<Bytes> {
    vec![warning(&VENUE, T - 3 * HOUR, T - HOUR)]
}

pub(crate) fn warning_list<'k>(content: &Map, key: &'k Key) -> Object<'k> {
    Object::new(&[18], content.encode(), key).protect(4, bytes(&key.id())).protect(16, text(WARNING_TYPE))
}
