//! The vault: one document is one person, nothing is readable without keys, and what is forgotten is gone.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use jiff::civil::Date;
use yima_ledger::{Content, Host, KeyedLedger, Kind, NewFact, Partition, Position};
use yima_model::fact::{SourceKind, Symptoms};
use yima_model::id::SourceId;
use yima_model::{Content as Said, DocumentKind, FactId, Source};

use super::*;

const NUMBER: &str = "61010219900101001X";
const SECOND: &str = "C01X00T47";

/// Bytes that never repeat.
pub(crate) fn counting() -> Random {
    let count = AtomicU64::new(1);
    Arc::new(move |bytes: &mut [u8]| {
        for chunk in bytes.chunks_mut(8) {
            let number = count.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
            chunk.iter_mut().zip(number).for_each(|(to, from)| *to = from);
        }
    })
}

fn ledger() -> Arc<dyn Ledger> {
    let host = Host { clock: Arc::new(|| Timestamp::from_millis(1_000)), random: counting() };
    Arc::new(KeyedLedger::in_memory(4, host).unwrap())
}

fn vault() -> Vault {
    Vault::new(ledger(), Keyring::generate(&counting()), counting())
}

fn resident_id(text: &str) -> Document {
    Document::parse(DocumentKind::ResidentId, None, text, Date::constant(2020, 2, 25)).unwrap()
}

fn other(text: &str) -> Document {
    Document::parse(DocumentKind::Other, None, text, Date::constant(2020, 2, 25)).unwrap()
}

fn text(text: &str) -> PersonalText {
    PersonalText::parse(text).unwrap()
}

/// Every key and value in the tables of the vault.
fn all_bytes(vault: &Vault) -> Vec<u8> {
    let tables = [INDEX, KEYS, DETAILS].map(|table| vault.ledger.rows(table, &[], 10_000).unwrap());
    tables.into_iter().flatten().flat_map(|(key, value)| [key, value].concat()).collect()
}

fn holds(bytes: &[u8], wanted: &str) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes())
}

#[test]
fn a_document_is_one_person_however_it_is_typed() {
    let vault = vault();
    let Claimed::New(person) = vault.claim_document(&resident_id(NUMBER)).unwrap() else { panic!("taken") };
    assert_eq!(vault.claim_document(&resident_id("６１０１０２19900101-001x")).unwrap(), Claimed::Known(person));
    assert_eq!(vault.find_document(&resident_id(NUMBER)).unwrap(), Some(person));
    assert_eq!(vault.find_document(&other(SECOND)).unwrap(), None);
}

#[test]
fn concurrent_registrations_of_one_document_are_one_person() {
    let vault = vault();
    let claims: Vec<Claimed> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..16).map(|_| scope.spawn(|| vault.claim_document(&resident_id(NUMBER)).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let persons: HashSet<_> = claims.iter().map(|claim| claim.person()).collect();
    assert_eq!(persons.len(), 1);
    assert_eq!(claims.iter().filter(|claim| matches!(claim, Claimed::New(_))).count(), 1);
    assert_eq!(vault.details(claims[0].person()).unwrap().documents, [resident_id(NUMBER)]);
}

#[test]
fn a_second_document_is_linked_and_unlinked() {
    let vault = vault();
    let person = vault.claim_document(&resident_id(NUMBER)).unwrap().person();
    let stranger = vault.claim_document(&other("X-9")).unwrap().person();
    vault.link_document(person, &other(SECOND)).unwrap();
    assert_eq!(vault.find_document(&other(SECOND)).unwrap(), Some(person));
    assert!(matches!(vault.link_document(stranger, &other(SECOND)), Err(VaultError::OfAnotherPerson)));
    vault.unlink_document(stranger, &other(SECOND)).unwrap();
    assert_eq!(vault.find_document(&other(SECOND)).unwrap(), Some(person));
    vault.unlink_document(person, &resident_id(NUMBER)).unwrap();
    assert_eq!(vault.find_document(&resident_id(NUMBER)).unwrap(), None);
    assert!(matches!(vault.unlink_document(person, &other(SECOND)), Err(VaultError::LastDocument)));
    let nobody = PersonId::from_bytes([0; 16]);
    assert!(matches!(vault.link_document(nobody, &other("Y-9")), Err(VaultError::NoSuchPerson)));
    assert_eq!(vault.find_document(&other("Y-9")).unwrap(), None);
}

#[test]
fn a_phone_belongs_to_whoever_proved_it_last() {
    let vault = vault();
    let first = vault.claim_document(&resident_id(NUMBER)).unwrap().person();
    let second = vault.claim_document(&other(SECOND)).unwrap().person();
    let phone = ContactAddress::phone("13800138000").unwrap();
    assert_eq!(vault.bind_contact(first, &phone).unwrap(), None);
    assert_eq!(vault.bind_contact(first, &phone).unwrap(), None);
    assert_eq!(vault.bind_contact(second, &phone).unwrap(), Some(first));
    assert_eq!(vault.find_contact(&phone).unwrap(), Some(second));
    assert_eq!(vault.details(first).unwrap().contacts, []);
    vault.unbind_contact(first, &phone).unwrap();
    assert_eq!(vault.find_contact(&phone).unwrap(), Some(second));
    vault.unbind_contact(second, &phone).unwrap();
    assert_eq!(vault.find_contact(&phone).unwrap(), None);
}

#[test]
fn details_are_read_back_and_stored_as_nothing_readable() {
    let vault = vault();
    let person = vault.claim_document(&resident_id(NUMBER)).unwrap().person();
    let phone = ContactAddress::phone("13800138000").unwrap();
    vault.put_name(person, &text("王大明")).unwrap();
    vault.put_name(person, &text("王小明")).unwrap();
    vault.put_address(person, DwellingRole::Present, &text("解放路 1 号")).unwrap();
    vault.bind_contact(person, &phone).unwrap();
    let birth = BirthDate::parse("1991-02-03", Date::constant(2020, 12, 14), true).unwrap();
    vault.put_birth(person, &birth).unwrap();
    let details = Details {
        name: Some(text("王小明")),
        addresses: vec![(DwellingRole::Present, text("解放路 1 号"))],
        documents: vec![resident_id(NUMBER)],
        contacts: vec![phone],
        stated_birth: Some(birth),
    };
    assert_eq!(details.birth().map(|birth| *birth.reveal()), Some(Date::constant(1990, 1, 1)), "the document's");
    assert_eq!(vault.details(person).unwrap(), details);
    let stored = all_bytes(&vault);
    let debug = format!("{vault:?} {details:?}");
    for personal in [NUMBER, "王小明", "解放路", "13800138000", "19900101", "1991-02-03"] {
        assert!(!holds(&stored, personal) && !debug.contains(personal), "{personal}");
    }
}

#[test]
fn an_attempt_is_opened_as_itself_alone_and_hides_the_address() {
    let vault = vault();
    let phone = ContactAddress::phone("13800138000").unwrap();
    let sealed = vault.seal_attempt(b"one", &phone, &[7; 32]).unwrap();
    assert_eq!(vault.open_attempt(b"one", &sealed), Some((phone, [7; 32])));
    assert_eq!(vault.open_attempt(b"two", &sealed), None);
    assert_eq!(vault.open_attempt(b"one", &sealed[1..]), None);
    assert!(!holds(&sealed, "13800138000"));
}

#[test]
fn without_the_index_key_nobody_is_found_and_facts_are_still_opened() {
    let vault = vault();
    let person = vault.claim_document(&resident_id(NUMBER)).unwrap().person();
    let follower = Vault { keyring: vault.keyring.without_index(), ..vault.clone() };
    assert!(matches!(follower.find_document(&resident_id(NUMBER)), Err(VaultError::NoIndexKey)));
    assert!(matches!(follower.claim_document(&resident_id(NUMBER)), Err(VaultError::NoIndexKey)));
    assert!(matches!(
        follower.find_contact(&ContactAddress::phone("13800138000").unwrap()),
        Err(VaultError::NoIndexKey)
    ));
    assert!(follower.open_fact(&recorded(&vault, &check_in(person))).unwrap().is_some());
}

#[test]
fn everything_comes_under_the_newest_keys() {
    let vault = vault();
    let person = vault.claim_document(&resident_id(NUMBER)).unwrap().person();
    vault.put_name(person, &text("王小明")).unwrap();
    vault.bind_contact(person, &ContactAddress::phone("13800138000").unwrap()).unwrap();
    let before = vault.details(person).unwrap();

    let rotated = Vault { keyring: vault.keyring.rotated(&counting()).unwrap(), ..vault.clone() };
    assert_eq!(rotated.claim_document(&resident_id(NUMBER)).unwrap(), Claimed::Known(person), "found by the older key");
    assert_eq!(rotated.rotate().unwrap(), 4, "key, document, its card row and phone");
    assert_eq!(rotated.rotate().unwrap(), 0);

    let retired = Vault { keyring: rotated.keyring.retired(), ..vault.clone() };
    assert_eq!(retired.find_document(&resident_id(NUMBER)).unwrap(), Some(person));
    assert_eq!(retired.details(person).unwrap(), before);
    assert_eq!(vault.find_document(&resident_id(NUMBER)).unwrap(), None, "no row is left under the old key");
    assert!(matches!(vault.details(person), Err(VaultError::Damaged)), "the old node key opens nothing");
}

#[test]
fn a_rotation_that_a_crash_cut_short_shows_each_detail_once_and_is_finished_by_the_next_one() {
    let vault = vault();
    let person = vault.claim_document(&resident_id(NUMBER)).unwrap().person();
    vault.bind_contact(person, &ContactAddress::phone("13800138000").unwrap()).unwrap();
    let (before, old_rows) = (vault.details(person).unwrap(), vault.detail_rows(person).unwrap());
    let rotated = Vault { keyring: vault.keyring.rotated(&counting()).unwrap(), ..vault };
    rotated.rotate().unwrap();
    // The new rows were written and the old ones not yet removed.
    for (row, sealed) in old_rows {
        rotated.ledger.put_row(DETAILS, &row, &sealed).unwrap();
    }
    assert_eq!(rotated.details(person).unwrap(), before);
    assert_eq!(rotated.rotate().unwrap(), 3, "document, its card row and phone");
    assert_eq!(rotated.rotate().unwrap(), 0);
    assert_eq!(rotated.details(person).unwrap(), before);
}

#[test]
fn who_is_forgotten_is_found_by_nothing_and_the_next_one_is_another_person() {
    let vault = vault();
    let empty = all_bytes(&vault);
    let person = vault.claim_document(&resident_id(NUMBER)).unwrap().person();
    vault.link_document(person, &other(SECOND)).unwrap();
    vault.bind_contact(person, &ContactAddress::email("a@b.cn").unwrap()).unwrap();
    vault.put_name(person, &text("王小明")).unwrap();
    let fact = recorded(&vault, &check_in(person));
    vault.forget(person).unwrap();
    assert_eq!(all_bytes(&vault), empty);
    assert_eq!(vault.open_fact(&fact).unwrap(), None);
    assert!(matches!(vault.details(person), Err(VaultError::NoSuchPerson)));
    assert!(matches!(vault.seal_filing(&check_in(person)), Err(VaultError::NoSuchPerson)));
    vault.forget(person).unwrap();
    assert_ne!(vault.claim_document(&resident_id(NUMBER)).unwrap().person(), person);
}

#[test]
fn a_claim_that_a_crash_cut_short_is_finished_by_the_next_one() {
    let vault = vault();
    let person = vault.claim_document(&resident_id(NUMBER)).unwrap().person();
    for (row, _) in vault.detail_rows(person).unwrap() {
        vault.ledger.delete_row(DETAILS, &row).unwrap();
    }
    vault.ledger.delete_row(KEYS, person.bytes()).unwrap();
    assert_eq!(vault.claim_document(&resident_id(NUMBER)).unwrap(), Claimed::Known(person));
    assert_eq!(vault.details(person).unwrap().documents, [resident_id(NUMBER)]);
}

fn check_in(person: PersonId) -> Filing {
    Filing {
        id: FactId::from_bytes([5; 16]),
        subject: Subject::Person(person),
        source: Source { kind: SourceKind::Resident, id: SourceId::parse("self").unwrap() },
        occurred: Occurred::at(Timestamp::from_millis(1_000)),
        cause: None,
        replaces: None,
        content: Said::CheckIn { symptoms: Symptoms::NONE },
    }
}

/// The filing as the ledger gives it back.
fn recorded(vault: &Vault, filing: &Filing) -> yima_ledger::Fact {
    let new = NewFact {
        id: filing.id,
        subject: filing.subject,
        kind: Kind(1),
        until: Timestamp::FOREVER,
        body: vault.seal_filing(filing).unwrap(),
    };
    vault.ledger.append(vec![new]).wait().unwrap();
    let partition = Partition::of(filing.subject, vault.ledger.identity().person_partitions);
    let entry = vault.ledger.read(partition, Position::START, 1).unwrap().remove(0);
    let Content::Fact(fact) = entry.content else { panic!("no fact") };
    fact
}

#[test]
fn facts_are_sealed_alike_each_time_and_open_only_where_they_belong() {
    let vault = vault();
    let person = vault.claim_document(&resident_id(NUMBER)).unwrap().person();
    let stranger = vault.claim_document(&other(SECOND)).unwrap().person();
    let filing = check_in(person);
    let body = vault.seal_filing(&filing).unwrap();
    assert_eq!(vault.seal_filing(&filing).unwrap(), body);
    assert_ne!(vault.seal_filing(&check_in(stranger)).unwrap(), body);
    let fact = recorded(&vault, &filing);
    assert_eq!(vault.open_fact(&fact).unwrap().unwrap().filing(), &filing);

    let moved = |change: fn(&mut NewFact, PersonId)| {
        let mut fact = fact.clone();
        change(&mut fact.filed, stranger);
        fact
    };
    let refused = [
        moved(|filed, stranger| filed.subject = Subject::Person(stranger)),
        moved(|filed, _| filed.id = FactId::from_bytes([6; 16])),
        moved(|filed, _| filed.subject = Subject::Global),
        moved(|filed, _| filed.body.0[20] ^= 1),
        moved(|filed, _| filed.body.0.clear()),
    ];
    for fact in refused {
        assert!(matches!(vault.open_fact(&fact), Err(VaultError::Damaged)), "{fact:?}");
    }
}

#[test]
fn facts_about_everybody_are_open() {
    let vault = vault();
    let global = Filing {
        subject: Subject::Global,
        content: Said::Retraction { target: FactId::from_bytes([9; 16]) },
        ..check_in(PersonId::from_bytes([1; 16]))
    };
    assert_eq!(vault.open_fact(&recorded(&vault, &global)).unwrap().unwrap().filing(), &global);
}

/// Whom a reader finds who asks this vault, whatever it finds itself.
fn found_by_card(vault: &Vault, key: &(KeyNumber, yima_card::CardKey), document: &Document) -> Option<PersonId> {
    vault.find_card(key.0, &key.1.result(document).unwrap()).unwrap()
}

#[test]
fn a_card_finds_the_person_as_long_as_the_document_is_the_persons() {
    let vault = vault();
    let key = vault.keyring.card().unwrap();
    let person = vault.claim_document(&resident_id(NUMBER)).unwrap().person();
    assert_eq!(found_by_card(&vault, &key, &resident_id(NUMBER)), Some(person));
    assert_eq!(found_by_card(&vault, &key, &other(SECOND)), None);
    vault.link_document(person, &other(SECOND)).unwrap();
    assert_eq!(found_by_card(&vault, &key, &other(SECOND)), Some(person));
    vault.unlink_document(person, &resident_id(NUMBER)).unwrap();
    assert_eq!(found_by_card(&vault, &key, &resident_id(NUMBER)), None);
    let result = key.1.result(&other(SECOND)).unwrap();
    assert_eq!(vault.find_card(KeyNumber(9), &result).unwrap(), None, "under the number of another key");
    let follower = Vault { keyring: vault.keyring.without_index(), ..vault.clone() };
    assert!(matches!(follower.find_card(key.0, &result), Err(VaultError::NoIndexKey)));
    let stored = all_bytes(&vault);
    assert!(!stored.windows(16).any(|window| window == &result.0[..16]), "what readers ask with lies there as a hash");
    vault.forget(person).unwrap();
    assert_eq!(found_by_card(&vault, &key, &other(SECOND)), None);
}

#[test]
fn cards_are_found_by_the_newest_card_key_after_a_rotation_and_by_the_first_one_where_there_was_none() {
    let mut older = Keyring::generate(&counting());
    older.card.clear();
    let before = Vault::new(ledger(), older, counting());
    let person = before.claim_document(&resident_id(NUMBER)).unwrap().person();
    let rotate = |vault: &Vault| {
        let rotated = Vault { keyring: vault.keyring.rotated(&counting()).unwrap(), ..vault.clone() };
        rotated.rotate().unwrap();
        assert_eq!(rotated.rotate().unwrap(), 0);
        Vault { keyring: rotated.keyring.retired(), ..rotated }
    };
    let first = rotate(&before);
    let old_key = first.keyring.card().unwrap();
    assert_eq!(found_by_card(&first, &old_key, &resident_id(NUMBER)), Some(person));
    let second = rotate(&first);
    let new_key = second.keyring.card().unwrap();
    assert_eq!(found_by_card(&second, &new_key, &resident_id(NUMBER)), Some(person));
    assert_eq!(found_by_card(&second, &old_key, &resident_id(NUMBER)), None, "no row is left of the old key");
}

#[test]
fn a_note_is_opened_for_its_person_and_occasion_and_a_ticket_for_its_use() {
    let vault = vault();
    let person = vault.claim_document(&resident_id(NUMBER)).unwrap().person();
    let stranger = vault.claim_document(&other(SECOND)).unwrap().person();
    let sealed = vault.seal_note(person, b"first", b"market-3").unwrap();
    assert_eq!(vault.open_note(person, b"first", &sealed).unwrap(), b"market-3");
    assert!(matches!(vault.open_note(person, b"second", &sealed), Err(VaultError::Damaged)));
    assert!(matches!(vault.open_note(stranger, b"first", &sealed), Err(VaultError::Damaged)));
    let ticket = vault.seal_ticket("card", b"market-3").unwrap();
    assert_eq!(vault.open_ticket("card", &ticket).as_deref(), Some(&b"market-3"[..]));
    assert_eq!(vault.open_ticket("other", &ticket), None);
    assert_eq!(vault.open_ticket("card", &ticket[1..]), None);
}
