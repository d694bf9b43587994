//! Whose statements count: keys by their ids, each with its issuer, its validity and what it may sign.

mod did;
mod file;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub use file::TrustFileError;

use crate::Refusal;
use crate::countries::of_code;
use crate::crl::{Revocation, Revocations};
use crate::dcc::{self, Claims, Signed};
use crate::key::{Algorithm, KeyError, PublicKey, decode_base64};
use crate::x509::{Certificate, Usages};

/// The most different keys under one id that may have signed what is claimed. An id of eight bytes is a hash: two keys under one are a chance of one in
/// many millions of lists, more than four are a fault of the list, and every bad signature would cost them all.
pub const KEYS_PER_ID_MAX: usize = 4;

/// Who a key belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A country, two capital letters of ISO 3166-1.
    Country([u8; 2]), // INVARIANT: ASCII
    /// The issuer with this URL or DID.
    Issuer(String),
    /// Whoever the statement names: the key alone is trusted.
    Anyone,
}

/// Which container a key signs; a key of one list is no key of another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// A health certificate in CWT: DCC and DDCC.
    Hcert,
    /// A SMART Health Card.
    Card,
    /// A New Zealand COVID Pass.
    Pass,
}

/// What a key is trusted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whose key it is.
    pub owner: Owner,
    /// What it signs; anything, if somebody pinned the key itself.
    pub container: Option<Container>,
    /// What it may sign.
    pub usages: Usages,
    /// First and last second in which it may sign, since 1970.
    pub validity: (i64, i64),
}

impl Grant {
    /// A grant to `owner` without end or bounds of use.
    pub const fn unbounded(owner: Owner, container: Option<Container>) -> Self {
        Self { owner, container, usages: Usages::ALL, validity: (i64::MIN, i64::MAX) }
    }

    /// The country whose key it is.
    pub(crate) fn country(&self) -> Option<&str> {
        match &self.owner {
            Owner::Country(letters) => std::str::from_utf8(letters).ok(),
            Owner::Issuer(_) | Owner::Anyone => None,
        }
    }

    fn of(certificate: &Certificate, owner: Owner, container: Option<Container>) -> Self {
        Self { owner, container, usages: certificate.usages, validity: (certificate.not_before, certificate.not_after) }
    }
}

#[derive(Clone, Debug)]
struct TrustedKey {
    key: PublicKey,
    grants: Vec<Grant>,
}

/// A certificate that is held, and may name signers of seals.
#[derive(Clone, Debug)]
struct Authority {
    certificate: Certificate,
    /// Whether it counts whatever state its statements name.
    is_pinned: bool,
}

/// The keys and authorities that count here.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    keys: BTreeMap<Vec<u8>, Vec<TrustedKey>>,
    authorities: Vec<Authority>,
    /// The versions of the revocation lists that keys announce, by their issuers (`None`: whoever's) and ids.
    announced: BTreeMap<(Option<String>, Vec<u8>), u64>,
    revocations: Vec<Revocations>,
    /// Whether a card whose announced list is not held is refused.
    demands_card_lists: bool,
    certificate_revocations: Vec<dcc::revocation::Revocations>,
    /// The issuers of cards that count; whoever has a trusted key, if there is no directory.
    issuers: Option<BTreeSet<String>>,
}

/// What a statement says about its own origin, for its key to be held against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claimed<'a> {
    /// The issuer: a country of two letters, a URL or a DID.
    pub(crate) issuer: Option<&'a str>,
    /// What it is.
    pub(crate) container: Container,
    /// What is signed.
    pub(crate) usages: Usages,
    /// When it was signed, in seconds since 1970.
    pub(crate) issued: i64,
}

impl Trust {
    /// Trusts nobody.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// How many different keys are held.
    pub fn keys(&self) -> usize {
        self.keys.values().map(Vec::len).sum()
    }

    /// Trusts `key` under the id `id` for what `grant` says; what is there already changes nothing.
    pub fn add_key(&mut self, id: &[u8], key: PublicKey, grant: Grant) {
        let under_id = self.keys.entry(id.to_vec()).or_default();
        match under_id.iter_mut().find(|trusted| trusted.key == key) {
            Some(trusted) if trusted.grants.contains(&grant) => {}
            Some(trusted) => trusted.grants.push(grant),
            None => under_id.push(TrustedKey { key, grants: vec![grant] }),
        }
    }

    /// Trusts the signer with this certificate (DER) for its country; an authority is trusted to name
    /// signers of seals, and signs nothing itself.
    ///
    /// # Errors
    /// [`KeyError`] when the certificate cannot be used.
    pub fn add_certificate(&mut self, der: &[u8]) -> Result<(), KeyError> {
        let certificate = Certificate::from_der(der)?;
        let owner = certificate.country.map_or(Owner::Anyone, Owner::Country);
        self.add(certificate, owner, Some(Container::Hcert));
        Ok(())
    }

    /// Trusts the signer with this certificate (DER) whatever country its statements name.
    ///
    /// # Errors
    /// [`KeyError`] when the certificate cannot be used.
    pub fn pin_certificate(&mut self, der: &[u8]) -> Result<(), KeyError> {
        self.add(Certificate::from_der(der)?, Owner::Anyone, None);
        Ok(())
    }

    fn add(&mut self, certificate: Certificate, owner: Owner, container: Option<Container>) {
        // An authority names signers, and signs no statements, unless somebody pinned it as a signer.
        if !certificate.is_authority || container.is_none() {
            let grant = Grant::of(&certificate, owner, container);
            self.add_key(&certificate.id, certificate.key.clone(), grant);
        }
        self.authorities.push(Authority { certificate, is_pinned: container.is_none() });
    }

    /// Trusts the keys of a JSON Web Key Set for `owner`, and gives what is wrong with those that it leaves out.
    pub fn add_key_set(&mut self, set: &Value, owner: &Owner) -> Vec<KeyError> {
        let keys = set.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        keys.iter().filter_map(|jwk| self.add_card_key(jwk, owner).err()).collect()
    }

    fn add_card_key(&mut self, jwk: &Value, owner: &Owner) -> Result<(), KeyError> {
        let key = PublicKey::from_jwk(jwk)?;
        // A set of keys speaks for no country, whatever its certificates say of themselves.
        let grant = match chain(jwk, &key)?.first() {
            Some(certificate) => Grant::of(certificate, owner.clone(), Some(Container::Card)),
            None => Grant::unbounded(owner.clone(), Some(Container::Card)),
        };
        let Some(id) = jwk.get("kid").and_then(Value::as_str) else { return Ok(()) };
        // The framework of the cards has it so: the id is the key's thumbprint (RFC 7638).
        if key.thumbprint().is_some_and(|thumbprint| id != thumbprint) {
            return Err(KeyError::KeyIdWrong);
        }
        self.add_key(id.as_bytes(), key, grant);
        if let Some(version) = jwk.get("crlVersion").and_then(Value::as_u64) {
            let issuer = match owner {
                Owner::Issuer(issuer) => Some(issuer.clone()),
                Owner::Country(_) | Owner::Anyone => None,
            };
            self.announced.insert((issuer, id.as_bytes().to_vec()), version);
        }
        Ok(())
    }

    /// Takes a list of revoked SMART Health Cards: of this issuer, or of whichever one has its key. A faulty one is kept as
    /// such, so that no card of its key counts, and this says so with `false`.
    pub fn add_card_revocations(&mut self, list: &Value, issuer: Option<&str>) -> bool {
        let list = Revocations::read(list, issuer);
        let is_whole = list.is_whole();
        self.revocations.push(list);
        is_whole
    }

    /// Takes a list of revoked DCC.
    pub fn add_certificate_revocations(&mut self, list: dcc::revocation::Revocations) {
        self.certificate_revocations.push(list);
    }

    /// Whether some list that is held has the certificate.
    pub(crate) fn certificate_is_revoked(
        &self,
        signed: &Signed<'_>,
        claims: &Claims<'_>,
        certificate: Option<&dcc::Certificate<'_>>,
    ) -> bool {
        self.certificate_revocations.iter().any(|list| list.has(signed, claims, certificate))
    }

    /// Refuses cards whose key announces a list that is not held; without this they count, and say so.
    pub fn demand_card_lists(&mut self) {
        self.demands_card_lists = true;
    }

    /// What the lists say of a card with this id, valid from that second.
    ///
    /// A list that is held counts whether or not its key announces one; a faulty one, or one of another version than announced, cannot tell.
    ///
    /// # Errors
    /// [`Refusal::Revoked`], [`Refusal::RevocationUnknown`], and [`Refusal::RevocationListMissing`] if lists are demanded.
    pub(crate) fn card_revocation(
        &self,
        key_id: &str,
        issuer: &str,
        (card, not_before): (Option<&str>, i64),
    ) -> Result<Revocation, Refusal> {
        let announced =
            |issuer: Option<&str>| self.announced.get(&(issuer.map(str::to_owned), key_id.as_bytes().to_vec()));
        let version = announced(Some(issuer)).or_else(|| announced(None)).copied();
        let mut is_held = false;
        for list in self.revocations.iter().filter(|list| list.is_of(key_id, issuer)) {
            is_held = true;
            if list.revokes(version, card, not_before)? {
                return Err(Refusal::Revoked);
            }
        }
        match version {
            None => Ok(Revocation::NotAnnounced),
            Some(_) if is_held => Ok(Revocation::Checked),
            Some(_) if self.demands_card_lists => Err(Refusal::RevocationListMissing),
            Some(_) => Ok(Revocation::NotHeld),
        }
    }

    /// The grant that makes a signature count: by one of the keys under `id`, over `message`.
    ///
    /// # Errors
    /// [`Refusal`] about the key, the signature, the issuer, the use, or the time of issue.
    pub(crate) fn verify(
        &self,
        id: &[u8],
        algorithm: Algorithm,
        (message, signature): (&[u8], &[u8]),
        claimed: Claimed<'_>,
    ) -> Result<&Grant, Refusal> {
        let candidates = self.keys.get(id).ok_or(Refusal::KeyUnknown)?;
        let mut fitting = candidates.iter().filter(|trusted| trusted.key.algorithm() == algorithm).peekable();
        if fitting.peek().is_none() {
            return Err(Refusal::AlgorithmWrong);
        }
        // What costs nothing comes first: another's key is tried only if none may have signed what is claimed.
        let covering = || fitting.clone().filter_map(|trusted| Some((trusted, judge(&trusted.grants, claimed).ok()?)));
        match covering().take(KEYS_PER_ID_MAX + 1).count() {
            // Others' keys under the same id take nothing from those that may have signed.
            0 if fitting.clone().count() > KEYS_PER_ID_MAX => return Err(Refusal::KeyIdAmbiguous),
            0 => {}
            1..=KEYS_PER_ID_MAX => {
                let signer = covering().find(|(trusted, _)| trusted.key.verifies(message, signature));
                return signer.map(|(_, grant)| grant).ok_or(Refusal::SignatureInvalid);
            }
            _ => return Err(Refusal::KeyIdAmbiguous),
        }
        let signer = fitting.find(|trusted| trusted.key.verifies(message, signature));
        judge(&signer.ok_or(Refusal::SignatureInvalid)?.grants, claimed)
    }

    /// Lets only these issuers of cards count, of a directory: `{"participating_issuers": [{"iss": …}]}`.
    pub fn add_issuer_directory(&mut self, directory: &Value) {
        let issuers = directory.get("participating_issuers").and_then(Value::as_array).into_iter().flatten();
        self.issuers
            .get_or_insert_default()
            .extend(issuers.filter_map(|issuer| issuer.get("iss")?.as_str().map(str::to_owned)));
    }

    /// Whether this issuer is listed, if there is a directory, and some key is held for it or for whoever a statement names.
    pub(crate) fn knows(&self, issuer: &str) -> bool {
        if self.issuers.as_ref().is_some_and(|listed| !listed.contains(issuer)) {
            return false;
        }
        let mut grants = self.keys.values().flatten().flat_map(|trusted| &trusted.grants);
        grants.any(|grant| is_owned(&grant.owner, Some(issuer)))
    }

    /// That a signer's certificate is held itself, or issued by an authority that is held and was valid then, and that it
    /// seals for `state`: the authority's, the signer's own, and the one that the seal names. A pinned one seals for any.
    ///
    /// # Errors
    /// [`Refusal::SignerUntrusted`] and [`Refusal::IssuerWrong`].
    pub(crate) fn vouches_for(&self, signer: &Certificate, state: Option<[u8; 2]>) -> Result<(), Refusal> {
        let at = signer.not_before;
        let vouches = |held: &Certificate| {
            let is_valid = held.not_before <= at && at <= held.not_after;
            held.id == signer.id || held.is_authority && is_valid && signer.is_issued_by(held)
        };
        let vouching: Vec<&Authority> = self.authorities.iter().filter(|held| vouches(&held.certificate)).collect();
        if vouching.is_empty() {
            return Err(Refusal::SignerUntrusted);
        }
        let is_of_state = |held: &Authority| {
            let held = held.certificate.country;
            state.is_some() && signer.country == state && (held.is_none() || held == state)
        };
        let counts = vouching.into_iter().any(|held| held.is_pinned || is_of_state(held));
        if counts { Ok(()) } else { Err(Refusal::IssuerWrong) }
    }
}

/// The certificates that come with a key, the key's own first and each issued by the next.
///
/// Source: RFC 7517, section 4.7.
fn chain(jwk: &Value, key: &PublicKey) -> Result<Vec<Certificate>, KeyError> {
    let chain = jwk.get("x5c").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let chain = chain.iter().map(|der| {
        let der = der.as_str().and_then(decode_base64).ok_or(KeyError::CertificateDamaged)?;
        Certificate::from_der(&der)
    });
    let chain = chain.collect::<Result<Vec<_>, _>>()?;
    if chain.first().is_some_and(|certificate| certificate.key != *key) {
        return Err(KeyError::OtherUse);
    }
    if chain.windows(2).any(|pair| matches!(pair, [issued, by] if !issued.is_issued_by(by))) {
        return Err(KeyError::ChainBroken);
    }
    Ok(chain)
}

/// The first grant that covers what is claimed; else why the first one does not.
fn judge<'a>(grants: &'a [Grant], claimed: Claimed<'_>) -> Result<&'a Grant, Refusal> {
    let fault = |grant: &Grant| {
        let (first, last) = grant.validity;
        if !is_owned(&grant.owner, claimed.issuer) {
            Some(Refusal::IssuerWrong)
        } else if grant.container.is_some_and(|container| container != claimed.container)
            || !grant.usages.covers(claimed.usages)
        {
            Some(Refusal::KeyUsageWrong)
        } else if claimed.issued < first || claimed.issued > last {
            Some(Refusal::KeyNotValidAtIssue)
        } else {
            None
        }
    };
    match grants.iter().find(|grant| fault(grant).is_none()) {
        Some(grant) => Ok(grant),
        None => Err(grants.first().and_then(fault).unwrap_or(Refusal::KeyUnknown)),
    }
}

/// A statement need not name its issuer; one that names something else than a country is no country's.
fn is_owned(owner: &Owner, issuer: Option<&str>) -> bool {
    match (owner, issuer) {
        (Owner::Anyone, _) | (Owner::Country(_), None) => true,
        (Owner::Issuer(_), None) => false,
        (Owner::Issuer(held), Some(named)) => held == named,
        (Owner::Country(held), Some(named)) => of_code(named.trim().as_bytes()) == Some(*held),
    }
}
