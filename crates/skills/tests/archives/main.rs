//! Skills are installed from folders and archives, and nothing of a bad one is left anywhere (SECURITY T72).

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod install;
#[cfg(test)]
mod mutated;
#[cfg(test)]
mod pack;
