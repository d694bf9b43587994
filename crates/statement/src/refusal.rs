//! Why a statement is not accepted: one closed list for all formats, in order of precedence.

use thiserror::Error;
use yima_credential::CborFault;

use crate::dcc::SchemaFault;

/// The first reason, in the order of this list, why a statement is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Refusal {
    /// No text.
    #[error("there is nothing to read")]
    Empty,
    /// No format that is known here begins like this.
    #[error("this is no certificate of a known format")]
    FormatUnknown,
    /// Longer than anything that fits into its QR codes.
    #[error("the text is longer than any certificate")]
    Oversized,
    /// The letters or digits of the text are not those of its encoding.
    #[error("the text is damaged: it is not in the encoding of its format")]
    EncodingInvalid,
    /// A card in several QR codes lacks one, or has one twice, or mixes two cards.
    #[error("the parts of the card do not fit together; scan each of its QR codes once")]
    PartsInvalid,
    /// The compressed stream is broken, unfinished or continued.
    #[error("the compressed data are damaged")]
    CompressionInvalid,
    /// More comes out of the compressed stream than any certificate has.
    #[error("the compressed data are larger than any certificate")]
    TooLarge,
    /// The CBOR is not well formed or out of bounds.
    #[error(transparent)]
    Cbor(CborFault),
    /// The JSON is not well formed or out of bounds.
    #[error("the content is no valid JSON")]
    JsonInvalid,
    /// Not the parts of a signed object.
    #[error("this is no signed object")]
    NotSigned,
    /// No algorithm is named where the signature protects it.
    #[error("no signature algorithm is named")]
    AlgorithmMissing,
    /// An algorithm that the format does not have, or that the key is not for.
    #[error("the signature algorithm is not the one of the format and the key")]
    AlgorithmWrong,
    /// Something is marked as critical that this version does not know.
    #[error("something critical is not understood; update the verifier")]
    CriticalUnknown,
    /// No key is named.
    #[error("no key is named")]
    KeyIdMissing,
    /// The claims about issuer and time are missing or of another type.
    #[error("the claims about issuer and time are not as the format has them")]
    ClaimsInvalid,
    /// The issuer is none whose statements count here.
    #[error("the issuer is not trusted; update the trust list if it should be")]
    IssuerUnknown,
    /// The key is none of the issuer's.
    #[error("the key is not trusted; update the trust list if it should be")]
    KeyUnknown,
    /// So many keys stand under this id that the id names none of them.
    #[error("the trust list has too many keys under this id; correct the list")]
    KeyIdAmbiguous,
    /// The signature does not verify.
    #[error("the signature is not valid")]
    SignatureInvalid,
    /// The certificate that comes with the statement cannot be read, or no trusted authority issued it.
    #[error("the signer's certificate is not issued by a trusted authority")]
    SignerUntrusted,
    /// The key belongs to another issuer than the one that the statement names.
    #[error("the key belongs to another issuer")]
    IssuerWrong,
    /// The key may not sign statements of this type.
    #[error("the key may not sign certificates of this type")]
    KeyUsageWrong,
    /// The key was not valid when the statement was issued.
    #[error("the key was not valid when the certificate was issued")]
    KeyNotValidAtIssue,
    /// The cards of one file are of several persons.
    #[error("the cards are of several persons; verify those of each by themselves")]
    PersonsDiffer,
    /// The content does not follow the schema of the format.
    #[error(transparent)]
    SchemaInvalid(SchemaFault),
    /// Issued, or valid from, later than now.
    #[error("the certificate is not valid yet")]
    NotYetValid,
    /// Past its last second.
    #[error("the certificate has expired")]
    Expired,
    /// Its issuer has revoked it.
    #[error("the certificate is revoked")]
    Revoked,
    /// Whether it is revoked cannot be told: the list that is held is faulty, or not the version that its key announces.
    #[error("it cannot be told whether the certificate is revoked; update the revocation lists")]
    RevocationUnknown,
    /// Its key announces a list of revoked cards that is not held, and such lists are demanded.
    #[error("the list of revoked cards that the key announces is not held; fetch it")]
    RevocationListMissing,
    /// Its format is understood, its kind of signature is not.
    #[error("this kind of signature cannot be verified here")]
    NotVerifiable,
}

impl From<CborFault> for Refusal {
    fn from(fault: CborFault) -> Self {
        Self::Cbor(fault)
    }
}

impl Refusal {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::FormatUnknown => "format_unknown",
            Self::Oversized => "oversized",
            Self::EncodingInvalid => "encoding_invalid",
            Self::PartsInvalid => "parts_invalid",
            Self::CompressionInvalid => "compression_invalid",
            Self::TooLarge => "too_large",
            Self::Cbor(fault) => fault.code(),
            Self::JsonInvalid => "json_invalid",
            Self::NotSigned => "not_signed",
            Self::AlgorithmMissing => "algorithm_missing",
            Self::AlgorithmWrong => "algorithm_wrong",
            Self::CriticalUnknown => "critical_unknown",
            Self::KeyIdMissing => "key_id_missing",
            Self::ClaimsInvalid => "claims_invalid",
            Self::IssuerUnknown => "issuer_unknown",
            Self::PersonsDiffer => "persons_differ",
            Self::KeyUnknown => "key_unknown",
            Self::KeyIdAmbiguous => "key_id_ambiguous",
            Self::SignatureInvalid => "signature_invalid",
            Self::SignerUntrusted => "signer_untrusted",
            Self::IssuerWrong => "issuer_wrong",
            Self::KeyUsageWrong => "key_usage_wrong",
            Self::KeyNotValidAtIssue => "key_not_valid_at_issue",
            Self::SchemaInvalid(_) => "schema_invalid",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::RevocationUnknown => "revocation_unknown",
            Self::RevocationListMissing => "revocation_list_missing",
            Self::NotVerifiable => "not_verifiable",
        }
    }
}
