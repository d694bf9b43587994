//! The secret keys of the vault, behind four operations: index, wrap, unwrap, and the one that card readers ask for.
//!
//! The rest of the vault never sees one of these keys, so that a hardware module can take the place of the file.

use std::{
    collections::BTreeMap,
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use thiserror::Error;
use yima_card::CardKey;
use yima_model::PersonId;

use super::seal::{self, KEY_LENGTH, Key};
use crate::Random;

const HEADING: &str = "yima keyring 1";
const INDEX: &str = "index";
const NODE: &str = "node";
const CARD: &str = "card";

/// The number of a key; the highest one is used for what is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyNumber(pub u8);

/// The index keys, by which documents are found, the node keys, which wrap the keys of persons, and the card keys, with
/// which documents are found that the node does not see.
///
/// A node that only follows the ledger has a keyring without index and card keys; one that was made before there were
/// card keys gets its first one by a rotation.
#[derive(Clone, Debug)]
pub struct Keyring {
    index: BTreeMap<KeyNumber, Key>,
    node: BTreeMap<KeyNumber, Key>, // INVARIANT: not empty
    pub(super) card: BTreeMap<KeyNumber, Key>,
}

/// What is wrong with a keyring.
#[derive(Debug, Error)]
pub enum KeyringError {
    /// The file cannot be read or written.
    #[error("the keyring `{path}` cannot be used: {error}", path = .0.display(), error = .1)]
    File(PathBuf, #[source] io::Error),
    /// Others than the owner can read the file.
    #[error("the keyring `{}` can be read by others; allow its owner alone to read it (chmod 600)", .0.display())]
    NotPrivate(PathBuf),
    /// The file is no keyring.
    #[error("line {0} is no line of a keyring; write `index N`, `node N` or `card N` and 64 hexadecimal digits")]
    Line(usize),
    /// There is no node key.
    #[error("the keyring has no node key; restore the file from where it is kept safe")]
    NoNodeKey,
    /// There is no index key.
    #[error("the keyring has no index keys, as on a node that only follows; rotate where persons are found")]
    NoIndexKey,
    /// All numbers are used.
    #[error("the keyring has no number left for another key; retire the oldest first")]
    Full,
}

impl Keyring {
    /// A keyring with one new key of each sort.
    pub fn generate(random: &Random) -> Self {
        let first = || BTreeMap::from([(KeyNumber(1), new_key(random))]);
        Self { index: first(), node: first(), card: first() }
    }

    /// Reads a keyring from a file that nobody but its owner may read.
    ///
    /// # Errors
    /// [`KeyringError`] but `Full` and `NoIndexKey`.
    pub fn load(path: &Path) -> Result<Self, KeyringError> {
        let failed = |error| KeyringError::File(path.into(), error);
        if !is_private(&fs::metadata(path).map_err(failed)?) {
            return Err(KeyringError::NotPrivate(path.into()));
        }
        Self::parse(&fs::read_to_string(path).map_err(failed)?)
    }

    /// Writes the keyring to a file that only its owner can read; it replaces an older one whole or not at all.
    ///
    /// # Errors
    /// [`KeyringError::File`].
    pub fn save(&self, path: &Path) -> Result<(), KeyringError> {
        let write = || {
            let mut name = path.as_os_str().to_owned();
            name.push(".new");
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&name)?;
            file.write_all(self.text().as_bytes())?;
            file.sync_all()?;
            fs::rename(&name, path)?;
            // What is sealed next under a new key must not outlive the name of the file that holds it.
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            fs::File::open(folder)?.sync_all()
        };
        write().map_err(|error| KeyringError::File(path.into(), error))
    }

    /// The keyring with a new key of each sort on top; what is older stays readable.
    ///
    /// # Errors
    /// [`KeyringError::Full`], [`KeyringError::NoIndexKey`].
    pub fn rotated(&self, random: &Random) -> Result<Self, KeyringError> {
        if self.index.is_empty() {
            return Err(KeyringError::NoIndexKey);
        }
        let mut rotated = self.clone();
        for keys in [&mut rotated.index, &mut rotated.node, &mut rotated.card] {
            let last = keys.keys().next_back().map_or(0, |number| number.0);
            let next = last.checked_add(1).ok_or(KeyringError::Full)?;
            keys.insert(KeyNumber(next), new_key(random));
        }
        Ok(rotated)
    }

    /// Whether it holds older keys beside the newest: a rotation has begun and its end is not known.
    pub fn is_rotating(&self) -> bool {
        [&self.index, &self.node, &self.card].iter().any(|keys| keys.len() > 1)
    }

    /// The keyring with nothing but the newest keys, for when everything is under those.
    pub fn retired(&self) -> Self {
        let newest = |keys: &BTreeMap<KeyNumber, Key>| {
            keys.last_key_value().map(|(number, key)| (*number, key.clone())).into_iter().collect()
        };
        Self { index: newest(&self.index), node: newest(&self.node), card: newest(&self.card) }
    }

    /// The keyring of a node that only follows the ledger: it opens facts and finds nobody by document.
    pub fn without_index(&self) -> Self {
        Self { index: BTreeMap::new(), node: self.node.clone(), card: BTreeMap::new() }
    }

    /// The numbers of the index keys, newest first.
    pub(super) fn index_numbers(&self) -> impl Iterator<Item = KeyNumber> {
        self.index.keys().rev().copied()
    }

    /// The number of the newest node key.
    pub(super) fn node_number(&self) -> Option<KeyNumber> {
        self.node.keys().next_back().copied()
    }

    /// The pseudo-random function of the index under one key; `None` if there is no such key.
    pub(super) fn index(&self, number: KeyNumber, content: &[u8]) -> Option<[u8; 32]> {
        self.index.get(&number).map(|key| seal::keyed_hash(key, &[content]))
    }

    /// The newest card key and its number; `None` on a node that only follows.
    pub fn card(&self) -> Option<(KeyNumber, CardKey)> {
        self.cards().next()
    }

    /// The card keys, newest first.
    pub(super) fn cards(&self) -> impl Iterator<Item = (KeyNumber, CardKey)> {
        self.card.iter().rev().filter_map(|(number, seed)| Some((*number, CardKey::derive(&seed.0, CARD_USE).ok()?)))
    }

    /// A person's key, wrapped by the newest node key.
    pub(super) fn wrap(&self, person: PersonId, key: &Key, nonce: [u8; 12]) -> Option<Vec<u8>> {
        let (number, node) = self.node.last_key_value()?;
        Some([&[number.0][..], &seal::seal(node, nonce, person.bytes(), &key.0)?].concat())
    }

    /// The key that was wrapped for this person; `None` if the bytes are not that.
    pub(super) fn unwrap(&self, person: PersonId, wrapped: &[u8]) -> Option<Key> {
        let (number, sealed) = wrapped.split_first()?;
        let node = self.node.get(&KeyNumber(*number))?;
        Some(Key(seal::open(node, person.bytes(), sealed)?.try_into().ok()?))
    }

    /// What lasts for a short while, sealed under a key that follows from the newest node key.
    pub(super) fn seal_passing(&self, about: &[u8], content: &[u8], nonce: [u8; 12]) -> Option<Vec<u8>> {
        let (number, node) = self.node.last_key_value()?;
        Some([&[number.0][..], &seal::seal(&node.derive(PASSING), nonce, about, content)?].concat())
    }

    /// Reverses [`Keyring::seal_passing`]; `None` also when the key was retired meanwhile.
    pub(super) fn open_passing(&self, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (number, sealed) = sealed.split_first()?;
        seal::open(&self.node.get(&KeyNumber(*number))?.derive(PASSING), about, sealed)
    }

    /// A keyed hash under a key that follows from the newest node key and the label.
    pub(super) fn hash_passing(&self, label: &str, content: &[u8]) -> Option<[u8; 32]> {
        let (_, node) = self.node.last_key_value()?;
        Some(seal::keyed_hash(&node.derive(PASSING).derive(label), &[content]))
    }

    fn parse(text: &str) -> Result<Self, KeyringError> {
        let mut lines = text.lines().enumerate();
        if lines.next().map(|(_, line)| line) != Some(HEADING) {
            return Err(KeyringError::Line(1));
        }
        let mut keyring = Self { index: BTreeMap::new(), node: BTreeMap::new(), card: BTreeMap::new() };
        for (at, line) in lines {
            let wrong = || KeyringError::Line(at + 1);
            let (sort, number, key) = parse_line(line).ok_or_else(wrong)?;
            let keys = match sort {
                INDEX => &mut keyring.index,
                NODE => &mut keyring.node,
                CARD => &mut keyring.card,
                _ => return Err(wrong()),
            };
            if keys.insert(number, key).is_some() {
                return Err(wrong());
            }
        }
        if keyring.node.is_empty() { Err(KeyringError::NoNodeKey) } else { Ok(keyring) }
    }

    fn text(&self) -> String {
        let lines = |sort, keys: &BTreeMap<KeyNumber, Key>| -> String {
            let hex = |key: &Key| key.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            keys.iter().map(|(number, key)| format!("{sort} {} {}\n", number.0, hex(key))).collect()
        };
        let sorts = [(INDEX, &self.index), (NODE, &self.node), (CARD, &self.card)];
        format!("{HEADING}\n{}", sorts.map(|(sort, keys)| lines(sort, keys)).concat())
    }
}

const PASSING: &str = "passing";
const CARD_USE: &[u8] = b"YM1 card";

fn parse_line(line: &str) -> Option<(&str, KeyNumber, Key)> {
    let mut words = line.split(' ');
    let (sort, number, hex) = (words.next()?, words.next()?.parse().ok()?, words.next()?);
    if words.next().is_some() || hex.len() != 2 * KEY_LENGTH || !hex.is_ascii() {
        return None;
    }
    let mut key = [0; KEY_LENGTH];
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some((sort, KeyNumber(number), Key(key)))
}

fn new_key(random: &Random) -> Key {
    let mut key = [0; KEY_LENGTH];
    random(&mut key);
    Key(key)
}

#[cfg(unix)]
fn is_private(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 == 0
}

#[cfg(not(unix))]
fn is_private(_metadata: &fs::Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::tests::counting;

    #[test]
    fn a_saved_keyring_is_private_and_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keyring");
        let keyring = Keyring::generate(&counting()).rotated(&counting()).unwrap();
        keyring.save(&path).unwrap();
        let read = Keyring::load(&path).unwrap();
        assert_eq!(read.text(), keyring.text());
        assert_eq!(read.index_numbers().collect::<Vec<_>>(), [KeyNumber(2), KeyNumber(1)]);
        let debug = format!("{read:?}");
        assert!(!debug.contains(&keyring.text()[20..40]), "keys are hidden");
    }

    #[cfg(unix)]
    #[test]
    fn a_keyring_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keyring");
        Keyring::generate(&counting()).save(&path).unwrap();
        for mode in [0o644, 0o640, 0o604, 0o620, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(Keyring::load(&path), Err(KeyringError::NotPrivate(_))), "{mode:o}");
        }
    }

    #[test]
    fn other_texts_are_no_keyring() {
        let key = "0".repeat(64);
        let check = |text: &str, expected: &str| {
            assert_eq!(Keyring::parse(text).unwrap_err().to_string().get(..expected.len()), Some(expected), "{text}");
        };
        check("", "line 1");
        check("yima keyring 2", "line 1");
        check("yima keyring 1\n", "the keyring has no node key");
        check(&format!("yima keyring 1\nindex 1 {key}"), "the keyring has no node key");
        for line in [
            "node 1",
            &format!("node 256 {key}"),
            &format!("node 1 {key}0"),
            &format!("node 1 {}", &key[1..]),
            &format!("node 1 {}g", &key[1..]),
            &format!("node 1 {key} x"),
            &format!("key 1 {key}"),
            &format!("node 1 {key}\nnode 1 {key}"),
        ] {
            check(&format!("yima keyring 1\n{line}"), "line ");
        }
    }

    #[test]
    fn a_keyring_rotates_from_one_key_of_each_sort_to_the_next_where_persons_are_found() {
        let keyring = Keyring::generate(&counting());
        let rotated = keyring.rotated(&counting()).unwrap();
        assert_eq!([&keyring, &rotated, &rotated.retired()].map(Keyring::is_rotating), [false, true, false]);
        let number = |keyring: &Keyring| keyring.card().map(|(number, _)| number);
        assert_eq!([&keyring, &rotated.retired()].map(number), [Some(KeyNumber(1)), Some(KeyNumber(2))]);
        assert_eq!(number(&keyring.without_index()), None);
        let older = Keyring { card: BTreeMap::new(), ..keyring.clone() };
        assert_eq!(number(&older.rotated(&counting()).unwrap()), Some(KeyNumber(1)), "its first one");
        assert!(matches!(keyring.without_index().rotated(&counting()), Err(KeyringError::NoIndexKey)));
    }

    #[test]
    fn a_wrapped_key_belongs_to_one_person() {
        let keyring = Keyring::generate(&counting());
        let (person, other) = (PersonId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
        let wrapped = keyring.wrap(person, &Key([7; 32]), [0; 12]).unwrap();
        assert_eq!(keyring.unwrap(person, &wrapped), Some(Key([7; 32])));
        assert_eq!(keyring.unwrap(other, &wrapped), None);
        assert_eq!(
            Keyring::generate(&counting()).rotated(&counting()).unwrap().retired().unwrap(person, &wrapped),
            None
        );
    }
}
