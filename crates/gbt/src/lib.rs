//! The national standard GB/T 38961/38962/38963-2020, as another province's system speaks it.
//!
//! docs/GBT.md is the contract: every data element with its list of codes, the seven interfaces, and what is lost on the
//! way. A colour goes out and never comes in: what another system says of a colour is read and decides nothing here.
#![warn(missing_docs)]

mod answer;
pub mod code;
pub mod conformance;
mod element;
mod fault;
mod interface;
mod moment;
mod read;
mod recognise;
mod request;
mod write;

pub use answer::{
    ApplyAnswer, CorrectAnswer, DeclareAnswer, MakeAnswer, QueryAnswer, Standing, TripAnswer, VerifyAnswer,
};
pub use element::{Element, Form, Intake, Output};
pub use fault::{Fault, Faults, Reason};
pub use interface::{Interface, Need};
pub use moment::Moment;
pub use recognise::Decision;
pub use request::{
    ApplyRequest, CorrectRequest, DeclareRequest, Identity, MakeRequest, QueryRequest, TripRequest, Unkept,
    VerifyRequest,
};
