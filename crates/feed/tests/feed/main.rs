//! The feed against its own archive, its faults as tables, and what holds for every order of arrival.

mod archive;
mod faults;
mod names;
mod properties;
mod support;
