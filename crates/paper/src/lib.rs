//! Paper codes as PDF, black on white: A4 to be folded, eight cards on a sheet, a receipt of 58 mm.
//!
//! ```
//! use yima_credential::qr::{Bitmap, Version};
//! use yima_model::{Personal, Timestamp};
//! use yima_paper::{Language, Layout, Sheet, pdf};
//!
//! let sheet = Sheet {
//!     symbol: Bitmap::of("YM1:ABC", Version::PAPER_MAX)?,
//!     name: Personal::new("王小明".to_owned()),
//!     guardian: None,
//!     serial: 83_124,
//!     expires: Timestamp::parse("2021-06-12T08:00:00+08:00")?,
//!     printed: Timestamp::parse("2020-12-14T08:00:00+08:00")?,
//!     call: "12345".to_owned(),
//! };
//! assert!(pdf(&sheet, Layout::Receipt, Language::SimplifiedChinese)?.starts_with(b"%PDF-1.7"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![warn(missing_docs)]

mod canvas;
mod font;
mod layout;
mod lines;
mod words;

use thiserror::Error;
use yima_credential::qr::Bitmap;
use yima_model::fact::Relation;
use yima_model::{Personal, Timestamp};

pub use crate::layout::Layout;
pub use crate::words::Language;

/// What stands on the paper of one person.
#[derive(Debug)]
pub struct Sheet {
    /// The symbol of the paper code.
    pub symbol: Bitmap,
    /// The name, in full.
    pub name: Personal<String>,
    /// Who manages the code, and what that one is to the person.
    pub guardian: Option<(Relation, Personal<String>)>,
    /// The number by which the paper is reported lost.
    pub serial: u32,
    /// The first instant at which it no longer counts.
    pub expires: Timestamp,
    /// When it is printed.
    pub printed: Timestamp,
    /// Whom to call, as one line.
    pub call: String,
}

/// Why there is no PDF: the font within this crate is damaged, which no input can cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the embedded font cannot be read; build the program again")]
pub struct FontDamaged;

/// The paper as PDF of one page, with nothing in it but what is printed.
///
/// A character that the font does not have is an empty square to be filled in by hand, and a line says so.
///
/// # Errors
/// [`FontDamaged`].
pub fn pdf(sheet: &Sheet, layout: Layout, language: Language) -> Result<Vec<u8>, FontDamaged> {
    layout::draw(sheet, layout, language.words())
}
