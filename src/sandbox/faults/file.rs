//! Faults that stand in a file.

use std::fs;
use std::str::FromStr;

use super::Fault;

/// The faults of a file: one `ENDPOINT:CALLS:KIND` a line. What follows a `#` is a comment, empty lines are allowed.
///
/// It is made from the file's path; an error names the file, and the line that is wrong.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaultFile(Vec<Fault>);

impl FaultFile {
    /// The faults, in their order.
    pub(crate) fn faults(&self) -> &[Fault] {
        &self.0
    }
}

impl FromStr for FaultFile {
    type Err = String;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        let text = fs::read_to_string(path).map_err(|error| format!("cannot read {path}: {error}"))?;
        let lines = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim());
        let faults = (1..).zip(lines).filter(|(_, fault)| !fault.is_empty());
        let parsed = faults.map(|(number, fault)| {
            let fault = fault.parse::<Fault>();
            fault.map_err(|reason| format!("{path}:{number}: {reason}"))
        });
        parsed.collect::<Result<_, _>>().map(Self)
    }
}
