//! A statement of any format: recognised by how it begins, verified, and brought to what a fact can hold.

mod holder;
mod meaning;
mod shown;

use serde_json::Value;
use yima_model::fact::{StatementFormat, StatementOrigin};
use yima_model::id::StatementIssuer;
use yima_model::{Content, Occurred, Personal, Timestamp};

pub use holder::{Comparison, Holder};
pub use meaning::{Doubt, Meaning};

use crate::dcc::{self, Signed};
use crate::nzcp::{self, Pass};
use crate::shc::{self, Card};
use crate::vds::{self, Seal};
use crate::{Refusal, Revocation, Trust};

/// The formats that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// EU Digital COVID Certificate.
    Dcc,
    /// WHO Digital Documentation of COVID-19 Certificates, in the container of a DCC.
    Ddcc,
    /// SMART Health Card.
    Shc,
    /// New Zealand COVID Pass.
    Nzcp,
    /// ICAO visible digital seal for health travel.
    VdsNc,
    /// DIVOC; recognised, since its kind of signature needs rules for JSON-LD that nobody can bound.
    Divoc,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 6] = [Self::Dcc, Self::Ddcc, Self::Shc, Self::Nzcp, Self::VdsNc, Self::Divoc];

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self.of_fact() {
            Some(format) => format.word(),
            None => "divoc",
        }
    }

    /// What a fact calls it; nothing for a format that is not verified here.
    pub const fn of_fact(self) -> Option<StatementFormat> {
        match self {
            Self::Dcc => Some(StatementFormat::Dcc),
            Self::Ddcc => Some(StatementFormat::Ddcc),
            Self::Shc => Some(StatementFormat::Shc),
            Self::Nzcp => Some(StatementFormat::Nzcp),
            Self::VdsNc => Some(StatementFormat::VdsNc),
            Self::Divoc => None,
        }
    }

    /// The format that a text is in, by how it begins.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.get(..shc::FILE_LENGTH_MAX).unwrap_or(text).trim_start();
        if text.starts_with(dcc::PREFIX) {
            return Some(Self::Dcc);
        }
        if text.starts_with(nzcp::PREFIX) {
            return Some(Self::Nzcp);
        }
        if shc::has_prefix(text) || text.starts_with("eyJ") {
            return Some(Self::Shc);
        }
        if text.starts_with("B64:") || text.starts_with("PK\u{3}\u{4}") {
            return Some(Self::Divoc);
        }
        let file: Value = serde_json::from_str(text).ok()?;
        if file.get("data").is_some() && file.get("sig").is_some() {
            Some(Self::VdsNc)
        } else if file.get("verifiableCredential").is_some() || file.get("parameter").is_some() {
            Some(Self::Shc)
        } else {
            None
        }
    }
}

/// What stands in a statement.
#[derive(Debug)]
pub struct Statement {
    /// Its format.
    pub format: Format,
    /// Who issued it: a country, a URL or a DID.
    pub issuer: Option<String>,
    /// When it was issued or became valid.
    pub issued: Option<Timestamp>,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// What is known about the revocation of a card; other formats announce no lists.
    pub revocation: Option<Revocation>,
    /// The whole content, with the person.
    pub content: Personal<Value>,
    /// What a fact can say of it.
    pub meaning: Meaning,
}

impl Statement {
    /// Whose it is.
    pub fn holder(&self) -> Holder {
        Holder::of(self.format, self.content.reveal())
    }

    /// What a fact can say of it, and since when: nothing where it means nothing here, or does not name its issuer in 200
    /// characters of ASCII. Nothing of the person goes into it.
    pub fn fact(&self) -> Option<(Occurred, Content)> {
        let at = self.meaning.at()?;
        let issuer = StatementIssuer::parse(self.issuer.as_deref()?).ok()?;
        let origin = Some(StatementOrigin { format: self.format.of_fact()?, issuer });
        Some((Occurred::at(at), Content::Statement { meaning: self.meaning.word(), origin }))
    }

    /// The content without what may identify the person: what stands in a closed list of fields, and nothing else.
    pub fn content_without_person(&self) -> Value {
        shown::shown(self.format, self.content.reveal())
    }
}

/// Verifies a statement at `now`: of `format`, or of the one that its text begins like.
///
/// # Errors
/// The first [`Refusal`] that holds; docs/STATEMENTS.md gives their order.
pub fn verify(text: &str, format: Option<Format>, trust: &Trust, now: Timestamp) -> Result<Statement, Refusal> {
    let statement = verified(text.trim_matches(['\r', '\n']), format, trust, now)?;
    Ok(Statement { meaning: statement.meaning.until(now), ..statement })
}

fn verified(text: &str, format: Option<Format>, trust: &Trust, now: Timestamp) -> Result<Statement, Refusal> {
    match recognise(text, format)? {
        Format::Dcc | Format::Ddcc => {
            let bytes = dcc::unpack(text)?;
            let signed = Signed::parse(&bytes)?;
            let statement = dcc_statement(&signed, format)?;
            let verified = dcc::verify(&signed, trust, now)?;
            Ok(Statement { issuer: verified.issuer().map(str::to_owned), ..statement })
        }
        Format::Nzcp => {
            let bytes = nzcp::unpack(text)?;
            let pass = Pass::parse(&bytes)?;
            let verified = nzcp::verify(&pass, trust, now)?;
            Ok(Statement {
                format: Format::Nzcp,
                issuer: Some(verified.issuer),
                issued: Some(instant(verified.not_before)),
                expires: Some(instant(verified.expires)),
                revocation: None,
                content: Personal::new(verified.subject),
                meaning: Meaning::may_pass(instant(verified.not_before)),
            })
        }
        Format::Shc => {
            let cards = shc::cards(text)?;
            let verified = cards.iter().map(|card| shc::verify(&Card::parse(card)?, trust, now));
            let verified = verified.collect::<Result<Vec<_>, _>>()?;
            let bundles: Vec<Value> = verified.iter().map(|card| card.bundle.clone()).collect();
            if !shc::are_of_one_person(&bundles) {
                return Err(Refusal::PersonsDiffer);
            }
            Ok(Statement {
                format: Format::Shc,
                issuer: verified.first().map(|card| card.issuer.clone()),
                issued: verified.iter().map(|card| instant(card.not_before)).max(),
                expires: verified.iter().filter_map(|card| card.expires).min().map(instant),
                revocation: verified.iter().map(|card| card.revocation).max(),
                meaning: Meaning::of_bundles(&bundles),
                content: Personal::new(bundles.into()),
            })
        }
        Format::VdsNc => {
            let seal = Seal::parse(text)?;
            let verified = vds::verify(&seal, trust, now)?;
            Ok(Statement {
                format: Format::VdsNc,
                issuer: Some(verified.issuer),
                issued: None,
                expires: Some(instant(verified.validity.1)),
                revocation: None,
                meaning: Meaning::of_seal(&seal.data),
                content: Personal::new(seal.data),
            })
        }
        Format::Divoc => Err(Refusal::NotVerifiable),
    }
}

/// What stands in a statement, with no signature, key or clock looked at; nothing is to be decided by it.
///
/// # Errors
/// [`Refusal`] about the form.
pub fn inspect(text: &str, format: Option<Format>) -> Result<Statement, Refusal> {
    let text = text.trim_matches(['\r', '\n']);
    let unverified = |format, issuer: Option<&str>, content: Value| Statement {
        format,
        issuer: issuer.map(str::to_owned),
        issued: None,
        expires: None,
        revocation: None,
        content: Personal::new(content),
        meaning: Meaning::UNKNOWN,
    };
    match recognise(text, format)? {
        Format::Dcc | Format::Ddcc => {
            let bytes = dcc::unpack(text)?;
            dcc_statement(&Signed::parse(&bytes)?, format).map(|read| Statement { meaning: Meaning::UNKNOWN, ..read })
        }
        Format::Nzcp => {
            let bytes = nzcp::unpack(text)?;
            let pass = Pass::parse(&bytes)?;
            let (issuer, credential) = pass.content();
            let subject = credential.and_then(|credential| credential.get("credentialSubject")).cloned();
            Ok(unverified(Format::Nzcp, issuer, subject.unwrap_or(Value::Null)))
        }
        Format::Shc => {
            let cards = shc::cards(text)?;
            let payloads = cards.iter().map(|card| Card::parse(card).map(|card| card.payload));
            let payloads = payloads.collect::<Result<Vec<_>, _>>()?;
            let issuer = payloads.first().and_then(|payload| payload.get("iss")?.as_str());
            let bundles = payloads.iter().map(|payload| payload.pointer("/vc/credentialSubject/fhirBundle").cloned());
            let bundles: Value = bundles.map(Option::unwrap_or_default).collect();
            Ok(unverified(Format::Shc, issuer, bundles))
        }
        Format::VdsNc => {
            let seal = Seal::parse(text)?;
            let issuer = seal.data.pointer("/hdr/is").and_then(Value::as_str);
            Ok(unverified(Format::VdsNc, issuer, seal.data.clone()))
        }
        Format::Divoc => Err(Refusal::NotVerifiable),
    }
}

fn recognise(text: &str, format: Option<Format>) -> Result<Format, Refusal> {
    if text.is_empty() {
        return Err(Refusal::Empty);
    }
    if text.len() > shc::FILE_LENGTH_MAX {
        return Err(Refusal::Oversized);
    }
    format.or_else(|| Format::of(text)).ok_or(Refusal::FormatUnknown)
}

/// What a certificate says of itself; a content that does not follow the schema means nothing.
///
/// # Errors
/// [`Refusal::ClaimsInvalid`] when its claims are not those of a format of this container, or of the one that is `asked` for.
fn dcc_statement(signed: &Signed<'_>, asked: Option<Format>) -> Result<Statement, Refusal> {
    let claims = signed.claims()?;
    let format = if claims.payload.is_ddcc() { Format::Ddcc } else { Format::Dcc };
    if asked.is_some_and(|asked| asked != format) {
        return Err(Refusal::ClaimsInvalid);
    }
    let certificate = claims.payload.certificate().ok().flatten();
    Ok(Statement {
        format,
        issuer: claims.issuer.as_deref().map(str::to_owned),
        issued: claims.issued.map(instant),
        expires: claims.expires.map(instant),
        revocation: None,
        meaning: match certificate {
            Some(certificate) => Meaning::of_entry(&certificate.entry),
            None => Meaning::of_ddcc(&claims.payload.json()),
        },
        content: Personal::new(claims.payload.json()),
    })
}

fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds.saturating_mul(1000))
}
