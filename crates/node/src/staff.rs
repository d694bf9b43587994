//! Staff accounts: who works where, in which role, and with which scope.

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Argon2, PasswordHash};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use yima_ledger::{Ledger, LedgerError};
use yima_model::id::{IdError, SourceId};
use yima_model::{AreaCode, AreaSet, Kind, Personal, Source, SourceKind, Timestamp};
use yima_registry::cases::report::{PERSONS_PER_HOUR_MAX, Scope};

use crate::random;
use crate::rows::{Rows, table};
use crate::session::TokenHash;

static ACCOUNTS: Rows<AccountRow> = Rows::new(table::STAFF);
static SESSIONS: Rows<SessionRow> = Rows::new(table::STAFF_SESSION);

/// The shortest password of a member of staff, in characters.
pub const PASSWORD_CHARACTERS_MIN: usize = 12;

/// The most characters of a password, so that hashing takes no longer than it must.
const PASSWORD_CHARACTERS_MAX: usize = 128;

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $source:ident, [$($kind:ident),*];)+) => {
        /// What a member of staff does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Role {
            $($(#[$doc])* $name,)+
        }

        impl Role {
            /// Every role.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The word.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// As what kind of body the role files.
            pub(crate) const fn source(self) -> SourceKind {
                match self { $(Self::$name => SourceKind::$source,)+ }
            }

            /// What the role files in batches.
            pub(crate) fn kinds(self) -> &'static [Kind] {
                match self { $(Self::$name => &[$(Kind::$kind),*],)+ }
            }
        }
    };
}

roles! {
    /// Opens accounts; sees nobody's record.
    Admin = "admin", System, [];
    /// Serves people at a counter.
    Desk = "desk", Desk, [];
    /// Serves people by telephone.
    Operator = "operator", Desk, [];
    /// Checks at an entrance.
    Checkpoint = "checkpoint", Checkpoint, [];
    /// A device at an entrance that reads cards; it does nothing else.
    CardReader = "card-reader", Checkpoint, [];
    /// A neighbourhood or village committee.
    Community = "community", Community, [FollowUp, Review, Isolation, Stay, Arrival, Sample];
    /// A laboratory.
    Laboratory = "laboratory", Laboratory, [Sample, TestResult, PoolResult];
    /// A hospital or clinic.
    Hospital = "hospital", Hospital, [Case, Sample, TestResult, PoolResult, Temperature, FollowUp, Vaccination];
    /// A centre for disease control.
    DiseaseControl = "disease-control", DiseaseControl,
        [Case, Contact, Isolation, FollowUp, Review, Stay, Arrival, Sample, MissedTest, Comparison];
    /// An airline, railway or coach company.
    Carrier = "carrier", Carrier, [Stay, Arrival];
    /// A national register.
    Register = "register", Register, [Case, Arrival, Comparison, Vaccination];
    /// A register of births and families; it proves who is whose guardian.
    CivilRegister = "civil-register", Register, [Guardianship];
    /// An epidemic headquarters.
    Headquarters = "headquarters", Headquarters, [AreaLevel, Notice, List, Campaign];
    /// The system of another province, which speaks GB/T 38963.
    Province = "province", Province, [];
}

impl Role {
    /// The role of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.word() == word)
    }

    /// Whether the role adds areas, and says what is meant by the names of those that no list has.
    pub(crate) const fn keeps_areas(self) -> bool {
        matches!(self, Self::Admin | Self::Operator | Self::Desk)
    }

    /// Whether the role serves people who have come or called.
    pub(crate) const fn serves_people(self) -> bool {
        matches!(self, Self::Desk | Self::Operator | Self::Community)
    }
}

/// An account to be opened.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The name to sign in with; it stands in facts as their source. It begins with the institution, such as
    /// `xian-cdc.li`: two accounts of one institution are no second opinion.
    pub account: String,
    /// What the member of staff does.
    pub role: Role,
    /// Where; empty for the whole country.
    pub areas: Vec<AreaCode>,
    /// The first password.
    pub password: Personal<String>,
}

/// A member of staff who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Staff {
    pub(crate) account: SourceId,
    pub(crate) role: Role,
    pub(crate) areas: Vec<AreaCode>,
}

impl Staff {
    /// Whether the area is one of those that the account is for; one without areas is for all.
    pub(crate) fn is_for(&self, area: AreaCode) -> bool {
        self.areas.is_empty() || self.areas.iter().any(|own| own.contains(area))
    }
}

/// Why an account was not opened.
#[derive(Debug, Error)]
pub enum StaffError {
    /// The name is no name.
    #[error("{0}")]
    Name(#[from] IdError),
    /// The name does not say of which institution the account is.
    #[error(
        "write the institution before the name, as in `xian-cdc.li`; another account there is no second institution, and \
         only an account of the role `admin` needs none"
    )]
    NoInstitution,
    /// The password is too short or too long.
    #[error(
        "a password has {PASSWORD_CHARACTERS_MIN} to {PASSWORD_CHARACTERS_MAX} characters; four random words will do"
    )]
    Password,
    /// The name is taken.
    #[error("there is such an account already; choose another name")]
    Taken,
    /// The password could not be hashed.
    #[error("the password could not be hashed; try again")]
    NotHashed,
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

#[derive(Serialize, Deserialize)]
struct AccountRow {
    role: String,
    areas: Vec<String>,
    password: String,
    created: i64,
}

#[derive(Serialize, Deserialize)]
struct SessionRow {
    account: String,
    expires: i64,
}

impl Staff {
    /// As whom the member of staff files facts.
    pub(crate) fn source(&self) -> Source {
        Source { kind: self.role.source(), id: self.account.clone() }
    }

    /// What the key of this source covers.
    pub(crate) fn scope(&self) -> Scope {
        let areas = AreaSet { include: self.areas.clone(), exclude: Vec::new() };
        Scope {
            areas: (!self.areas.is_empty()).then_some(areas),
            kinds: self.role.kinds().to_vec(),
            persons_per_hour: PERSONS_PER_HOUR_MAX,
        }
    }
}

/// Opens an account.
pub(crate) fn open(ledger: &dyn Ledger, new: &NewAccount, now: Timestamp) -> Result<(), StaffError> {
    let account = SourceId::parse(&new.account)?;
    let is_named =
        |name: &str| !account.institution().is_empty() && account.institution() != name && !name.ends_with('.');
    if new.role != Role::Admin && !is_named(account.as_str()) {
        return Err(StaffError::NoInstitution);
    }
    let length = new.password.reveal().chars().count();
    if !(PASSWORD_CHARACTERS_MIN..=PASSWORD_CHARACTERS_MAX).contains(&length) {
        return Err(StaffError::Password);
    }
    let salt: [u8; 16] = random::bytes();
    let hash = Argon2::default().hash_password_with_salt(new.password.reveal().as_bytes(), &salt);
    let row = AccountRow {
        role: new.role.word().to_owned(),
        areas: new.areas.iter().map(ToString::to_string).collect(),
        password: hash.map_err(|_| StaffError::NotHashed)?.to_string(),
        created: now.millis(),
    };
    match ACCOUNTS.claim(ledger, account.as_str().as_bytes(), &row)? {
        None => Ok(()),
        Some(_) => Err(StaffError::Taken),
    }
}

/// Whether the institution, or that of this account, has an account that files results of shared tubes.
pub(crate) fn tests_tubes(ledger: &dyn Ledger, laboratory: &SourceId) -> Result<bool, LedgerError> {
    let tests = |(name, row): &(Vec<u8>, AccountRow)| {
        let account = str::from_utf8(name).ok().and_then(|name| SourceId::parse(name).ok());
        account.is_some_and(|account| account.institution() == laboratory.institution())
            && Role::from_word(&row.role).is_some_and(|role| role.kinds().contains(&Kind::PoolResult))
    };
    Ok(ACCOUNTS.all(ledger, laboratory.institution().as_bytes())?.iter().any(tests))
}

/// Whether there is any account yet.
pub(crate) fn is_any(ledger: &dyn Ledger) -> Result<bool, LedgerError> {
    Ok(!ACCOUNTS.all(ledger, &[])?.is_empty())
}

/// The member of staff with this account and password; `None` if either is wrong.
pub(crate) fn sign_in(
    ledger: &dyn Ledger,
    account: &str,
    password: &Personal<String>,
) -> Result<Option<Staff>, LedgerError> {
    let row = ACCOUNTS.find(ledger, account.as_bytes())?;
    // An unknown account takes as long as a known one.
    let stored = row.as_ref().map_or(UNKNOWN, |row| row.password.as_str());
    let is_right = PasswordHash::new(stored)
        .is_ok_and(|hash| Argon2::default().verify_password(password.reveal().as_bytes(), &hash).is_ok());
    Ok(row.filter(|_| is_right).and_then(|row| row.staff(account)))
}

/// A hash of no password, in the form and at the cost of the real ones.
const UNKNOWN: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Keeps a member of staff signed in under a token.
pub(crate) fn begin_session(
    ledger: &dyn Ledger,
    hash: TokenHash,
    staff: &Staff,
    expires: Timestamp,
) -> Result<(), LedgerError> {
    SESSIONS.put(ledger, &hash.0, &SessionRow { account: staff.account.to_string(), expires: expires.millis() })
}

/// The member of staff who is signed in under a token.
pub(crate) fn of_session(ledger: &dyn Ledger, hash: TokenHash, now: Timestamp) -> Result<Option<Staff>, LedgerError> {
    let Some(session) = SESSIONS.find(ledger, &hash.0)?.filter(|session| now.millis() < session.expires) else {
        return Ok(None);
    };
    let row = ACCOUNTS.find(ledger, session.account.as_bytes())?;
    Ok(row.and_then(|row| row.staff(&session.account)))
}

/// Signs a member of staff out.
pub(crate) fn end_session(ledger: &dyn Ledger, hash: TokenHash) -> Result<(), LedgerError> {
    SESSIONS.delete(ledger, &hash.0)
}

impl AccountRow {
    fn staff(self, account: &str) -> Option<Staff> {
        let areas = self.areas.iter().map(|area| AreaCode::parse(area).ok()).collect::<Option<_>>()?;
        Some(Staff { account: SourceId::parse(account).ok()?, role: Role::from_word(&self.role)?, areas })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn ledger() -> yima_ledger::KeyedLedger {
        let host = yima_ledger::Host { clock: Arc::new(|| Timestamp::from_millis(0)), random: random::function() };
        yima_ledger::KeyedLedger::in_memory(1, host).unwrap()
    }

    fn account(name: &str, password: &str) -> NewAccount {
        let password = Personal::new(password.to_owned());
        NewAccount { account: name.to_owned(), role: Role::Desk, areas: vec![], password }
    }

    #[test]
    fn an_account_is_opened_once_and_entered_with_its_password_alone() {
        let (ledger, now) = (ledger(), Timestamp::from_millis(0));
        open(&ledger, &account("wuchang.1", "correct horse battery"), now).unwrap();
        let taken = open(&ledger, &account("wuchang.1", "another long password"), now);
        assert!(matches!(taken, Err(StaffError::Taken)));
        let enter = |name, password: &str| sign_in(&ledger, name, &Personal::new(password.to_owned())).unwrap();
        assert_eq!(enter("wuchang.1", "correct horse battery").map(|staff| staff.role), Some(Role::Desk));
        for (name, password) in
            [("wuchang.1", "another long password"), ("wuchang.2", "correct horse battery"), ("", "")]
        {
            assert!(enter(name, password).is_none(), "{name}");
        }
    }

    #[test]
    fn short_passwords_and_odd_names_are_refused() {
        let now = Timestamp::from_millis(0);
        let refused = |name: &str, password: &str| open(&ledger(), &account(name, password), now).unwrap_err();
        assert!(matches!(refused("a.b", "elevenchars"), StaffError::Password));
        assert!(matches!(refused("a.b", &"x".repeat(129)), StaffError::Password));
        assert!(matches!(refused("a b", "correct horse battery"), StaffError::Name(_)));
    }

    #[test]
    fn an_account_says_of_which_institution_it_is() {
        let now = Timestamp::from_millis(0);
        for name in ["desk", ".li", "wuchang.", "."] {
            let refused = open(&ledger(), &account(name, "correct horse battery"), now);
            assert!(matches!(refused, Err(StaffError::NoInstitution)), "{name}");
        }
        let admin = NewAccount { role: Role::Admin, ..account("admin", "correct horse battery") };
        open(&ledger(), &admin, now).unwrap();
    }

    #[test]
    fn a_laboratory_is_known_by_its_institution() {
        let (ledger, now) = (ledger(), Timestamp::from_millis(0));
        for (name, role) in
            [("kingmed.1", Role::Laboratory), ("tongji.desk", Role::Desk), ("tongji.lab", Role::Hospital)]
        {
            open(&ledger, &NewAccount { role, ..account(name, "correct horse battery") }, now).unwrap();
        }
        let tests = |name: &str| tests_tubes(&ledger, &SourceId::parse(name).unwrap()).unwrap();
        for (name, known) in
            [("kingmed", true), ("kingmed.2", true), ("tongji", true), ("king", false), ("kingmed-2", false)]
        {
            assert_eq!(tests(name), known, "{name}");
        }
    }

    #[test]
    fn an_unknown_account_costs_as_much_as_a_known_one() {
        let made = Argon2::default().hash_password_with_salt(b"x", &[0; 16]).unwrap().to_string();
        let cost = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(cost(UNKNOWN), cost(&made));
        assert!(PasswordHash::new(UNKNOWN).is_ok());
    }

    #[test]
    fn every_role_is_read_back_and_no_role_files_what_a_use_case_alone_files() {
        for role in Role::ALL {
            assert_eq!(Role::from_word(role.word()), Some(*role));
            for kind in role.kinds() {
                assert!(!matches!(kind, Kind::Registration | Kind::Inert | Kind::Lift | Kind::Ruling | Kind::Pack));
            }
        }
    }
}
