//! What a DCC certifies, typed, and borrowed from the signed bytes.

use std::borrow::Cow;

use yima_model::{Personal, Timestamp};

use super::schema::{
    CODE_LENGTH_MAX, SchemaFault, TEXT_LENGTH_MAX, is_birth_date, is_country, is_transliterated, is_version,
};
use crate::cbor::{Reader, WrongShape};
use crate::civil::Moment;
use crate::x509::Usages;

type Text<'a> = Cow<'a, str>;

/// A certificate whose content follows the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate<'a> {
    /// The version of the schema that it was issued under.
    pub version: Text<'a>,
    /// Whose it is.
    pub holder: Personal<Holder<'a>>,
    /// What it certifies.
    pub entry: Entry<'a>,
}

/// The person.
#[derive(Clone, PartialEq, Eq)]
pub struct Holder<'a> {
    /// Surname.
    pub family: Option<Text<'a>>,
    /// Surname in the letters of a travel document.
    pub family_transliterated: Option<Text<'a>>,
    /// Forename.
    pub given: Option<Text<'a>>,
    /// Forename in the letters of a travel document.
    pub given_transliterated: Option<Text<'a>>,
    /// Date of birth: a day, a month, a year, or empty.
    pub birth_date: Text<'a>,
}

/// What a certificate certifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    /// A vaccination.
    Vaccination(Vaccination<'a>),
    /// A test.
    Test(Test<'a>),
    /// A recovery.
    Recovery(Recovery<'a>),
}

/// What every entry has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common<'a> {
    /// The disease, a SNOMED CT code.
    pub disease: Text<'a>,
    /// The country where it was given or taken.
    pub country: Text<'a>,
    /// Who issued the certificate.
    pub issuer: Text<'a>,
    /// The unique id of the certificate.
    pub id: Text<'a>,
}

/// A vaccination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vaccination<'a> {
    /// Disease, country, issuer, id.
    pub common: Common<'a>,
    /// The kind of vaccine.
    pub prophylaxis: Text<'a>,
    /// The product.
    pub product: Text<'a>,
    /// Who holds the authorisation.
    pub manufacturer: Text<'a>,
    /// Number of this dose, from 1.
    pub dose: u32,
    /// Doses of the series, from 1.
    pub doses: u32,
    /// The day.
    pub date: Timestamp,
}

/// A test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test<'a> {
    /// Disease, country, issuer, id.
    pub common: Common<'a>,
    /// The kind of test, a LOINC code.
    pub kind: Text<'a>,
    /// Name of a nucleic-acid test.
    pub name: Option<Text<'a>>,
    /// Which antigen test.
    pub device: Option<Text<'a>>,
    /// When the sample was taken.
    pub sampled: Timestamp,
    /// The result, a SNOMED CT code.
    pub result: Text<'a>,
    /// Where.
    pub centre: Option<Text<'a>>,
}

/// A recovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery<'a> {
    /// Disease, country, issuer, id.
    pub common: Common<'a>,
    /// The day of the first positive test.
    pub first_positive: Timestamp,
    /// The first day on which it counts.
    pub valid_from: Timestamp,
    /// The last day on which it counts.
    pub valid_until: Timestamp,
}

impl std::fmt::Debug for Holder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Holder(…)")
    }
}

/// The fields of the outermost map, each still to be read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Groups<'a> {
    version: Option<Reader<'a>>,
    name: Option<Reader<'a>>,
    birth_date: Option<Reader<'a>>,
    vaccinations: Option<Reader<'a>>,
    tests: Option<Reader<'a>>,
    recoveries: Option<Reader<'a>>,
}

impl<'a> Groups<'a> {
    pub(super) fn find(content: &mut Reader<'a>) -> Result<Self, WrongShape> {
        let mut groups = Self::default();
        each_field(content, |name, value| {
            let slot = match name {
                b"ver" => &mut groups.version,
                b"nam" => &mut groups.name,
                b"dob" => &mut groups.birth_date,
                b"v" => &mut groups.vaccinations,
                b"t" => &mut groups.tests,
                b"r" => &mut groups.recoveries,
                _ => return,
            };
            *slot = Some(value);
        })?;
        Ok(groups)
    }

    pub(super) const fn usages(&self) -> Usages {
        Usages {
            vaccination: self.vaccinations.is_some(),
            test: self.tests.is_some(),
            recovery: self.recoveries.is_some(),
        }
    }
}

impl<'a> Certificate<'a> {
    pub(super) fn read(groups: &Groups<'a>) -> Result<Self, SchemaFault> {
        let version = text(groups.version, "ver", CODE_LENGTH_MAX)?;
        if !is_version(&version) {
            return Err(SchemaFault::WrongForm("ver"));
        }
        let holder = Holder::read(groups)?;
        let entry = match (groups.vaccinations, groups.tests, groups.recoveries) {
            (Some(group), None, None) => Entry::Vaccination(Vaccination::read(single(group)?)?),
            (None, Some(group), None) => Entry::Test(Test::read(single(group)?)?),
            (None, None, Some(group)) => Entry::Recovery(Recovery::read(single(group)?)?),
            _ => return Err(SchemaFault::NotOneEntry),
        };
        Ok(Self { version, holder: Personal::new(holder), entry })
    }
}

impl<'a> Holder<'a> {
    fn read(groups: &Groups<'a>) -> Result<Self, SchemaFault> {
        let birth_date = text(groups.birth_date, "dob", CODE_LENGTH_MAX)?;
        if !is_birth_date(&birth_date) {
            return Err(SchemaFault::WrongForm("dob"));
        }
        let (mut family, mut family_transliterated, mut given, mut given_transliterated) = (None, None, None, None);
        let mut name = groups.name.ok_or(SchemaFault::Missing("nam"))?;
        each_field(&mut name, |field, value| match field {
            b"fn" => family = Some(value),
            b"fnt" => family_transliterated = Some(value),
            b"gn" => given = Some(value),
            b"gnt" => given_transliterated = Some(value),
            _ => {}
        })
        .map_err(|WrongShape| SchemaFault::WrongType("nam"))?;
        let transliterated = |value, field| {
            let text = optional_text(value, field)?;
            match text.as_deref().is_none_or(is_transliterated) {
                true => Ok(text),
                false => Err(SchemaFault::WrongForm(field)),
            }
        };
        let holder = Self {
            family: optional_text(family, "nam.fn")?,
            family_transliterated: transliterated(family_transliterated, "nam.fnt")?,
            given: optional_text(given, "nam.gn")?,
            given_transliterated: transliterated(given_transliterated, "nam.gnt")?,
            birth_date,
        };
        match (&holder.family_transliterated, &holder.given_transliterated) {
            (None, None) => Err(SchemaFault::Missing("nam.fnt")),
            _ => Ok(holder),
        }
    }
}

/// The fields of any entry, each still to be read; an entry uses those of its kind.
#[derive(Default)]
struct Fields<'a> {
    tg: Option<Reader<'a>>,
    co: Option<Reader<'a>>,
    is: Option<Reader<'a>>,
    ci: Option<Reader<'a>>,
    vp: Option<Reader<'a>>,
    mp: Option<Reader<'a>>,
    ma: Option<Reader<'a>>,
    dn: Option<Reader<'a>>,
    sd: Option<Reader<'a>>,
    dt: Option<Reader<'a>>,
    tt: Option<Reader<'a>>,
    nm: Option<Reader<'a>>,
    sc: Option<Reader<'a>>,
    tr: Option<Reader<'a>>,
    tc: Option<Reader<'a>>,
    fr: Option<Reader<'a>>,
    df: Option<Reader<'a>>,
    du: Option<Reader<'a>>,
}

impl<'a> Fields<'a> {
    fn find(mut entry: Reader<'a>) -> Result<Self, SchemaFault> {
        let mut fields = Self::default();
        each_field(&mut entry, |name, value| {
            let slot = match name {
                b"tg" => &mut fields.tg,
                b"co" => &mut fields.co,
                b"is" => &mut fields.is,
                b"ci" => &mut fields.ci,
                b"vp" => &mut fields.vp,
                b"mp" => &mut fields.mp,
                b"ma" => &mut fields.ma,
                b"dn" => &mut fields.dn,
                b"sd" => &mut fields.sd,
                b"dt" => &mut fields.dt,
                b"tt" => &mut fields.tt,
                b"nm" => &mut fields.nm,
                b"sc" => &mut fields.sc,
                b"tr" => &mut fields.tr,
                b"tc" => &mut fields.tc,
                b"fr" => &mut fields.fr,
                b"df" => &mut fields.df,
                b"du" => &mut fields.du,
                _ => return,
            };
            *slot = Some(value);
        })
        .map_err(|WrongShape| SchemaFault::WrongType("entry"))?;
        Ok(fields)
    }
}

impl<'a> Common<'a> {
    fn read(fields: &Fields<'a>) -> Result<Self, SchemaFault> {
        let country = text(fields.co, "co", CODE_LENGTH_MAX)?;
        if !is_country(&country) {
            return Err(SchemaFault::WrongForm("co"));
        }
        Ok(Self {
            disease: text(fields.tg, "tg", CODE_LENGTH_MAX)?,
            country,
            issuer: text(fields.is, "is", TEXT_LENGTH_MAX)?,
            id: text(fields.ci, "ci", TEXT_LENGTH_MAX)?,
        })
    }
}

impl<'a> Vaccination<'a> {
    fn read(entry: Reader<'a>) -> Result<Self, SchemaFault> {
        let fields = Fields::find(entry)?;
        Ok(Self {
            common: Common::read(&fields)?,
            prophylaxis: text(fields.vp, "vp", CODE_LENGTH_MAX)?,
            product: text(fields.mp, "mp", CODE_LENGTH_MAX)?,
            manufacturer: text(fields.ma, "ma", CODE_LENGTH_MAX)?,
            dose: count(fields.dn, "dn")?,
            doses: count(fields.sd, "sd")?,
            date: moment(fields.dt, "dt")?,
        })
    }
}

impl<'a> Test<'a> {
    fn read(entry: Reader<'a>) -> Result<Self, SchemaFault> {
        let fields = Fields::find(entry)?;
        Ok(Self {
            common: Common::read(&fields)?,
            kind: text(fields.tt, "tt", CODE_LENGTH_MAX)?,
            name: optional_text(fields.nm, "nm")?,
            device: optional_text(fields.ma, "ma")?,
            sampled: moment(fields.sc, "sc")?,
            result: text(fields.tr, "tr", CODE_LENGTH_MAX)?,
            centre: optional_text(fields.tc, "tc")?,
        })
    }
}

impl<'a> Recovery<'a> {
    fn read(entry: Reader<'a>) -> Result<Self, SchemaFault> {
        let fields = Fields::find(entry)?;
        Ok(Self {
            common: Common::read(&fields)?,
            first_positive: moment(fields.fr, "fr")?,
            valid_from: moment(fields.df, "df")?,
            valid_until: moment(fields.du, "du")?,
        })
    }
}

/// The one entry of a group.
fn single<'a>(mut group: Reader<'a>) -> Result<Reader<'a>, SchemaFault> {
    let only = |group: &mut Reader<'a>| {
        let mut entries = group.array()?;
        if !group.more(&mut entries)? {
            return Ok(None);
        }
        let entry = group.piece()?;
        Ok(if group.more(&mut entries)? { None } else { Some(entry) })
    };
    only(&mut group).map_err(|WrongShape| SchemaFault::WrongType("entry"))?.ok_or(SchemaFault::NotOneEntry)
}

/// Shows each field of a map with a text key; one that is `null` is as if it were not there.
fn each_field<'a>(map: &mut Reader<'a>, mut see: impl FnMut(&[u8], Reader<'a>)) -> Result<(), WrongShape> {
    let mut entries = map.map()?;
    while map.more(&mut entries)? {
        let name = map.name()?;
        let value = map.piece()?;
        if let Some(name) = name
            && !value.is_nothing()
        {
            see(&name, value);
        }
    }
    Ok(())
}

fn text<'a>(value: Option<Reader<'a>>, field: &'static str, length_max: usize) -> Result<Text<'a>, SchemaFault> {
    let text = value.ok_or(SchemaFault::Missing(field))?.text().map_err(|WrongShape| SchemaFault::WrongType(field))?;
    // Bytes are at least as many as characters, and cheaper to count.
    if text.len() > length_max && text.chars().count() > length_max {
        return Err(SchemaFault::TooLong(field));
    }
    Ok(text)
}

fn optional_text<'a>(value: Option<Reader<'a>>, field: &'static str) -> Result<Option<Text<'a>>, SchemaFault> {
    value.map(|value| text(Some(value), field, TEXT_LENGTH_MAX)).transpose()
}

fn count(value: Option<Reader<'_>>, field: &'static str) -> Result<u32, SchemaFault> {
    let mut value = value.ok_or(SchemaFault::Missing(field))?;
    let number = value.integer().map_err(|WrongShape| SchemaFault::WrongType(field))?;
    u32::try_from(number).ok().filter(|number| *number >= 1).ok_or(SchemaFault::WrongForm(field))
}

fn moment(value: Option<Reader<'_>>, field: &'static str) -> Result<Timestamp, SchemaFault> {
    let text = text(value, field, CODE_LENGTH_MAX)?;
    let moment = Moment::parse(&text).ok_or(SchemaFault::WrongForm(field))?;
    Ok(Timestamp::from_millis(moment.millis))
}
