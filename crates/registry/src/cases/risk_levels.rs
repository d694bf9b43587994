//! The national list of risk areas: a snapshot comes in, levels and their ends are filed.
//!
//! Levels are filed by the list itself and name no case, so they are born inert until another office has confirmed them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, MutexGuard};

use yima_feed::atlas::Atlas;
use yima_feed::changes::{Change, Levels, Recorded, changes};
use yima_feed::fold::{Announcement, Fold};
use yima_feed::places::Places;
use yima_feed::{Delivered, Feed, Named, Reader, Report, Ruling, Snapshot, SnapshotId, Spell, Standing};
use yima_model::fact::{EVENT_LEAD_MILLIS, NoticeKind};
use yima_model::id::SourceId;
use yima_model::{
    AreaCode, AreaSet, Content, DivisionTree, Fact, FactId, Filing, Level, Occurred, Source, SourceKind, Subject,
    Timestamp,
};

use super::disputes::is_office;
use super::places::wordings_at;
use super::report::counting;
use super::{Call, CaseError, Filed, Refusal, derived_id, file, inert_at, system};
use crate::registry::Registry;
use crate::snapshots::{self, Decided, Kept};
use crate::standing::standing;

/// Under which name the list files its levels.
pub const LIST: &str = "national-risk-list";

/// How long settled snapshots are kept, so that late ones find their place; the latest in the archive came after 27 hours.
const KEPT_MILLIS: i64 = 72 * 3_600_000;

/// The list as one call or command sees it; nobody else files levels of the list meanwhile.
#[derive(Debug)]
pub struct RiskLevels<'a> {
    registry: &'a Registry,
    _following: MutexGuard<'a, ()>,
    reader: Reader,
    feed: Feed,
    kept: BTreeMap<SnapshotId, Known>,
    rulings: BTreeMap<SnapshotId, Decided>,
}

/// What is known of a snapshot beside what it lists.
#[derive(Clone, Debug)]
struct Known {
    delivered_by: SourceId,
    counts: [(Level, usize); 3],
}

/// Where one snapshot stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotView {
    /// Which snapshot.
    pub id: SnapshotId,
    /// Its hour.
    pub hour: Timestamp,
    /// When it was first fetched or saved.
    pub saved: Timestamp,
    /// Whose account delivered it.
    pub delivered_by: SourceId,
    /// How many places it lists at each level.
    pub counts: [(Level, usize); 3],
    /// Where it stands.
    pub standing: Standing,
    /// What was decided about it.
    pub decided: Option<Decided>,
}

/// What came of a snapshot, or of a decision about one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Which snapshot.
    pub id: SnapshotId,
    /// Where it stands now.
    pub standing: Standing,
    /// Whether it was there already.
    pub repeated: bool,
    /// How many levels began, of whatever set.
    pub begun: usize,
    /// How many ended.
    pub ended: usize,
    /// How many facts were taken back, because a late or disputed snapshot showed something else.
    pub taken_back: usize,
    /// What was filed.
    pub filed: Filed,
}

impl<'a> RiskLevels<'a> {
    /// The snapshots that are kept, read with this atlas of listed areas and the places that were added to the tree.
    ///
    /// # Errors
    /// [`CaseError::Ledger`], [`CaseError::Registry`].
    pub fn open(
        registry: &'a Registry,
        atlas: Arc<Atlas>,
        tree: &DivisionTree,
        now: Timestamp,
    ) -> Result<Self, CaseError> {
        let following = registry.follow_list();
        registry.follow(now)?;
        let mut reader = Reader::over(atlas, Places::of(tree));
        snapshots::know_places(registry.ledger(), &mut reader.places)?;
        reader.places.unite(wordings_at(&registry.globals(), now));
        let rulings = snapshots::rulings(registry.ledger())?;
        let mut levels = Self {
            registry,
            _following: following,
            reader,
            feed: Feed::default(),
            kept: BTreeMap::new(),
            rulings: BTreeMap::new(),
        };
        for (_, kept) in snapshots::all(registry.ledger())? {
            let snapshot = Snapshot::read(&kept.bytes).map_err(Refusal::Snapshot)?;
            levels.take(&snapshot, kept.saved, kept.delivered_by);
        }
        for (id, decided) in rulings {
            levels.decide(id, decided);
        }
        for announcement in announcements(&registry.globals(), now) {
            levels.feed.announce(announcement);
        }
        Ok(levels)
    }

    /// Takes a snapshot that was fetched or saved at `saved`, and files what it changes.
    ///
    /// With `confirmed_by`, another office has confirmed the levels, and they count at once.
    ///
    /// # Errors
    /// [`Refusal::Snapshot`], [`Refusal::SnapshotAhead`], [`Refusal::SnapshotTooLate`], [`Refusal::NotForThisSource`] if who
    /// confirms is no office, [`Refusal::SameSource`] if it is who delivers, or a failure underneath.
    pub fn deliver(
        &mut self,
        call: &Call,
        bytes: &[u8],
        saved: Timestamp,
        confirmed_by: Option<&Source>,
    ) -> Result<(Outcome, Report), CaseError> {
        let snapshot = Snapshot::read(bytes).map_err(Refusal::Snapshot)?;
        if snapshot.hour > call.now.plus_millis(EVENT_LEAD_MILLIS) {
            return Err(Refusal::SnapshotAhead.into());
        }
        if self.feed.in_order().first().is_some_and(|first| snapshot.hour < first.hour) {
            return Err(Refusal::SnapshotTooLate.into());
        }
        if let Some(office) = confirmed_by {
            check_office(office, &call.source.id)?;
        }
        let report = self.mapping(&snapshot);
        let ledger = self.registry.ledger();
        snapshots::put_places(ledger, &self.reader.places.take_added())?;
        let id = snapshot.id();
        let repeated = self.kept.contains_key(&id);
        if !repeated {
            let kept = Kept { saved, delivered_by: call.source.id.clone(), bytes: bytes.to_vec() };
            snapshots::put(ledger, id, &kept)?;
            self.take(&snapshot, saved, kept.delivered_by);
        }
        let outcome = self.follow(call, id, repeated, confirmed_by)?;
        self.forget_settled()?;
        Ok((outcome, report))
    }

    /// The places that were numbered for wordings of the list, numbered now if they are new; `None` where not even the
    /// province is known.
    ///
    /// # Errors
    /// A failure underneath.
    pub fn worded(&mut self, wordings: &[Named]) -> Result<Vec<Option<AreaCode>>, CaseError> {
        let places = wordings.iter().map(|named| self.reader.worded(named)).collect();
        snapshots::put_places(self.registry.ledger(), &self.reader.places.take_added())?;
        Ok(places)
    }

    /// Accepts or rejects a snapshot, and files what that changes; a later decision takes the place of an earlier one.
    ///
    /// Whoever delivered it may take it back and not release what it lowers.
    ///
    /// # Errors
    /// [`Refusal::NoSuchSnapshot`] if it is not kept, [`Refusal::NotForThisSource`], [`Refusal::SameSource`], or a failure
    /// underneath.
    pub fn rule(&mut self, call: &Call, id: SnapshotId, ruling: Ruling) -> Result<Outcome, CaseError> {
        let known = self.kept.get(&id).ok_or(Refusal::NoSuchSnapshot)?;
        if ruling == Ruling::Accept || call.source.id.institution() != known.delivered_by.institution() {
            check_office(&call.source, &known.delivered_by)?;
        }
        let decided = Decided { ruling, at: call.now, by: call.source.id.clone() };
        let repeated = self.rulings.get(&id).is_some_and(|before| before.ruling == ruling);
        if !repeated {
            snapshots::put_ruling(self.registry.ledger(), id, &decided)?;
            self.decide(id, decided);
        }
        self.follow(call, id, repeated, None)
    }

    /// Confirms the levels of the list that hold and that nobody has confirmed yet, as another office than who delivered it.
    ///
    /// # Errors
    /// [`Refusal::NotForThisSource`], [`Refusal::SameSource`], or a failure underneath.
    pub fn confirm(&self, call: &Call) -> Result<Filed, CaseError> {
        for known in self.kept.values() {
            check_office(&call.source, &known.delivered_by)?;
        }
        let lift = |target: FactId| lift(&call.source, target, call.now);
        self.file(self.unconfirmed(call.now).into_iter().map(lift).collect(), call.now)
    }

    /// The levels of the list that hold at `now` and have no effect until another office confirms them.
    pub fn unconfirmed(&self, now: Timestamp) -> Vec<FactId> {
        let globals = self.registry.globals();
        let inert = inert_at(&globals, now);
        let standing = standing(&globals, Timestamp::FOREVER).into_iter();
        let waits =
            standing.filter(|(fact, lasts)| is_of_list(fact) && lasts.contains(now) && inert.contains(&fact.id()));
        waits
            .filter(|(fact, _)| matches!(fact.content(), Content::AreaLevel { .. }))
            .map(|(fact, _)| fact.id())
            .collect()
    }

    /// The snapshots that are kept, the latest first.
    pub fn snapshots(&self) -> Vec<SnapshotView> {
        let standings: BTreeMap<SnapshotId, Standing> = self.fold().standings().iter().copied().collect();
        let view = |delivered: &Delivered| {
            let Known { delivered_by, counts } = self.kept.get(&delivered.id)?.clone();
            Some(SnapshotView {
                id: delivered.id,
                hour: delivered.hour,
                saved: delivered.saved,
                delivered_by,
                counts,
                standing: *standings.get(&delivered.id)?,
                decided: self.rulings.get(&delivered.id).cloned(),
            })
        };
        self.feed.in_order().into_iter().rev().filter_map(view).collect()
    }

    /// How the rows of a snapshot that is kept are mapped.
    ///
    /// # Errors
    /// [`Refusal::NoSuchSnapshot`], or a failure underneath.
    pub fn report(&mut self, id: SnapshotId) -> Result<Report, CaseError> {
        let kept = snapshots::find(self.registry.ledger(), id)?.ok_or(Refusal::NoSuchSnapshot)?;
        let snapshot = Snapshot::read(&kept.bytes).map_err(Refusal::Snapshot)?;
        Ok(self.mapping(&snapshot))
    }

    fn mapping(&mut self, snapshot: &Snapshot) -> Report {
        let mut report = Report::default();
        for row in &snapshot.rows {
            report.count(&row.named, self.reader.read(&row.named));
        }
        report
    }

    fn take(&mut self, snapshot: &Snapshot, saved: Timestamp, delivered_by: SourceId) {
        let delivered = Delivered::new(snapshot, saved, &mut self.reader);
        let counts = [Level::High, Level::Medium, Level::Low].map(|level| (level, snapshot.count(level)));
        self.kept.insert(delivered.id, Known { delivered_by, counts });
        self.feed.deliver(delivered);
    }

    fn decide(&mut self, id: SnapshotId, decided: Decided) {
        self.feed.rule(id, decided.ruling);
        self.rulings.insert(id, decided);
    }

    fn fold(&self) -> Fold {
        self.feed.fold(|set| self.reader.areas(set))
    }

    /// Files what makes the recorded levels those of the history.
    fn follow(
        &self,
        call: &Call,
        id: SnapshotId,
        repeated: bool,
        confirmed_by: Option<&Source>,
    ) -> Result<Outcome, CaseError> {
        let fold = self.fold();
        let standing = fold.standings().iter().find(|(known, _)| *known == id).map(|(_, standing)| *standing);
        let since = self.feed.in_order().first().map_or(Timestamp::FOREVER, |first| first.hour);
        let history = fold.into_history().into_iter();
        let named = history.filter_map(|(set, spells)| Some((self.reader.areas(set)?.clone(), spells)));
        let history: Levels = named.collect();
        let globals = self.registry.globals();
        let recorded = recorded(&globals, &self.reader.places);
        let changes = changes(&history, &recorded, since);
        let count = |is_it: fn(&Change) -> bool| changes.iter().filter(|change| is_it(change)).count();
        let (begun, ended, taken_back) = (
            count(|change| matches!(change, Change::Begin { .. })),
            count(|change| matches!(change, Change::End { .. })),
            count(|change| matches!(change, Change::TakeBack { .. })),
        );
        let inert = inert_at(&globals, call.now);
        let goes_on = |areas: &AreaSet, spell: &Spell| {
            // A low level needs no confirmation, so that it is none.
            let counts = |level: &Recorded| level.level > Level::Low && !inert.contains(&level.id);
            let adjoins = |level: &Recorded| level.from <= spell.until && spell.from <= level.until();
            recorded.get(areas).is_some_and(|known| known.iter().any(|level| counts(level) && adjoins(level)))
        };
        let filed = self.file(self.filings(call, changes, confirmed_by, goes_on), call.now)?;
        let standing = standing.ok_or(Refusal::NoSuchSnapshot)?;
        Ok(Outcome { id, standing, repeated, begun, ended, taken_back, filed })
    }

    fn file(&self, filings: Vec<Filing>, now: Timestamp) -> Result<Filed, CaseError> {
        if filings.is_empty() {
            return Ok(Filed { facts: Vec::new(), places: Vec::new(), repeated: true });
        }
        file(self.registry, filings, now)
    }

    /// The facts that make the changes.
    ///
    /// A listing that goes on, at another level or from another hour, stays confirmed: otherwise a raised level or a late
    /// snapshot would release whoever lives there until somebody confirms anew.
    fn filings(
        &self,
        call: &Call,
        changes: Vec<Change>,
        confirmed_by: Option<&Source>,
        goes_on: impl Fn(&AreaSet, &Spell) -> bool,
    ) -> Vec<Filing> {
        // The same change of the same ledger is the same fact, whoever files it; later it may be another one.
        let position = self.registry.positions().first().copied().unwrap_or(yima_ledger::Position::START);
        let list = list_source(call);
        let mut filings = Vec::new();
        for change in changes {
            let id = change_id(position.0, &change);
            let fact = |occurred, content| filing(id, list.clone(), occurred, content);
            match change {
                Change::Begin { areas, spell } => {
                    let occurred = Occurred::During { from: spell.from, until: spell.until };
                    let needs_confirmation = spell.level > Level::Low && !goes_on(&areas, &spell);
                    filings.push(fact(occurred, Content::AreaLevel { areas, level: spell.level }));
                    if needs_confirmation {
                        filings.push(match confirmed_by {
                            Some(office) => lift(office, id, call.now),
                            None => inert(call, id, spell.from.min(call.now)),
                        });
                    }
                }
                Change::End { level, at } => filings.push(fact(Occurred::at(at), Content::Closing { target: level })),
                Change::TakeBack { fact: target } => {
                    filings.push(fact(Occurred::at(call.now), Content::Retraction { target }));
                }
            }
        }
        filings
    }

    /// Deletes the snapshots before the last good one that lies far enough back: nothing late finds its place there.
    fn forget_settled(&mut self) -> Result<(), CaseError> {
        let order: Vec<(SnapshotId, Timestamp)> =
            self.feed.in_order().into_iter().map(|delivered| (delivered.id, delivered.hour)).collect();
        let Some((_, newest)) = order.last() else { return Ok(()) };
        let before = newest.plus_millis(-KEPT_MILLIS);
        let fold = self.fold();
        let taken: BTreeSet<SnapshotId> =
            fold.standings().iter().filter(|(_, standing)| *standing == Standing::Taken).map(|(id, _)| *id).collect();
        let Some(base) = order.iter().rposition(|(id, hour)| *hour <= before && taken.contains(id)) else {
            return Ok(());
        };
        for (id, _) in order.into_iter().take(base) {
            snapshots::delete(self.registry.ledger(), id)?;
            self.kept.remove(&id);
            self.rulings.remove(&id);
            self.feed.forget(id);
        }
        Ok(())
    }
}

/// The levels of the list that are recorded and stand, by their areas as they are known now.
fn recorded(globals: &[Fact], places: &Places) -> BTreeMap<AreaSet, Vec<Recorded>> {
    let as_known = |areas: &[AreaCode]| {
        let known: BTreeSet<AreaCode> = areas.iter().map(|area| places.known(*area)).collect();
        known.into_iter().collect()
    };
    let standing = standing(globals, Timestamp::FOREVER);
    let mut closings: BTreeMap<FactId, Vec<(FactId, Timestamp)>> = BTreeMap::new();
    for (fact, lasts) in &standing {
        if let Content::Closing { target } = fact.content() {
            closings.entry(*target).or_default().push((fact.id(), lasts.from()));
        }
    }
    let mut recorded: BTreeMap<AreaSet, Vec<Recorded>> = BTreeMap::new();
    for (fact, _) in standing.iter().filter(|(fact, _)| is_of_list(fact)) {
        if let (Content::AreaLevel { areas, level }, Occurred::During { from, until }) =
            (fact.content(), fact.occurred())
        {
            let closings = closings.remove(&fact.id()).unwrap_or_default();
            let known = Recorded { id: fact.id(), from, until, level: *level, closings };
            let areas = AreaSet { include: as_known(&areas.include), exclude: as_known(&areas.exclude) };
            recorded.entry(areas).or_default().push(known);
        }
    }
    recorded
}

fn is_of_list(fact: &Fact) -> bool {
    let source = &fact.filing().source;
    source.kind == SourceKind::Headquarters && source.id.as_str() == LIST
}

/// The notices that levels in their areas may end.
fn announcements(globals: &[Fact], now: Timestamp) -> Vec<Announcement> {
    let announced = counting(globals, now).into_iter().filter_map(|(fact, during)| match fact.content() {
        Content::Notice { kind: NoticeKind::Opening, areas } => Some(Announcement { during, areas: areas.clone() }),
        _ => None,
    });
    announced.collect()
}

fn list_source(call: &Call) -> Source {
    // INVARIANT: the name is a name; the call's own stands in if that ever changed.
    let id = SourceId::parse(LIST).unwrap_or_else(|_| call.source.id.clone());
    Source { kind: SourceKind::Headquarters, id }
}

fn check_office(office: &Source, delivered_by: &SourceId) -> Result<(), Refusal> {
    if !is_office(office.kind) {
        return Err(Refusal::NotForThisSource);
    }
    if office.id.institution() == delivered_by.institution() { Err(Refusal::SameSource) } else { Ok(()) }
}

/// What makes a level count, in the name of the office that confirms it.
fn lift(office: &Source, target: FactId, now: Timestamp) -> Filing {
    let id = derived_id(b"risk-level-confirmed", &[target.bytes(), office.id.as_str().as_bytes()]);
    filing(id, office.clone(), Occurred::at(now), Content::Lift { target })
}

/// What keeps a level from having an effect until it is confirmed.
fn inert(call: &Call, target: FactId, at: Timestamp) -> Filing {
    let id = derived_id(b"risk-level-inert", &[target.bytes()]);
    filing(id, system(call), Occurred::at(at), Content::Inert { target })
}

const fn filing(id: FactId, source: Source, occurred: Occurred, content: Content) -> Filing {
    Filing { id, subject: Subject::Global, source, occurred, cause: None, replaces: None, content }
}

fn change_id(position: u64, change: &Change) -> FactId {
    let mut bytes = position.to_be_bytes().to_vec();
    match change {
        Change::Begin { areas, spell } => {
            for area in areas.include.iter().chain(&areas.exclude) {
                bytes.extend(area.number().to_be_bytes());
            }
            bytes.extend(u64::try_from(areas.include.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend(spell.from.millis().to_be_bytes());
            bytes.extend(spell.until.millis().to_be_bytes());
            bytes.push(spell.level as u8);
        }
        Change::End { level, at } => {
            bytes.extend(level.bytes());
            bytes.extend(at.millis().to_be_bytes());
        }
        Change::TakeBack { fact } => bytes.extend(fact.bytes()),
    }
    derived_id(b"risk-level", &[&bytes])
}

#[cfg(test)]
mod tests;
