//! What holds of a checkpoint, whatever lists reach it and in whatever order.
#![cfg(test)]

mod example;
mod gate;
mod groups;
mod issuer;
mod sequences;
mod thefts;
