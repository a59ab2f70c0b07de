//! Writing a history.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::FORMAT;
use crate::id::{ClientId, Key, NodeId, OpId};
use crate::model::Action;
use crate::world::history::{Completion, Event, Excuse, History, Invocation, Reason, Status, Tombstones};

/// One line. The fields stand in the order of reading.
#[derive(Serialize)]
struct JsonEvent {
    index: usize,
    time: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    op: Option<u64>,
    process: Value,
    #[serde(rename = "type")]
    kind: &'static str,
    f: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    value: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

/// Writes a history in the format of this module, one line for each event.
///
/// Reading it back gives an equal history, with these exceptions: the deletes that a read was shown
/// ([`Tombstones::These`]) come back only as some deletes; a [`Reason`] comes back as [`Reason::Said`]; and a value
/// whose put the history lacks comes back as fabricated. The `time` of a line is its number.
///
/// # Errors
/// `out` fails, or (`InvalidData`) an operation ends that was never invoked.
pub fn write_history(history: &History, out: &mut impl Write) -> io::Result<()> {
    let writer = Writer::new(history);
    write_line(out, &writer.meta())?;
    for (i, event) in history.events.iter().enumerate() {
        let line = match event {
            Event::Invoke(invocation) => writer.invocation(i + 1, invocation),
            Event::Complete(completion) => writer.completion(i + 1, completion)?,
            Event::Fault(excuse) => writer.fault(i + 1, *excuse),
        };
        write_line(out, &line)?;
    }
    Ok(())
}

fn write_line(out: &mut impl Write, line: &JsonEvent) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

struct Writer<'a> {
    history: &'a History,
    /// By operation.
    invocations: Vec<Option<&'a Invocation>>,
}

impl<'a> Writer<'a> {
    fn new(history: &'a History) -> Self {
        let mut invocations = Vec::new();
        for event in &history.events {
            if let Event::Invoke(invocation) = event {
                let index = invocation.op.index();
                if invocations.len() <= index {
                    invocations.resize(index + 1, None);
                }
                invocations[index] = Some(invocation);
            }
        }
        Self { history, invocations }
    }

    fn meta(&self) -> JsonEvent {
        let History { n, r, w, data_type, names, .. } = self.history;
        let mut value = json!({
            "format": FORMAT, "store": "quorate", "n": n, "r": r, "w": w, "data_type": data_type,
        });
        if names.operations.is_empty() {
            value["names"] = "ids".into();
        } else {
            value["keys"] = json!(names.keys);
            value["nodes"] = json!(names.nodes);
            value["sessions"] = (0..names.clients.len())
                .map(|i| json!({ "process": self.process(ClientId::at(i)) }))
                .collect();
        }
        JsonEvent {
            index: 0,
            time: 0,
            op: None,
            process: "meta".into(),
            kind: "info",
            f: "meta",
            key: None,
            value,
            node: None,
            rest: serde_json::Map::new(),
        }
    }

    fn line(&self, index: usize, kind: &'static str, of: &Invocation) -> JsonEvent {
        let value = if of.action == Action::Put { self.value(of.op).into() } else { Value::Null };
        JsonEvent {
            index,
            time: index,
            op: Some(self.number(of.op)),
            process: self.process(of.client),
            kind,
            f: of.action.word(),
            key: Some(self.key(of.key)),
            value,
            node: Some(self.node(of.via)),
            rest: serde_json::Map::new(),
        }
    }

    fn invocation(&self, index: usize, invocation: &Invocation) -> JsonEvent {
        let mut line = self.line(index, "invoke", invocation);
        let usual = if invocation.action.is_write() { self.history.w } else { self.history.r };
        if invocation.required != usual {
            line.rest.insert("required".to_owned(), invocation.required.into());
        }
        if invocation.action.is_write() {
            let from = invocation.context.iter();
            line.rest.insert("ctx".to_owned(), from.map(|op| Value::from(self.token(op))).collect());
            let from = invocation.context.iter();
            line.rest.insert("ctx_from".to_owned(), from.map(|op| Value::from(self.number(op))).collect());
        }
        line
    }

    fn fault(&self, index: usize, excuse: Excuse) -> JsonEvent {
        let (f, node) = match excuse {
            Excuse::DiskLost(node) => ("disk-lost", node),
            Excuse::Skewed(node) => ("skewed", node),
        };
        JsonEvent {
            index,
            time: index,
            op: None,
            process: "nemesis".into(),
            kind: "info",
            f,
            key: None,
            value: Value::Null,
            node: Some(self.node(node)),
            rest: serde_json::Map::new(),
        }
    }

    fn completion(&self, index: usize, completion: &Completion) -> io::Result<JsonEvent> {
        let op = completion.op;
        let Some(Some(invocation)) = self.invocations.get(op.index()) else {
            let error = format!("{op} ends, and the history does not invoke it");
            return Err(io::Error::new(io::ErrorKind::InvalidData, error));
        };
        let kind = match completion.status {
            Status::Ok => "ok",
            Status::Refused => "fail",
            Status::Info => "info",
        };
        let mut line = self.line(index, kind, invocation);
        if let Some(reason) = &completion.reason {
            line.rest.insert("error".to_owned(), said(reason).into());
        }
        if completion.status != Status::Ok {
            return Ok(line);
        }
        if let Some(timestamp) = completion.timestamp {
            line.rest.insert("ts".to_owned(), timestamp.into());
        }
        let token = completion.token.then(|| self.token(op));
        line.rest.insert("token".to_owned(), token.into());
        if invocation.action == Action::Get {
            let nothing = crate::world::history::Observation::nothing();
            let seen = completion.observation.as_ref().unwrap_or(&nothing);
            let values = seen.values.iter().map(|&op| self.value(op));
            line.value = values.chain(seen.fabricated.iter().cloned()).map(Value::from).collect();
            let some = seen.tombstones != Tombstones::none();
            line.rest.insert("tombstones".to_owned(), u8::from(some).into());
            if let Some(count) = seen.count {
                line.rest.insert("count".to_owned(), count.into());
            }
            // A client that takes a delete takes no value.
            if let Some(resolved) = seen.resolved.filter(|resolved| seen.values.contains(resolved)) {
                line.rest.insert("resolved".to_owned(), self.value(resolved).into());
            }
        }
        Ok(line)
    }

    fn number(&self, op: OpId) -> u64 {
        self.history.names.operations.get(op.index()).map_or(u64::from(op.0), |(number, _)| *number)
    }

    fn value(&self, op: OpId) -> String {
        self.history.names.write(op)
    }

    fn token(&self, op: OpId) -> String {
        format!("t{}", self.number(op))
    }

    fn process(&self, client: ClientId) -> Value {
        let number = self.history.names.clients.get(client.index()).and_then(|name| name.parse::<u64>().ok());
        number.unwrap_or(u64::from(client.0)).into()
    }

    fn key(&self, key: Key) -> String {
        self.history.names.key(key)
    }

    fn node(&self, node: NodeId) -> String {
        self.history.names.node(node)
    }
}

fn said(reason: &Reason) -> String {
    match reason {
        Reason::TooFewInView { left, required } => {
            format!("the coordinator's view has {left} of {required} replicas needed; nothing was sent")
        }
        Reason::TooFewAnswers { got, required } => format!("{got} of {required} answers needed"),
        Reason::TimedOut => "timed out".to_owned(),
        Reason::Abandoned => "the client went on, or the run ended".to_owned(),
        Reason::Said(said) => said.clone(),
    }
}
