//! The text of a new pack to be filled in, and of the renewal of an old one.

use std::ops::Range;

use thiserror::Error;
use toml::Spanned;
use yima_model::id::PackId;
use yima_model::{AreaCode, Colour, Timestamp, Zone};

use crate::file::PackFile;

/// What a new pack begins with.
#[derive(Clone, Debug)]
pub struct Outline {
    /// Its name.
    pub id: PackId,
    /// When it is published.
    pub published: Timestamp,
    /// From when it is in force.
    pub from: Timestamp,
    /// Until when it is in force.
    pub until: Timestamp,
    /// Its zone.
    pub zone: Zone,
}

/// Where a new pack applies.
#[derive(Clone, Debug)]
pub enum Applies {
    /// In these areas.
    In(Vec<AreaCode>),
    /// Everywhere, and packs of places add to it up to this colour.
    Everywhere(Colour),
}

/// Why the text of an old pack cannot be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RenewalError {
    /// It is no pack.
    #[error("it is no pack; run `yima pack check` on it")]
    NotAPack,
    /// Its reason is written as a table of its own.
    #[error("its `because` is a table of its own; write it on one line as `because = {{ … }}`")]
    ReasonIsATable,
}

/// A text in every language of packs, to be filled in.
const TEXTS: &str = "{ zh-CN = \"\", zh-TW = \"\", en = \"\" }";

/// The text of a new pack with every field that is required, and with examples in comments.
///
/// The checker then asks for the texts and for the first rule, and for nothing else.
pub fn blank(outline: &Outline, applies: &Applies) -> String {
    let Outline { id, published, from, until, zone } = outline;
    let (published, from, until) = (zone.format(*published), zone.format(*from), zone.format(*until));
    let applies = match applies {
        Applies::In(areas) => {
            let areas: Vec<_> = areas.iter().map(|area| format!("\"{area}\"")).collect();
            format!("# Where it applies: codes of the division tree.\nareas = [{}]", areas.join(", "))
        }
        Applies::Everywhere(ceiling) => {
            format!(
                "# The worst colour that the pack of a place may add; name the sentence that says so.\nceiling = \"{ceiling}\""
            )
        }
    };
    format!(
        r#"# The notice: its name and date, who issued it, where its text can be read, and how good that source is.
#
# What the notice leaves open, and how it is read here. What the language cannot say.
id = "{id}"
{applies}
zone = "{zone}"
# Is the day of an event day 1 ("counts") or day 0 ("does-not-count")? Name the sentence, or write that this is our reading.
first_day = "counts"
# Do windows of tests begin at sampling ("occurrence") or at the result ("report")?
counts_from = "occurrence"
# Does a contested fact count until it is ruled upon ("holds") or not ("inert")?
while_disputed = "holds"
# Announced first, then in force, for ninety days at most.
published = "{published}"
from = "{from}"
until = "{until}"
# The colour where no ground holds: green, or grey.
base = "green"
# For how many days facts lie sealed for appeals and courts; name the law, or leave it out where none sets a period.
# audit_days = 180
# Only for a renewal: why the rules of the version before are still needed.
# because = {TEXTS}
title = {TEXTS}
authority = {TEXTS}
instrument = {TEXTS}
# Whom to call about a colour.
call = {TEXTS}

# Names for parts that several rules share.
# [define]
# report = "declared or checked_in"

# A dated list for each word on which a duty hangs, such as "key region".
# [[list]]
# id = "key-regions"
# from = "{from}"
# areas = ["2310"]
# evidence = "cases"
# source = "the cases, their days, and who published them"
# title = {TEXTS}

# A rule for each sentence of the notice.
# [[rule]]
# id = "R-1"
# colour = "yellow"
# class = "risk"
# when = "stay(level: medium) until count(test(negative, nucleic-acid), 2, apart: 24h, within: 3d) at most 14d"
# source = "the sentence of the notice, or `our reading` where it leaves this open"
# reason = {TEXTS}
# guide = {TEXTS}
# clears = {TEXTS}
"#
    )
}

/// The text of an old pack with a new name and new dates, and with a reason to be filled in.
///
/// # Errors
/// [`RenewalError`] where the old text cannot be read so far.
pub fn renewal(old: &str, outline: &Outline) -> Result<String, RenewalError> {
    let file: PackFile = toml::from_str(old).map_err(|_| RenewalError::NotAPack)?;
    let quoted = |text: &str| format!("\"{text}\"");
    let instant = |at| quoted(&outline.zone.format(at));
    let mut changes: Vec<(Range<usize>, String)> = vec![
        (file.id.span(), quoted(outline.id.as_str())),
        (file.published.span(), instant(outline.published)),
        (file.from.span(), instant(outline.from)),
        (file.until.span(), instant(outline.until)),
    ];
    match file.because.as_ref().map(Spanned::span) {
        None => changes.push((file.id.span().end..file.id.span().end, format!("\nbecause = {TEXTS}"))),
        Some(because) if old.get(because.clone()).is_some_and(|text| text.starts_with('{')) => {
            changes.push((because, TEXTS.to_owned()));
        }
        Some(_) => return Err(RenewalError::ReasonIsATable),
    }
    // From the end on, so that no place moves before it is changed; what is added after the id comes before the id itself.
    changes.sort_by_key(|(place, _)| std::cmp::Reverse((place.start, place.end)));
    let mut text = old.to_owned();
    for (place, new) in changes {
        text.replace_range(place, &new);
    }
    Ok(text)
}
