//! What packs mean: the published rows, the checker's findings, and the laws that engine and oracle keep.

#[cfg(test)]
mod findings;
#[cfg(test)]
mod hubei;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod shaanxi;
#[cfg(test)]
mod support;
