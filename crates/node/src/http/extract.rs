//! What handlers take from a request: the body, the request's key, who is signed in, and whose record is meant.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, MatchedPath, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::de::DeserializeOwned;
use yima_model::id::SourceId;
use yima_model::{Fact, PersonId, Source, SourceKind, Timestamp};
use yima_registry::cases::{Call, RequestId, dependents};

use super::AppState;
use super::problem::{Code, Problem};
use crate::access_log::{self, Action};
use crate::app::App;
use crate::binding;
use crate::random;
use crate::session::{self, Session, Token, TokenHash};
use crate::staff::{self, Role, Staff};

pub(super) const RESIDENT_COOKIE: &str = "yima_session";
pub(super) const STAFF_COOKIE: &str = "yima_staff";

/// The body as JSON, or a problem document.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<AppState> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let read: Result<Json<T>, JsonRejection> = Json::from_request(request, state).await;
        Ok(Self(read?.0))
    }
}

/// What stands behind the question mark, or a problem document.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let read = axum::extract::Query::try_from_uri(&parts.uri);
        // What is wrong with it may repeat what was sent.
        read.map(|axum::extract::Query(query)| Self(query)).map_err(|_| Code::Malformed.into())
    }
}

/// What the path names, or a problem document: what cannot be read names nothing.
pub(super) struct Path<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let read = axum::extract::Path::from_request_parts(parts, state).await;
        read.map(|axum::extract::Path(path)| Self(path)).map_err(|_| Code::NotFound.into())
    }
}

/// The key that the client chose for this request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key([u8; 16]);

impl Key {
    /// The request's id, which no other client can choose too: it depends on who asks.
    pub(super) fn by(self, actor: &[u8]) -> RequestId {
        self.numbered(actor, 0)
    }

    /// The id of one of several filings of a request.
    pub(super) fn numbered(self, actor: &[u8], number: u32) -> RequestId {
        let hash = random::hash("request", &[actor, &self.0, &number.to_be_bytes()]);
        RequestId(hash.first_chunk().copied().unwrap_or(self.0))
    }
}

impl FromRequestParts<AppState> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        request_key(&parts.headers)
    }
}

/// Reads the header `Idempotency-Key`.
pub(super) fn request_key(headers: &HeaderMap) -> Result<Key, Problem> {
    let text = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    let id = text.and_then(|text| yima_model::FactId::parse(text).ok());
    id.map(|id| Key(*id.bytes())).ok_or_else(|| Code::KeyMissing.into())
}

/// The token of a resident's cookie, whether or not anybody is signed in under it.
pub(super) struct ResidentToken(pub(super) TokenHash);

impl FromRequestParts<AppState> for ResidentToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        cookie(&parts.headers, RESIDENT_COOKIE).map(Self).ok_or_else(|| Code::NoSession.into())
    }
}

/// A resident who is signed in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resident(pub(super) Session);

impl FromRequestParts<AppState> for Resident {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let ResidentToken(hash) = ResidentToken::from_request_parts(parts, state).await?;
        let find = move |app: &App| match session::find(app.ledger(), hash, app.now())? {
            Some(session) => Ok(Self(session)),
            None if binding::proven(&app.registry, hash, app.now())?.is_some() => Err(Code::NotRegistered.into()),
            None => Err(Problem::from(Code::NoSession)),
        };
        state.run(find).await
    }
}

/// Whose record is worked on, and by whom: the own one, that of a dependent, or that of a person who has come to a desk or
/// called. The path names whom it is about unless it is the own one.
#[derive(Clone, Debug)]
pub(super) struct Acting {
    pub(super) person: PersonId,
    actor: Actor,
}

/// Who is signed in.
#[derive(Clone, Debug)]
enum Actor {
    /// The person.
    Oneself,
    /// Somebody who manages the person's code, and whether that person is of age.
    Guardian { guardian: PersonId, of_adult: bool },
    /// A desk, operator or community that has the person before it.
    Staff(Staff),
}

/// How long whoever serves people at a desk works on a record after the document lay there.
const SERVED_MILLIS: i64 = 30 * 60_000;

impl Acting {
    /// Who manages the person's code, if that one acts.
    pub(super) const fn guardian(&self) -> Option<PersonId> {
        match self.actor {
            Actor::Guardian { guardian, .. } => Some(guardian),
            Actor::Oneself | Actor::Staff(_) => None,
        }
    }

    /// What tells whoever acts from everybody else.
    pub(super) fn actor_key(&self) -> Vec<u8> {
        match &self.actor {
            Actor::Oneself => self.person.bytes().to_vec(),
            Actor::Guardian { guardian, .. } => guardian.bytes().to_vec(),
            Actor::Staff(staff) => staff.account.as_str().as_bytes().to_vec(),
        }
    }

    /// A call in the name of whoever is signed in.
    pub(super) fn call(&self, key: Key, now: Timestamp) -> Result<Call, Problem> {
        self.call_numbered(key, 0, now)
    }

    /// One of several calls of a request.
    pub(super) fn call_numbered(&self, key: Key, number: u32, now: Timestamp) -> Result<Call, Problem> {
        let source = match &self.actor {
            Actor::Oneself => self_source()?,
            Actor::Guardian { .. } => guardian_source()?,
            Actor::Staff(staff) => staff.source(),
        };
        let actor = [self.actor_key().as_slice(), self.person.bytes()].concat();
        Ok(Call { request: key.numbered(&actor, number), source, now })
    }

    /// Whoever helps a grown person sees the colour and what to do, and files for that one; where the person was, and who
    /// looked, that person alone reads, or a desk with the person before it.
    pub(super) fn reads_of_life(&self) -> Result<(), Problem> {
        match self.actor {
            Actor::Guardian { of_adult: true, .. } => Err(Code::NotPermitted.into()),
            Actor::Oneself | Actor::Guardian { .. } | Actor::Staff(_) => Ok(()),
        }
    }

    /// Of what was said, what whoever acts may read: who helps a grown person, what guardians said.
    pub(super) fn may_read(&self, said: &Fact) -> bool {
        self.reads_of_life().is_ok() || said.filing().source.kind == SourceKind::Guardian
    }

    /// Writes down that somebody else did something with the person's record.
    pub(super) fn note(&self, app: &App, action: Action) -> Result<(), Problem> {
        match &self.actor {
            Actor::Oneself => {}
            Actor::Guardian { guardian, .. } => {
                access_log::note_guardian(app.ledger(), self.person, *guardian, action, app.now())?;
            }
            Actor::Staff(staff) => access_log::note_staff(app.ledger(), self.person, staff, action, app.now())?,
        }
        Ok(())
    }
}

/// As whom a resident files about the own person.
pub(super) fn self_source() -> Result<Source, Problem> {
    source(SourceKind::Resident, "self")
}

pub(super) fn guardian_source() -> Result<Source, Problem> {
    source(SourceKind::Guardian, "guardian")
}

fn source(kind: SourceKind, id: &str) -> Result<Source, Problem> {
    Ok(Source { kind, id: SourceId::parse(id).map_err(|error| Problem::internal(&error))? })
}

impl FromRequestParts<AppState> for Acting {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Code::NotFound)?;
        let named = params.iter().find(|(name, _)| *name == "person").map(|(_, text)| PersonId::parse(text));
        let is_at_desk = parts.extensions.get::<MatchedPath>().is_some_and(|path| path.as_str().starts_with(DESK));
        if let Some(person) = named.filter(|_| is_at_desk) {
            let staff = OnDuty::from_request_parts(parts, state).await?.with_role(Role::serves_people)?;
            let person = person.map_err(|_| Code::NotFound)?;
            return state.run(move |app| serve(app, person, staff)).await;
        }
        let Resident(session) = Resident::from_request_parts(parts, state).await?;
        let actor = session.person;
        let Some(person) = named else { return Ok(Self { person: actor, actor: Actor::Oneself }) };
        let person = person.map_err(|_| Code::NotFound)?;
        let dependents = state.run(move |app| dependents::of_guardian(&app.registry, actor, app.now())).await?;
        // A person whom somebody does not manage looks like one who does not exist.
        let care = dependents.iter().find(|dependent| dependent.person == person).ok_or(Code::NotFound)?;
        // Care for a child ends with the child's eighteenth birthday at the latest.
        let of_adult = care.until == Timestamp::FOREVER;
        Ok(Self { person, actor: Actor::Guardian { guardian: actor, of_adult } })
    }
}

/// Where desks, operators and communities work on the records of those who have come or called.
pub(super) const DESK: &str = "/v1/desk/persons/";

/// A record is open to whoever found the person by document a short while ago; to others there is no such person.
fn serve(app: &App, person: PersonId, staff: Staff) -> Result<Acting, Problem> {
    let since = app.now().plus_millis(-SERVED_MILLIS);
    let is_served = access_log::has_found(app.ledger(), person, &staff, since)?;
    if is_served { Ok(Acting { person, actor: Actor::Staff(staff) }) } else { Err(Code::NotFound.into()) }
}

/// A member of staff who is signed in.
#[derive(Clone, Debug)]
pub(super) struct OnDuty {
    pub(super) staff: Staff,
    pub(super) hash: TokenHash,
}

impl OnDuty {
    /// The member of staff, if the role is one of those allowed.
    pub(super) fn with_role(self, allowed: impl Fn(Role) -> bool) -> Result<Staff, Problem> {
        if allowed(self.staff.role) { Ok(self.staff) } else { Err(Code::NotPermitted.into()) }
    }
}

/// A call in the name of a member of staff.
pub(super) fn staff_call(staff: &Staff, key: Key, number: u32, now: Timestamp) -> Call {
    Call { request: key.numbered(staff.account.as_str().as_bytes(), number), source: staff.source(), now }
}

impl FromRequestParts<AppState> for OnDuty {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let hash = cookie(&parts.headers, STAFF_COOKIE).ok_or(Code::NoSession)?;
        let found = state.run(move |app| staff::of_session(app.ledger(), hash, app.now())).await?;
        found.map(|staff| Self { staff, hash }).ok_or_else(|| Code::NoSession.into())
    }
}

/// The hash of the token in a cookie.
fn cookie(headers: &HeaderMap, name: &str) -> Option<TokenHash> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(found, _)| *found == name)?;
    let mut token = [0; 32];
    let decoded = Base64UrlUnpadded::decode(value, &mut token).ok()?;
    (decoded.len() == 32).then_some(())?;
    Some(Token(token).hash())
}

/// The header that gives a resident's browser its token.
pub(super) fn resident_cookie(token: &Token, seconds: i64) -> [(header::HeaderName, HeaderValue); 1] {
    set_cookie(RESIDENT_COOKIE, Some(token), seconds)
}

/// The header that takes it away.
pub(super) fn no_resident_cookie() -> [(header::HeaderName, HeaderValue); 1] {
    set_cookie(RESIDENT_COOKIE, None, 0)
}

/// The header that gives the browser of a member of staff its token.
pub(super) fn staff_cookie(token: &Token, seconds: i64) -> [(header::HeaderName, HeaderValue); 1] {
    set_cookie(STAFF_COOKIE, Some(token), seconds)
}

/// The header that takes it away.
pub(super) fn no_staff_cookie() -> [(header::HeaderName, HeaderValue); 1] {
    set_cookie(STAFF_COOKIE, None, 0)
}

fn set_cookie(name: &str, token: Option<&Token>, seconds: i64) -> [(header::HeaderName, HeaderValue); 1] {
    let value = token.map(|token| Base64UrlUnpadded::encode_string(&token.0)).unwrap_or_default();
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; Secure; SameSite=Strict");
    let header = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    [(header::SET_COOKIE, header)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_leads_back_to_its_token_alone() {
        let token = Token::new();
        let [(_, header)] = resident_cookie(&token, 60);
        let pair = header.to_str().unwrap().split(';').next().unwrap().to_owned();
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_str(text).unwrap());
            cookie(&headers, RESIDENT_COOKIE)
        };
        assert_eq!(read(&format!("a=b; {pair}")), Some(token.hash()));
        for text in ["", "yima_session=", "yima_session=AAAA", &format!("x{pair}"), &pair[..pair.len() - 4]] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_request_key_is_32_hexadecimal_digits() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("idempotency-key", HeaderValue::from_str(text).unwrap());
            request_key(&headers).is_ok()
        };
        assert!(read("00112233445566778899aabbccddeeff"));
        for text in ["", "0", "00112233445566778899aabbccddeef", "zz112233445566778899aabbccddeeff"] {
            assert!(!read(text), "{text}");
        }
        let key = Key([1; 16]);
        assert_ne!(key.by(b"a"), key.by(b"b"), "two who choose the same key do not meet");
        assert_ne!(key.numbered(b"a", 0), key.numbered(b"a", 1));
    }
}
