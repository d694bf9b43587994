//! The TOML form of a pack, as it stands in the file, with the place of every value.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

type Texts = Spanned<BTreeMap<String, String>>;

/// A pack as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackFile {
    pub(crate) id: Spanned<String>,
    pub(crate) title: Texts,
    pub(crate) authority: Texts,
    pub(crate) instrument: Texts,
    pub(crate) call: Texts,
    #[serde(default)]
    pub(crate) areas: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) ceiling: Option<Spanned<String>>,
    pub(crate) zone: Spanned<String>,
    pub(crate) first_day: FirstDayFile,
    pub(crate) counts_from: CountsFromFile,
    pub(crate) while_disputed: WhileDisputedFile,
    pub(crate) published: Spanned<String>,
    pub(crate) from: Spanned<String>,
    pub(crate) until: Spanned<String>,
    pub(crate) base: Spanned<String>,
    #[serde(default)]
    pub(crate) audit_days: Option<Spanned<u16>>,
    #[serde(default)]
    pub(crate) follows: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) transition: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) dropped: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    pub(crate) because: Option<Texts>,
    #[serde(default)]
    pub(crate) emergency: Option<Texts>,
    #[serde(default)]
    pub(crate) venue_visits: Option<VenueVisitsFile>,
    #[serde(default)]
    pub(crate) define: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    pub(crate) list: Vec<ListFile>,
    #[serde(default)]
    pub(crate) setting: Vec<SettingFile>,
    #[serde(default)]
    pub(crate) rule: Vec<RuleFile>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FirstDayFile {
    Counts,
    DoesNotCount,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CountsFromFile {
    Occurrence,
    Report,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WhileDisputedFile {
    Holds,
    Inert,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VenueVisitsFile {
    pub(crate) from: Spanned<String>,
    pub(crate) until: Spanned<String>,
    pub(crate) days: Spanned<u16>,
    pub(crate) source: Spanned<String>,
    pub(crate) reason: Texts,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListFile {
    pub(crate) id: Spanned<String>,
    pub(crate) title: Texts,
    pub(crate) from: Spanned<String>,
    pub(crate) areas: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) except: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) evidence: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) source: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) kept: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingFile {
    pub(crate) id: Spanned<String>,
    pub(crate) value: bool,
    pub(crate) title: Texts,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleFile {
    pub(crate) id: Spanned<String>,
    pub(crate) colour: Spanned<String>,
    pub(crate) class: Spanned<String>,
    pub(crate) cause: Option<Spanned<String>>,
    pub(crate) when: Spanned<String>,
    #[serde(default)]
    pub(crate) replaces: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) transition: Option<Spanned<String>>,
    pub(crate) source: Spanned<String>,
    pub(crate) reason: Texts,
    pub(crate) guide: Texts,
    pub(crate) clears: Texts,
}
