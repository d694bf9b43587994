//! A gate with a card reader and the network: what it sends of a document, and what it does with the answer.

use yima_card::{CardError, CardResult, Evaluation, PublicCardKey, Question};
use yima_credential::Decision;
use yima_model::Document;

/// What a reader is set up with: the public key of the country, pinned like the roots of the trust list.
///
/// A node that answered each reader under a key of its own could tell later which of them had asked; an answer under
/// any other key than this one is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardReader {
    /// The number of the key, which the reader names when it asks.
    pub number: u8,
    /// The key.
    pub key: PublicCardKey,
}

impl CardReader {
    /// Blinds the document on the reader: what to send, and what waits for the evaluation of it.
    ///
    /// `random` fills a slice with bytes that nobody can guess; no two questions are alike.
    ///
    /// # Errors
    /// [`CardError::Input`], for no document that was parsed.
    pub fn ask(&self, document: &Document, random: &dyn Fn(&mut [u8])) -> Result<(Question, [u8; 32]), CardError> {
        Question::ask(document, random)
    }

    /// What to look up, from the node's evaluation; the document is forgotten with it.
    ///
    /// # Errors
    /// [`CardError::Element`], [`CardError::Proof`]; the answer at the gate is then *cannot tell*.
    pub fn finish(&self, question: Question, evaluation: &Evaluation) -> Result<CardResult, CardError> {
        question.finish(evaluation, &self.key)
    }

    /// What the gate does with the node's word; without a word, or with any other, it cannot tell.
    pub fn decide(word: Option<&str>) -> Decision {
        match word {
            Some("pass") => Decision::Pass,
            Some("lane") => Decision::Lane,
            _ => Decision::CannotTell,
        }
    }
}
