//! Codes: claims, COSE, QR, live and paper codes, trust and status lists.
#![warn(missing_docs)]
