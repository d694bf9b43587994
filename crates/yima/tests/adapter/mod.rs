//! A small system of another province that speaks the seven interfaces, in memory and over plain HTTP, right or wrong.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};
use yima_gbt::code::{Grade, Origin, StatedGrade};
use yima_gbt::{
    ApplyAnswer, ApplyRequest, CorrectAnswer, CorrectRequest, DeclareAnswer, DeclareRequest, Fault as Wrong, Faults,
    Identity, Interface, MakeAnswer, MakeRequest, Moment, QueryAnswer, QueryRequest, Reason, Standing, TripAnswer,
    TripRequest, VerifyAnswer, VerifyRequest,
};
use yima_model::document::DocumentError;
use yima_model::{FactId, Timestamp, Zone};
use yima_node::Clock;

/// In what the system is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Takes a colour that it does not know for green.
    GreenForUnknownColour,
    /// Refuses an expired code.
    ExpiredIsError,
    /// Writes the expiry of the picture where that of the declaration belongs, and the other way round.
    SwappedExpiries,
    /// Takes a number whose last character does not fit.
    BadCheckCharacter,
    /// Believes a green that somebody else states.
    StatedGreenCounts,
    /// Answers green for people whom it does not know.
    StrangersAreGreen,
    /// Finds people by their number alone.
    NamesAreNotCompared,
    /// Answers green for people without a colour.
    PendingIsGreen,
    /// Counts the colours upwards.
    RedIsTwo,
    /// Tells a checkpoint who it is.
    TellsTheName,
    /// Answers an expired code as if it had not expired.
    ExpiredIsGreen,
}

const PEOPLE: [(&str, &str, Option<Grade>); 7] = [
    ("green", "A-1", Some(Grade::Green)),
    ("yellow", "A-2", Some(Grade::Yellow)),
    ("red", "A-3", Some(Grade::Red)),
    ("contesting", "A-4", Some(Grade::Yellow)),
    ("pending", "A-5", None),
    ("visitor", "A-6", None),
    ("lapsed", "A-7", None),
];

const EXPIRED: &str = "an old picture";
const DAY_MILLIS: i64 = 24 * 3_600_000;

/// The people and codes of this system.
pub(crate) fn subjects() -> String {
    let person = |(name, number, _): (&str, &str, _)| {
        (name.to_owned(), json!({"name": format!("某{name}"), "cid_type": "99", "cid": number}))
    };
    let persons: serde_json::Map<String, Value> =
        PEOPLE.into_iter().chain([("nobody", "A-9", None)]).map(person).collect();
    json!({"persons": persons, "codes": {"expired": EXPIRED}}).to_string()
}

pub(crate) struct Adapter {
    fault: Fault,
    reported: HashMap<&'static str, Moment>,
    stated: HashSet<&'static str>,
    serials: HashMap<FactId, &'static str>,
    codes: HashMap<String, (&'static str, Moment)>,
    count: u128,
}

type Answer = Result<Value, Refusal>;

/// A status, and what is wrong.
struct Refusal(u16, Vec<String>);

impl From<Faults> for Refusal {
    fn from(Faults(faults): Faults) -> Self {
        Self(422, faults.iter().map(|fault| fault.element.to_string()).collect())
    }
}

fn nothing() -> Refusal {
    Refusal(404, Vec::new())
}

impl Adapter {
    /// Serves until the test ends; gives the address.
    pub(crate) fn start(fault: Fault) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/gbt", listener.local_addr().unwrap());
        let old = (EXPIRED.to_owned(), ("green", later(-DAY_MILLIS)));
        let (reported, stated, serials) = (HashMap::new(), HashSet::new(), HashMap::new());
        let mut adapter = Self { fault, reported, stated, serials, codes: HashMap::from([old]), count: 0 };
        std::thread::spawn(move || listener.incoming().for_each(|stream| adapter.serve(stream.unwrap())));
        url
    }

    fn serve(&mut self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        let (mut head, mut line) = (String::new(), String::new());
        while reader.read_line(&mut line).unwrap() > 2 {
            head.push_str(&line.to_lowercase());
            line.clear();
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap();
        let mut body = vec![0; length.trim().parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        let path = head.split(' ').nth(1).unwrap();
        let interface = Interface::from_word(path.strip_prefix("/gbt/").unwrap()).unwrap();
        let (status, body) = match self.answer(interface, &String::from_utf8(body).unwrap()) {
            Ok(body) => (200, body),
            Err(Refusal(status, elements)) => {
                let errors = elements.iter().map(|element| json!({"field": element})).collect::<Vec<_>>();
                (status, json!({"errors": errors}))
            }
        };
        let body = body.to_string();
        let length = body.len();
        let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
        reader.get_mut().write_all(answer.as_bytes()).unwrap();
    }

    fn answer(&mut self, interface: Interface, text: &str) -> Answer {
        let now = Clock::system().now();
        match interface {
            Interface::Declare => self.declare(&DeclareRequest::read(text, now)?),
            Interface::Trip => {
                let request = TripRequest::read(text, now)?;
                if request.last_day > Zone::BEIJING.day(now) {
                    return Err(Refusal(422, vec!["last_day".to_owned()]));
                }
                self.demand(&request.who)?;
                Ok(TripAnswer { report_date: later(0) }.write())
            }
            Interface::Query => match QueryRequest::read(text, now) {
                Err(Faults(faults)) if self.fault == Fault::BadCheckCharacter && is_check(&faults) => {
                    Ok(self.record(None).write())
                }
                read => {
                    let who = read?.who;
                    let mut record = self.record(self.find(&who));
                    if self.fault == Fault::StrangersAreGreen && name_of(&who).is_none() {
                        record.standing.grade = Some(StatedGrade::Known(Grade::Green));
                    }
                    Ok(record.write())
                }
            },
            Interface::Apply => {
                let person = self.demand(&ApplyRequest::read(text, now)?.who)?;
                let serial = self.next();
                self.serials.insert(serial, person);
                Ok(ApplyAnswer { serial, expires: later(DAY_MILLIS) }.write())
            }
            Interface::Make => {
                let person = *self.serials.get(&MakeRequest::read(text)?.serial).ok_or_else(nothing)?;
                let (code_content, code_expire_time) = (self.next().to_string(), later(60_000));
                self.codes.insert(code_content.clone(), (person, code_expire_time));
                Ok(MakeAnswer { code_content, code_expire_time }.write())
            }
            Interface::Verify => self.verify(&VerifyRequest::read(text)?),
            Interface::Correct => {
                let request = CorrectRequest::read(text, now)?;
                let person = self.demand(&request.who)?;
                if request.record != record_of(person) {
                    return Err(nothing());
                }
                Ok(CorrectAnswer { record: self.next(), deadline: later(DAY_MILLIS) }.write())
            }
        }
    }

    fn declare(&mut self, request: &DeclareRequest) -> Answer {
        let person = self.demand(&request.who)?;
        self.reported.insert(person, later(0));
        let stated = request.unkept.grade();
        let believed = match &stated {
            Some(StatedGrade::Unknown(_)) => self.fault == Fault::GreenForUnknownColour,
            Some(StatedGrade::Known(grade)) => self.fault == Fault::StatedGreenCounts && *grade == Grade::Green,
            None => false,
        };
        if believed {
            self.stated.insert(person);
        }
        let recognised = stated.map(|_| "unknown".to_owned());
        Ok(DeclareAnswer { report_date: later(0), not_kept: request.unkept.elements(), recognised }.write())
    }

    fn verify(&self, request: &VerifyRequest) -> Answer {
        let (person, expires) = *self.codes.get(request.code_content.reveal()).ok_or_else(nothing)?;
        let expired = expires.timestamp() <= Clock::system().now();
        if expired && self.fault == Fault::ExpiredIsError {
            return Err(Refusal(410, vec!["code_content".to_owned()]));
        }
        let mut standing = self.standing(Some(person));
        let mut code_expired = expired && self.fault != Fault::ExpiredIsGreen;
        let mut code_expire_time = expires;
        if code_expired {
            standing.grade = None;
        }
        if self.fault == Fault::SwappedExpiries {
            std::mem::swap(&mut code_expired, &mut standing.report_expired);
            code_expire_time = standing.report_valid_date.replace(code_expire_time).unwrap();
        }
        let (data_source, auth_field) = (Origin::Province, Vec::new());
        let answer = VerifyAnswer { code_expired, code_expire_time, standing, data_source, auth_field };
        let mut answer = answer.write();
        if self.fault == Fault::TellsTheName {
            answer["name"] = person.into();
        }
        Ok(answer)
    }

    fn record(&self, person: Option<&'static str>) -> QueryAnswer {
        let standing = self.standing(person);
        let is_restricted =
            standing.grade.as_ref().and_then(StatedGrade::known).is_some_and(|grade| grade > Grade::Green);
        let text = |text: &str| is_restricted.then(|| text.to_owned());
        QueryAnswer {
            report_date: person.and_then(|person| self.reported.get(person).copied()),
            reported_in_24_hours: person.is_some_and(|person| self.reported.contains_key(person)),
            reason: text("有症状"),
            guide: text("请就近检测"),
            rule_number: text("B-1"),
            records: person.filter(|_| is_restricted).map(record_of).into_iter().collect(),
            standing,
            data_source: Origin::Province,
            auth_field: Vec::new(),
        }
    }

    fn standing(&self, person: Option<&'static str>) -> Standing {
        let green = Some(StatedGrade::Known(Grade::Green));
        let Some(person) = person else { return Standing::UNKNOWN };
        let known = PEOPLE.iter().find(|(name, ..)| *name == person).and_then(|(.., grade)| *grade);
        let grade = match known {
            _ if self.stated.contains(person) => green,
            None if self.fault == Fault::PendingIsGreen && person == "pending" => green,
            Some(Grade::Red) if self.fault == Fault::RedIsTwo => StatedGrade::from_code("02"),
            known => known.map(StatedGrade::Known),
        };
        Standing { grade, report_expired: person == "lapsed", report_valid_date: Some(later(DAY_MILLIS)) }
    }

    fn find(&self, who: &Identity) -> Option<&'static str> {
        let name = name_of(who)?;
        let is_named = *who.name.reveal() == format!("某{name}");
        (is_named || self.fault == Fault::NamesAreNotCompared).then_some(name)
    }

    fn demand(&self, who: &Identity) -> Result<&'static str, Refusal> {
        self.find(who).ok_or(Refusal(409, Vec::new()))
    }

    fn next(&mut self) -> FactId {
        self.count += 1;
        FactId::from_bytes(self.count.to_be_bytes())
    }
}

/// Whose number it is.
fn name_of(who: &Identity) -> Option<&'static str> {
    let number = who.document.number().reveal();
    PEOPLE.iter().find(|(_, known, _)| known.replace('-', "") == **number).map(|(name, ..)| *name)
}

fn is_check(faults: &[Wrong]) -> bool {
    matches!(faults, [Wrong { reason: Reason::Document(DocumentError::CheckCharacter), .. }])
}

/// What the colour of a person rests on.
fn record_of(person: &str) -> FactId {
    let mut bytes = [0xff; 16];
    person.bytes().zip(&mut bytes).for_each(|(from, to)| *to = from);
    FactId::from_bytes(bytes)
}

/// So many milliseconds from now.
fn later(millis: i64) -> Moment {
    let at: Timestamp = Clock::system().now().plus_millis(millis);
    Moment::floor(at).unwrap()
}
