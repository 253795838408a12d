//! What the room promises, tested from outside: the rules, the files, the renderings.

#[cfg(test)]
mod comparing;
#[cfg(test)]
mod folder;
#[cfg(test)]
mod golden;
mod guidelines;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod intake;
#[cfg(test)]
mod junit;
#[cfg(test)]
mod manual;
#[cfg(test)]
mod profiles;
#[cfg(test)]
mod rule;
#[cfg(test)]
mod runs;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod scoring;
