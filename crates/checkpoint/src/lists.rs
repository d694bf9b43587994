//! The lists that a checkpoint holds: a new one takes the place of the held one only if it is right and newer.

use yima_credential::{KeyFault, ListRefusal, PinnedRoots, Seconds, StatusList, TrustList};
use yima_model::Timestamp;

use crate::memory::{Memory, Remembered};

/// The lists of a checkpoint, and its memory of the newest ones that it ever held.
#[derive(Clone, Debug)]
pub struct Lists {
    roots: PinnedRoots,
    built: Timestamp,
    memory: Memory,
    trust: Option<TrustList>,
    status: Vec<StatusList>, // INVARIANT: one of each number, and each counts under `trust`
}

impl Lists {
    /// No lists yet; `built` is when the software was built.
    pub fn new(roots: PinnedRoots, built: Timestamp) -> Self {
        Self { roots, built, memory: Memory::default(), trust: None, status: Vec::new() }
    }

    /// Opens what was stored: `memory`, and beside it the newest lists, the status lists with their numbers; says of each
    /// that was not taken why.
    ///
    /// A list that has ended is opened as well, since its age is judged at each code; what is older than the memory, or
    /// damaged, has to be fetched again.
    pub fn restore(
        roots: PinnedRoots,
        built: Timestamp,
        memory: Memory,
        trust: Option<&[u8]>,
        status: &[(u32, &[u8])],
    ) -> (Self, Vec<ListRefusal>) {
        let mut lists = Self { memory, ..Self::new(roots, built) };
        let ever = Timestamp::BEGINNING;
        let mut refused: Vec<_> = trust.and_then(|trust| lists.take_trust_at(trust, ever).err()).into_iter().collect();
        refused.extend(status.iter().filter_map(|(number, bytes)| lists.take_status_at(*number, bytes, ever).err()));
        (lists, refused)
    }

    /// Takes a trust list that was fetched; on a refusal the held one stays.
    ///
    /// Status lists that do not count under the new one are dropped. If their key was revoked, they are forgotten too, so
    /// that the number which a thief gave them refuses no list of the issuer.
    ///
    /// # Errors
    /// The [`ListRefusal`] that comes first in the order of docs/CODE.md; `clock` is the clock of the device.
    pub fn take_trust(&mut self, bytes: &[u8], clock: Timestamp) -> Result<(), ListRefusal> {
        self.take_trust_at(bytes, self.time(clock).timestamp())
    }

    /// Takes an edition of the status list with this number that was fetched; on a refusal the held one stays.
    ///
    /// # Errors
    /// The same; `key_unknown` if no trust list is held, `subject_wrong` for a list of another number.
    pub fn take_status(&mut self, number: u32, bytes: &[u8], clock: Timestamp) -> Result<(), ListRefusal> {
        self.take_status_at(number, bytes, self.time(clock).timestamp())
    }

    fn take_trust_at(&mut self, bytes: &[u8], now: Timestamp) -> Result<(), ListRefusal> {
        let held = self.memory.trust.map(|held| held.mark);
        let trust = TrustList::open(bytes, &self.roots, held, now)?;
        self.status.retain(|list| list.check_under(&trust).is_ok());
        self.memory.remember_trust(&trust);
        self.trust = Some(trust);
        Ok(())
    }

    fn take_status_at(&mut self, number: u32, bytes: &[u8], now: Timestamp) -> Result<(), ListRefusal> {
        let trust = self.trust.as_ref().ok_or(KeyFault::Unknown)?;
        let held = self.memory.status.get(&number).map(|(held, _)| held.mark);
        let list = StatusList::open(bytes, trust, held, now)?;
        if list.content().number != number {
            return Err(ListRefusal::SubjectWrong);
        }
        let remembered = Remembered { mark: list.mark(), issued: list.content().issued };
        self.memory.status.insert(number, (remembered, list.key_id()));
        self.status.retain(|held| held.content().number != number);
        self.status.push(list);
        Ok(())
    }

    /// The time that counts: the latest of the device's clock, the newest signed list and the build.
    pub fn time(&self, clock: Timestamp) -> Seconds {
        Seconds::floor(clock.max(self.earliest()))
    }

    /// The earliest instant that can be now: that of the newest signed list, or of the build.
    pub fn earliest(&self) -> Timestamp {
        self.memory.newest().map_or(self.built, |newest| newest.timestamp().max(self.built))
    }

    /// The trust list that is held.
    pub const fn trust(&self) -> Option<&TrustList> {
        self.trust.as_ref()
    }

    /// The status lists that are held, at most one of each number.
    pub fn status(&self) -> &[StatusList] {
        &self.status
    }

    /// What is to be stored beside the lists.
    pub const fn memory(&self) -> &Memory {
        &self.memory
    }
}
