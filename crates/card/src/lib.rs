//! What a card reader and a node compute together from a document, so that the node never sees the document and the
//! reader never has the key: the verifiable oblivious pseudo-random function of RFC 9497, ristretto255-SHA512.
//!
//! The reader blinds the document ([`Question::ask`]), the node evaluates what it is sent ([`CardKey::evaluate`]), the
//! reader checks the proof against the one public key and unblinds ([`Question::finish`]). The result is what the node
//! computes by itself when a document is registered ([`CardKey::result`]). docs/CODE.md is the contract.
#![warn(missing_docs)]

mod random;

use std::fmt;

use thiserror::Error;
use voprf::{BlindedElement, EvaluationElement, Group, Proof, Ristretto255, VoprfClient, VoprfServer};
use yima_model::Document;

use self::random::Handed;

/// Bytes of a blinded document, of its evaluation and of a public key.
pub const ELEMENT_LENGTH: usize = 32;
/// Bytes of a proof.
pub const PROOF_LENGTH: usize = 64;
/// Bytes of a result.
pub const RESULT_LENGTH: usize = 64;

/// What the function gives for a document: the same whoever computes it, and nothing without the key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CardResult(pub [u8; RESULT_LENGTH]);

/// What a node answers to a blinded document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// The blinded document under the key.
    pub element: [u8; ELEMENT_LENGTH],
    /// That it was this key.
    pub proof: [u8; PROOF_LENGTH],
}

/// Why a step was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CardError {
    /// The bytes are not an element of the group, or the neutral one.
    #[error("these bytes are no element; send what the other side made, whole")]
    Element,
    /// The evaluation was not made with the key whose public part the reader holds.
    #[error("the evaluation was made with another key; fetch the public key of the country again")]
    Proof,
    /// There is no key or no document to work with.
    #[error("this cannot be evaluated; make the key anew")]
    Input,
}

/// The secret key of a node, for this use alone; `Debug` hides it.
#[derive(Clone)]
pub struct CardKey(VoprfServer<Ristretto255>);

impl CardKey {
    /// The key that follows from a secret seed and the word that says what it is for.
    ///
    /// # Errors
    /// [`CardError::Input`] for a word of more than 65,000 bytes.
    pub fn derive(seed: &[u8; 32], purpose: &[u8]) -> Result<Self, CardError> {
        VoprfServer::new_from_seed(seed, purpose).map(Self).map_err(|_| CardError::Input)
    }

    /// The public part, by which readers know the key.
    pub fn public(&self) -> PublicCardKey {
        PublicCardKey(self.0.get_public_key())
    }

    /// Evaluates what a reader has blinded; `random` fills a slice with bytes that nobody can guess.
    ///
    /// # Errors
    /// [`CardError::Element`].
    pub fn evaluate(&self, blinded: &[u8], random: &dyn Fn(&mut [u8])) -> Result<Evaluation, CardError> {
        // The library reads an element from the beginning and leaves what follows.
        let blinded: &[u8; ELEMENT_LENGTH] = blinded.try_into().map_err(|_| CardError::Element)?;
        let blinded = BlindedElement::deserialize(blinded).map_err(|_| CardError::Element)?;
        let made = self.0.blind_evaluate(&mut Handed(random), &blinded);
        Ok(Evaluation { element: made.message.serialize().into(), proof: made.proof.serialize().into() })
    }

    /// The result for a document that is at hand.
    ///
    /// # Errors
    /// [`CardError::Input`], for no document that was parsed.
    pub fn result(&self, document: &Document) -> Result<CardResult, CardError> {
        self.result_of(&document.canonical())
    }

    fn result_of(&self, input: &[u8]) -> Result<CardResult, CardError> {
        self.0.evaluate(input).map(|output| CardResult(output.into())).map_err(|_| CardError::Input)
    }
}

/// The public part of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicCardKey(<Ristretto255 as Group>::Elem);

impl PublicCardKey {
    /// Reads the encoded element.
    ///
    /// # Errors
    /// [`CardError::Element`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CardError> {
        Ristretto255::deserialize_elem(bytes).map(Self).map_err(|_| CardError::Element)
    }

    /// The encoded element.
    pub fn bytes(&self) -> [u8; ELEMENT_LENGTH] {
        Ristretto255::serialize_elem(self.0).into()
    }
}

/// A document that a reader has blinded and awaits the evaluation of; it is gone when that is used or dropped.
pub struct Question {
    client: VoprfClient<Ristretto255>,
    input: Vec<u8>,
}

impl Question {
    /// Blinds a document; gives what to send. `random` fills a slice with bytes that nobody can guess.
    ///
    /// # Errors
    /// [`CardError::Input`], for no document that was parsed.
    pub fn ask(document: &Document, random: &dyn Fn(&mut [u8])) -> Result<(Self, [u8; ELEMENT_LENGTH]), CardError> {
        Self::ask_input(document.canonical(), random)
    }

    /// Unblinds the answer, if it was made with this key.
    ///
    /// # Errors
    /// [`CardError::Element`], [`CardError::Proof`].
    pub fn finish(self, answer: &Evaluation, key: &PublicCardKey) -> Result<CardResult, CardError> {
        let element = EvaluationElement::deserialize(&answer.element).map_err(|_| CardError::Element)?;
        let proof = Proof::deserialize(&answer.proof).map_err(|_| CardError::Proof)?;
        let output = self.client.finalize(&self.input, &element, &proof, key.0);
        output.map(|output| CardResult(output.into())).map_err(|_| CardError::Proof)
    }

    fn ask_input(input: Vec<u8>, random: &dyn Fn(&mut [u8])) -> Result<(Self, [u8; ELEMENT_LENGTH]), CardError> {
        let blinded = VoprfClient::blind(&input, &mut Handed(random)).map_err(|_| CardError::Input)?;
        Ok((Self { client: blinded.state, input }, blinded.message.serialize().into()))
    }
}

impl fmt::Debug for CardResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardResult(…)")
    }
}

impl fmt::Debug for CardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardKey(…)")
    }
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Question(…)")
    }
}

#[cfg(test)]
mod tests;
