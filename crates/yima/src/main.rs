//! The one binary of Yima.

fn main() {}
