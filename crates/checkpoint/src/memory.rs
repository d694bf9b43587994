//! What a checkpoint remembers of the newest lists that it ever held: it outlives the lists themselves.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use yima_credential::{KeyId, ListMark, Seconds, TrustList};

/// One list that was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Its number and digest: no older list takes its place.
    pub mark: ListMark,
    /// When it was signed: no earlier time counts.
    pub issued: Seconds,
}

/// The newest trust list, and the newest edition of each status list by its number, that were ever held.
///
/// It is stored as text, a list on each line, and read back by [`FromStr`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Of the trust list.
    pub trust: Option<Remembered>,
    /// Of the status lists, each with the key that signed it.
    pub status: BTreeMap<u32, (Remembered, KeyId)>,
}

/// The text is no memory; a verifier that cannot read its own begins with none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMemory;

impl Memory {
    /// When the newest list was signed.
    pub(crate) fn newest(&self) -> Option<Seconds> {
        let status = self.status.values().map(|(list, _)| list);
        self.trust.iter().chain(status).map(|list| list.issued).max()
    }

    /// Remembers a trust list, and forgets the status lists that a key signed which it revokes: the number and the time
    /// that a thief wrote there bind nobody.
    pub(crate) fn remember_trust(&mut self, trust: &TrustList) {
        self.trust = Some(Remembered { mark: trust.mark(), issued: trust.content().issued });
        let revoked_from = |id| trust.content().keys.iter().find(|key| key.public.id() == id)?.revoked_from;
        self.status.retain(|_, (list, key)| revoked_from(*key).is_none_or(|from| list.issued < from));
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(trust) = &self.trust {
            writeln!(f, "trust {trust}")?;
        }
        self.status.iter().try_for_each(|(number, (list, key))| writeln!(f, "status-{number} {list} {key}"))
    }
}

impl fmt::Display for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.mark.number, self.issued.get())?;
        self.mark.digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Memory {
    type Err = NotAMemory;

    fn from_str(text: &str) -> Result<Self, NotAMemory> {
        let mut memory = Self::default();
        for line in text.lines() {
            let (name, list) = line.split_once(' ').ok_or(NotAMemory)?;
            let is_new = match name.strip_prefix("status-") {
                Some(number) => {
                    let (list, key) = list.rsplit_once(' ').ok_or(NotAMemory)?;
                    let key = KeyId::from_bytes(read_hex(key).ok_or(NotAMemory)?);
                    let number = number.parse().map_err(|_| NotAMemory)?;
                    memory.status.insert(number, (read(list).ok_or(NotAMemory)?, key)).is_none()
                }
                None if name == "trust" => memory.trust.replace(read(list).ok_or(NotAMemory)?).is_none(),
                None => false,
            };
            if !is_new {
                return Err(NotAMemory);
            }
        }
        Ok(memory)
    }
}

fn read(text: &str) -> Option<Remembered> {
    let mut parts = text.splitn(3, ' ');
    let (number, issued) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let mark = ListMark { number, digest: read_hex(parts.next()?)? };
    Some(Remembered { mark, issued: Seconds::new(issued) })
}

fn read_hex<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let is_hex = digits.len() == 2 * N && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let mut bytes = [0; N];
    for (at, byte) in (0..).step_by(2).zip(&mut bytes) {
        *byte = u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?;
    }
    is_hex.then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_is_read_back_and_nothing_else_is_one() {
        let list = |number| Remembered {
            mark: ListMark { number, digest: [0xa7; 32] },
            issued: Seconds::new(1_607_904_000 + number),
        };
        let key = KeyId::from_bytes([0x5b; 16]);
        let memory = Memory { trust: Some(list(3)), status: [(1, (list(5), key)), (9, (list(6), key))].into() };
        let text = memory.to_string();
        assert_eq!(text.parse(), Ok(memory.clone()));
        assert_eq!("".parse(), Ok(Memory::default()));
        assert_eq!(memory.newest(), Some(Seconds::new(1_607_904_006)));
        let second = format!("{text}{}", text.lines().next().unwrap());
        for wrong in [second.as_str(), "trust", "trust 1 2 3", "other 1 2 3", &text[..60], &text.replace("a7", "+7")] {
            assert_eq!(wrong.parse::<Memory>(), Err(NotAMemory), "{wrong}");
        }
    }
}
