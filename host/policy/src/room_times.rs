//! How long a call was in each room, as its row in the audit log keeps it.
//!
//! Names are the host's own words: nothing that an agent, a plugin or a service says can become one.

use serde::ser::{Serialize, SerializeMap as _, Serializer};

/// Microseconds by room, in the order in which the rooms were entered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoomTimes(Vec<(&'static str, u64)>);

impl RoomTimes {
    /// Whether no room was entered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Room and microseconds.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().copied()
    }
}

impl FromIterator<(&'static str, u64)> for RoomTimes {
    fn from_iter<T: IntoIterator<Item = (&'static str, u64)>>(times: T) -> Self {
        Self(times.into_iter().collect())
    }
}

impl Serialize for RoomTimes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (room, us) in &self.0 {
            map.serialize_entry(room, us)?;
        }
        map.end()
    }
}
