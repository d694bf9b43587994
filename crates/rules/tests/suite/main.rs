//! What packs mean: the published rows, the checker's findings, and the laws that engine and oracle keep.

#[cfg(test)]
mod coexist;
#[cfg(test)]
mod composed;
#[cfg(test)]
mod disputes;
#[cfg(test)]
mod eighth_plan;
#[cfg(test)]
mod findings;
#[cfg(test)]
mod guangdong;
#[cfg(test)]
mod hangzhou;
#[cfg(test)]
mod hubei;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod ninth_plan;
#[cfg(test)]
mod places;
#[cfg(test)]
mod published;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod scaffold;
#[cfg(test)]
mod shaanxi;
#[cfg(test)]
mod shanghai;
#[cfg(test)]
mod support;
#[cfg(test)]
mod ten_measures;
#[cfg(test)]
mod twenty_measures;
#[cfg(test)]
mod versions;
#[cfg(test)]
mod zhejiang;
