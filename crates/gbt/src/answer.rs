//! What the seven interfaces give.

use serde_json::Value;
use yima_model::FactId;

use crate::code::{Coded as _, Origin, StatedGrade};
use crate::element::Element;
use crate::fault::Faults;
use crate::interface::Interface;
use crate::moment::Moment;
use crate::read::{self, Reader};
use crate::recognise::Decision;
use crate::write::Members;

/// 6.2: what was declared is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclareAnswer {
    /// When it was recorded.
    pub report_date: Moment,
    /// What came and was not kept.
    pub not_kept: Vec<Element>,
    /// What became of the grade that the sender stated: `unknown`; absent if there was none.
    pub recognised: Option<String>,
}

/// 6.3: the trip is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TripAnswer {
    /// When it was recorded.
    pub report_date: Moment,
}

/// The colour, and until when it and what was declared hold; nothing of it is about a picture of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The grade; absent where there is no answer, or nobody knows the person.
    pub grade: Option<StatedGrade>,
    /// Whether what the person had to renew has lapsed.
    pub report_expired: bool,
    /// When the colour or its reasons change next if nothing more is recorded; absent if never.
    pub report_valid_date: Option<Moment>,
}

/// 6.4: what is known of the person's health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryAnswer {
    /// The latest declaration or check-in; absent if there was none.
    pub report_date: Option<Moment>,
    /// The colour.
    pub standing: Standing,
    /// Whether there was a declaration or check-in within 24 hours.
    pub reported_in_24_hours: bool,
    /// Why it is not green.
    pub reason: Option<String>,
    /// What to do.
    pub guide: Option<String>,
    /// By which rule.
    pub rule_number: Option<String>,
    /// What the person may contest.
    pub records: Vec<FactId>,
    /// Whose answer it is.
    pub data_source: Origin,
    /// Which elements this asker may see.
    pub auth_field: Vec<Element>,
}

/// 6.5: codes can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplyAnswer {
    /// Under which number.
    pub serial: FactId,
    /// Until when.
    pub expires: Moment,
}

/// 6.6: a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MakeAnswer {
    /// What the picture shows.
    pub code_content: String,
    /// Until when the picture counts.
    pub code_expire_time: Moment,
}

/// 6.7: what the code says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyAnswer {
    /// Whether the picture has expired; then there is no grade.
    pub code_expired: bool,
    /// Until when the picture counts or counted.
    pub code_expire_time: Moment,
    /// The colour.
    pub standing: Standing,
    /// Whose answer it is.
    pub data_source: Origin,
    /// Which elements this asker may see.
    pub auth_field: Vec<Element>,
}

/// 6.8: the objection is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectAnswer {
    /// Under which id.
    pub record: FactId,
    /// By when another office answers; unanswered, the contested record counts no more.
    pub deadline: Moment,
}

impl DeclareAnswer {
    /// Reads an answer.
    ///
    /// # Errors
    /// [`Faults`]: everything that is wrong, by element.
    pub fn read(text: &str) -> Result<Self, Faults> {
        let mut reader = Reader::answer(Interface::Declare, text)?;
        let report_date = reader.required(Element::ReportDate, read::moment);
        let not_kept = reader.required(Element::Unkept, read::elements);
        let recognised = reader.optional(Element::Recognised, read::text::<8>);
        let read = || Some(Self { report_date: report_date?, not_kept: not_kept?, recognised: recognised? });
        let message = read();
        reader.finish(message)
    }

    /// The answer as JSON.
    pub fn write(&self) -> Value {
        let mut members = Members::default();
        members.put(Element::ReportDate, self.report_date.text());
        members.put_names(Element::Unkept, &self.not_kept);
        members.put_some(Element::Recognised, self.recognised.as_deref());
        members.finish()
    }
}

impl TripAnswer {
    /// Reads an answer.
    ///
    /// # Errors
    /// [`Faults`]: everything that is wrong, by element.
    pub fn read(text: &str) -> Result<Self, Faults> {
        let mut reader = Reader::answer(Interface::Trip, text)?;
        let report_date = reader.required(Element::ReportDate, read::moment);
        reader.finish(report_date.map(|report_date| Self { report_date }))
    }

    /// The answer as JSON.
    pub fn write(&self) -> Value {
        let mut members = Members::default();
        members.put(Element::ReportDate, self.report_date.text());
        members.finish()
    }
}

impl Standing {
    /// Of somebody whom nobody knows.
    pub const UNKNOWN: Self = Self { grade: None, report_expired: false, report_valid_date: None };

    fn read(reader: &mut Reader) -> Option<Self> {
        let grade = reader.optional(Element::Grade, read::grade);
        let report_expired = reader.required(Element::ReportExpired, read::flag);
        let report_valid_date = reader.optional(Element::ReportValidDate, read::moment);
        Some(Self { grade: grade?, report_expired: report_expired?, report_valid_date: report_valid_date? })
    }

    fn write(&self, members: &mut Members) {
        members.put_some(Element::Grade, self.grade.as_ref().map(StatedGrade::code));
        members.put(Element::ReportExpired, self.report_expired);
        members.put_some(Element::ReportValidDate, self.report_valid_date.map(Moment::text));
    }
}

impl QueryAnswer {
    /// Reads an answer.
    ///
    /// # Errors
    /// [`Faults`]: everything that is wrong, by element.
    pub fn read(text: &str) -> Result<Self, Faults> {
        let mut reader = Reader::answer(Interface::Query, text)?;
        let report_date = reader.optional(Element::ReportDate, read::moment);
        let standing = Standing::read(&mut reader);
        let reported_in_24_hours = reader.required(Element::ReportedIn24Hours, read::flag);
        let reason = reader.optional(Element::Reason, read::text::<500>);
        let guide = reader.optional(Element::Guide, read::text::<500>);
        let rule_number = reader.optional(Element::RuleNumber, read::text::<64>);
        let records = reader.required(Element::Records, read::ids);
        let data_source = reader.required(Element::DataSource, read::code);
        let auth_field = reader.required(Element::AuthField, read::elements);
        let read = || {
            Some(Self {
                report_date: report_date?,
                standing: standing?,
                reported_in_24_hours: reported_in_24_hours?,
                reason: reason?,
                guide: guide?,
                rule_number: rule_number?,
                records: records?,
                data_source: data_source?,
                auth_field: auth_field?,
            })
        };
        let message = read();
        reader.finish(message)
    }

    /// The answer as JSON.
    pub fn write(&self) -> Value {
        let mut members = Members::default();
        members.put_some(Element::ReportDate, self.report_date.map(Moment::text));
        self.standing.write(&mut members);
        members.put(Element::ReportedIn24Hours, self.reported_in_24_hours);
        members.put_some(Element::Reason, self.reason.as_deref());
        members.put_some(Element::Guide, self.guide.as_deref());
        members.put_some(Element::RuleNumber, self.rule_number.as_deref());
        members.put_ids(Element::Records, &self.records);
        members.put(Element::DataSource, self.data_source.code());
        members.put_names(Element::AuthField, &self.auth_field);
        members.finish()
    }

    /// What a checkpoint makes of it.
    pub fn decision(&self) -> Decision {
        Decision::of(false, self.standing.report_expired, self.standing.grade.as_ref())
    }
}

impl ApplyAnswer {
    /// Reads an answer.
    ///
    /// # Errors
    /// [`Faults`]: everything that is wrong, by element.
    pub fn read(text: &str) -> Result<Self, Faults> {
        let mut reader = Reader::answer(Interface::Apply, text)?;
        let serial = reader.required(Element::Serial, read::id);
        let expires = reader.required(Element::SerialExpireTime, read::moment);
        reader.finish(serial.zip(expires).map(|(serial, expires)| Self { serial, expires }))
    }

    /// The answer as JSON.
    pub fn write(&self) -> Value {
        let mut members = Members::default();
        members.put(Element::Serial, self.serial.to_string());
        members.put(Element::SerialExpireTime, self.expires.text());
        members.finish()
    }
}

impl MakeAnswer {
    /// Reads an answer.
    ///
    /// # Errors
    /// [`Faults`]: everything that is wrong, by element.
    pub fn read(text: &str) -> Result<Self, Faults> {
        let mut reader = Reader::answer(Interface::Make, text)?;
        let content = reader.required(Element::CodeContent, read::text::<600>);
        let expires = reader.required(Element::CodeExpireTime, read::moment);
        let message = content.zip(expires);
        reader.finish(message.map(|(code_content, code_expire_time)| Self { code_content, code_expire_time }))
    }

    /// The answer as JSON.
    pub fn write(&self) -> Value {
        let mut members = Members::default();
        members.put(Element::CodeContent, self.code_content.as_str());
        members.put(Element::CodeExpireTime, self.code_expire_time.text());
        members.finish()
    }
}

impl VerifyAnswer {
    /// Reads an answer.
    ///
    /// # Errors
    /// [`Faults`]: everything that is wrong, by element.
    pub fn read(text: &str) -> Result<Self, Faults> {
        let mut reader = Reader::answer(Interface::Verify, text)?;
        let code_expired = reader.required(Element::CodeExpired, read::flag);
        let code_expire_time = reader.required(Element::CodeExpireTime, read::moment);
        let standing = Standing::read(&mut reader);
        let data_source = reader.required(Element::DataSource, read::code);
        let auth_field = reader.required(Element::AuthField, read::elements);
        let read = || {
            Some(Self {
                code_expired: code_expired?,
                code_expire_time: code_expire_time?,
                standing: standing?,
                data_source: data_source?,
                auth_field: auth_field?,
            })
        };
        let message = read();
        reader.finish(message)
    }

    /// The answer as JSON.
    pub fn write(&self) -> Value {
        let mut members = Members::default();
        members.put(Element::CodeExpired, self.code_expired);
        members.put(Element::CodeExpireTime, self.code_expire_time.text());
        self.standing.write(&mut members);
        members.put(Element::DataSource, self.data_source.code());
        members.put_names(Element::AuthField, &self.auth_field);
        members.finish()
    }

    /// What a checkpoint makes of it.
    pub fn decision(&self) -> Decision {
        Decision::of(self.code_expired, self.standing.report_expired, self.standing.grade.as_ref())
    }
}

impl CorrectAnswer {
    /// Reads an answer.
    ///
    /// # Errors
    /// [`Faults`]: everything that is wrong, by element.
    pub fn read(text: &str) -> Result<Self, Faults> {
        let mut reader = Reader::answer(Interface::Correct, text)?;
        let record = reader.required(Element::Record, read::id);
        let deadline = reader.required(Element::Deadline, read::moment);
        reader.finish(record.zip(deadline).map(|(record, deadline)| Self { record, deadline }))
    }

    /// The answer as JSON.
    pub fn write(&self) -> Value {
        let mut members = Members::default();
        members.put(Element::Record, self.record.to_string());
        members.put(Element::Deadline, self.deadline.text());
        members.finish()
    }
}
