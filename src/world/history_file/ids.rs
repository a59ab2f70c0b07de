//! Ids for what a file names.

use std::collections::BTreeMap;

use super::BadHistory;
use super::line::JsonLine;
use crate::id::{ClientId, Key, NodeId, ParseIdError};

/// Things called by strings, in order of appearance.
#[derive(PartialEq, Eq, Default)]
pub(super) struct NameTable {
    pub(super) names: Vec<String>,
    index: BTreeMap<String, usize>,
}

impl NameTable {
    fn index(&mut self, name: &str) -> usize {
        if let Some(&index) = self.index.get(name) {
            return index;
        }
        self.names.push(name.to_owned());
        self.index.insert(name.to_owned(), self.names.len() - 1);
        self.names.len() - 1
    }
}

/// How things get their ids.
#[derive(PartialEq, Eq)]
pub(super) enum Ids {
    /// Their names are ids.
    Given,
    /// They get ids in order of appearance.
    Named { keys: NameTable, nodes: NameTable, clients: NameTable },
}

impl Ids {
    /// Takes the order in which line 0 lists things, if it does.
    pub(super) fn in_order_of(meta: &JsonLine<'_>) -> Result<Self, BadHistory> {
        let mut ids = Self::Named {
            keys: NameTable::default(),
            nodes: NameTable::default(),
            clients: NameTable::default(),
        };
        if meta.fields.contains_key("keys") {
            for key in meta.texts("keys")? {
                ids.key(meta, key)?;
            }
        }
        if meta.fields.contains_key("nodes") {
            for node in meta.texts("nodes")? {
                ids.node(meta, node)?;
            }
        }
        let processes =
            meta.optional("sessions", "a list of objects with `process`, an integer", |value| {
                value
                    .as_array()?
                    .iter()
                    .map(|session| session.get("process")?.as_u64())
                    .collect::<Option<Vec<_>>>()
            })?;
        for process in processes.unwrap_or_default() {
            ids.client(meta, process)?;
        }
        Ok(ids)
    }

    pub(super) fn client(&mut self, line: &JsonLine<'_>, process: u64) -> Result<ClientId, BadHistory> {
        let index = match self {
            Self::Given => usize::try_from(process).unwrap_or(usize::MAX).wrapping_sub(1),
            Self::Named { clients, .. } => clients.index(&process.to_string()),
        };
        if index < usize::from(u16::MAX) {
            Ok(ClientId::at(index))
        } else {
            Err(line
                .bad(format!("at most {} processes, by ids from 1", u16::MAX), format!("process {process}")))
        }
    }

    pub(super) fn key(&mut self, line: &JsonLine<'_>, name: &str) -> Result<Key, BadHistory> {
        match self {
            Self::Given => name.parse().map_err(|error: ParseIdError| line.bad_field("key", error.expected)),
            Self::Named { keys, .. } => match keys.index(name) {
                index if index < usize::from(u16::MAX) => Ok(Key::at(index)),
                _ => Err(line.bad(format!("at most {} keys", u16::MAX), "one more")),
            },
        }
    }

    pub(super) fn node(&mut self, line: &JsonLine<'_>, name: &str) -> Result<NodeId, BadHistory> {
        match self {
            Self::Given => name.parse().map_err(|error: ParseIdError| line.bad_field("node", error.expected)),
            Self::Named { nodes, .. } => match nodes.index(name) {
                index if index < usize::from(u8::MAX) => Ok(NodeId::at(index)),
                _ => Err(line.bad(format!("at most {} nodes", u8::MAX), "one more")),
            },
        }
    }
}
