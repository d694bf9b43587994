//! Keys of DID documents: those of issuers of passes, and the lists in which the WHO's network publishes its participants.
//!
//! Source: DID Core 1.0, sections 3.2.2 and 5.3.1; the NZ COVID Pass specification; the trust lists of the Global Digital
//! Health Certification Network (GDHCN), whose methods say in `keyusage` whose a certificate is: a document signer's (`DSC`),
//! an authority's (`CSCA`, `SCA`), or one for other ends than certificates (`DECA`, `TLS`, `UP`).
//! The proof of a document is not looked at, as docs/STATEMENTS.md explains.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Container, Grant, Owner, Trust, chain};
use crate::key::{KeyError, PublicKey};
use crate::x509::Certificate;

impl Trust {
    /// Trusts the keys of a DID document that it uses to make assertions, named there or standing there, and gives what is wrong
    /// with those that it leaves out. One that says nothing of assertions, as the lists of the world's health certificates do,
    /// vouches for those keys that come with a certificate.
    ///
    /// A key without a certificate is held under its full id (`did:web:…#key-1`) for passes of the DID, if it is this
    /// document's; one with a certificate under the id of that, for health certificates of its country. An authority's
    /// certificate names signers and signs nothing: where the document has authorities one of them must have issued each
    /// signer, and else the certificate that comes after the signer's own.
    pub fn add_did_document(&mut self, document: &Value) -> Vec<KeyError> {
        let mut faults = Vec::new();
        let (mut signers, mut authorities) = (Vec::new(), Vec::new());
        for method in used_methods(document) {
            let Some(jwk) = method.get("publicKeyJwk") else { continue };
            let read = PublicKey::from_jwk(jwk).and_then(|key| {
                let chain = chain(jwk, &key)?;
                match Use::of(method, chain.first())? {
                    Use::Pass => self.add_pass_key(document, method, key),
                    Use::Signer => signers.push(chain),
                    Use::Authority => authorities.extend(chain.into_iter().next()),
                    Use::Other => {}
                }
                Ok(())
            });
            faults.extend(read.err());
        }
        for chain in signers {
            faults.extend(self.add_listed_signer(&chain, &authorities).err());
        }
        faults
    }

    /// A key of another document, or of another kind of method, is passed over.
    fn add_pass_key(&mut self, document: &Value, method: &Value, key: PublicKey) {
        let did = document.get("id").and_then(Value::as_str).unwrap_or_default();
        let id = method.get("id").and_then(Value::as_str).map(|id| absolute(did, id)).unwrap_or_default();
        let is_own = id.strip_prefix(did).is_some_and(|rest| rest.starts_with('#'));
        if is_own && method.get("type").is_some_and(|kind| kind == "JsonWebKey2020") {
            let grant = Grant::unbounded(Owner::Issuer(did.to_owned()), Some(Container::Pass));
            self.add_key(id.as_bytes(), key, grant);
        }
    }

    fn add_listed_signer(&mut self, chain: &[Certificate], authorities: &[Certificate]) -> Result<(), KeyError> {
        let [signer, issuers @ ..] = chain else { return Err(KeyError::ChainMissing) };
        let country = signer.country.ok_or(KeyError::CountryMissing)?;
        let authorities = if authorities.is_empty() { issuers.get(..1).unwrap_or_default() } else { authorities };
        let issues = |authority: &Certificate| {
            let is_of_country = authority.country.is_none_or(|own| own == country);
            // One that was renewed for the same key may begin after signers that it issued before.
            let is_over = authority.not_after < signer.not_before;
            authority.is_authority && is_of_country && !is_over && signer.is_issued_by(authority)
        };
        if authorities.is_empty() {
            return Err(KeyError::ChainMissing);
        }
        if !authorities.iter().any(issues) {
            return Err(KeyError::ChainBroken);
        }
        let grant = Grant::of(signer, Owner::Country(country), Some(Container::Hcert));
        self.add_key(&signer.id, signer.key.clone(), grant);
        Ok(())
    }
}

/// What a method of a document is for.
enum Use {
    /// Passes of the document's DID: it comes without a certificate.
    Pass,
    /// Health certificates of the certificate's country.
    Signer,
    /// Signers' certificates.
    Authority,
    /// Something else.
    Other,
}

impl Use {
    /// As the method says, or else the certificate.
    fn of(method: &Value, certificate: Option<&Certificate>) -> Result<Self, KeyError> {
        let Some(certificate) = certificate else { return Ok(Self::Pass) };
        let stated = method.pointer("/keyusage/code").and_then(Value::as_str);
        match (stated.map(|code| code.trim_start_matches('#')), certificate.is_authority) {
            (None | Some("CSCA" | "SCA"), true) => Ok(Self::Authority),
            (None | Some("DSC"), false) => Ok(Self::Signer),
            (Some("DSC"), true) | (Some("CSCA" | "SCA"), false) => Err(KeyError::OtherUse),
            (Some(_), _) => Ok(Self::Other),
        }
    }
}

/// The methods that a document asserts with, named in its list of uses or standing there; where it has no such list, those that
/// come with a certificate.
fn used_methods(document: &Value) -> impl Iterator<Item = &Value> {
    let entries = |name: &str| document.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let did = document.get("id").and_then(Value::as_str).unwrap_or_default();
    let asserts = entries("assertionMethod");
    let named: BTreeSet<String> = asserts.iter().filter_map(Value::as_str).map(|id| absolute(did, id)).collect();
    let is_selective = document.get("assertionMethod").is_some();
    let is_used = move |method: &&Value| {
        let id = method.get("id").and_then(Value::as_str);
        if is_selective {
            id.is_some_and(|id| named.contains(&absolute(did, id)))
        } else {
            method.pointer("/publicKeyJwk/x5c").is_some()
        }
    };
    let standing = asserts.iter().filter(|method| method.is_object());
    entries("verificationMethod").iter().filter(is_used).chain(standing)
}

/// A fragment alone is one of the document (DID Core, section 3.2.2).
fn absolute(did: &str, id: &str) -> String {
    if id.starts_with('#') { format!("{did}{id}") } else { id.to_owned() }
}
