//! Reading a history: from lines to events, with ids for names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::by_key::Parts;
use super::ids::Ids;
use super::line::JsonLine;
use super::{BadHistory, FORMAT, MAX_BYTES, MAX_LINE, MAX_OPERATIONS};
use crate::id::{ClientId, Key, NodeId, OpId};
use crate::model::{Action, Cluster, DataType, Level};
use crate::op_set::OpSet;
use crate::world::history::{
    Completion, Event, Excuse, History, Invocation, Observation, Reason, Status, Tombstones,
};

/// A byte-order mark, which some editors put before the first line.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// Reads a history from a file.
///
/// # Errors
/// The file is not a history (says where, and what was expected there), or is too long for one history.
pub fn read_history_file(path: impl AsRef<Path>) -> Result<History, BadHistory> {
    let path = path.as_ref();
    let name = path.display().to_string();
    alone(read_histories_file(path)?, &name)
}

/// Reads a history; `name` is what errors call it.
///
/// # Errors
/// It is not a history (says where, and what was expected there), or is too long for one history.
pub fn read_history(source: impl BufRead, name: &str) -> Result<History, BadHistory> {
    alone(read_histories(source, name)?, name)
}

fn alone(mut histories: Vec<History>, name: &str) -> Result<History, BadHistory> {
    match (histories.pop(), histories.is_empty()) {
        (Some(history), true) => Ok(history),
        _ => Err(whole(name, &format!("at most {MAX_OPERATIONS} operations"), "more".to_owned())),
    }
}

/// Like [`read_histories`], from a file.
///
/// # Errors
/// Says where the file is not a history, and what was expected there.
pub fn read_histories_file(path: impl AsRef<Path>) -> Result<Vec<History>, BadHistory> {
    let path = path.as_ref();
    let name = path.display().to_string();
    match File::open(path) {
        Ok(file) => read_histories(BufReader::new(file), &name),
        Err(error) => Err(whole(&name, "a history that can be read", error.to_string())),
    }
}

/// Reads a history whole if it has at most [`MAX_OPERATIONS`] operations, and a longer one as one history for each
/// key, in the order in which the keys appear. (No judgement reaches from one key to another.) In a longer one, a
/// value that was written to another key counts as one that nobody wrote.
///
/// # Errors
/// Says where it is not a history, and what was expected there.
pub fn read_histories(source: impl BufRead, name: &str) -> Result<Vec<History>, BadHistory> {
    let mut source = source.take(MAX_BYTES + 1);
    let mut reader: Option<Reader> = None;
    let (mut bytes, mut number) = (Vec::new(), 0);
    loop {
        bytes.clear();
        number += 1;
        let mut line = source.by_ref().take(MAX_LINE + 1);
        match line.read_until(b'\n', &mut bytes) {
            Ok(0) => break,
            Ok(_) if line.limit() == 0 => {
                let expected = format!("at most {} MiB in a line", MAX_LINE >> 20);
                return Err(BadHistory {
                    file: name.to_owned(),
                    line: number,
                    expected,
                    found: "more".to_owned(),
                });
            }
            Ok(_) if source.limit() == 0 => {
                return Err(whole(name, &format!("at most {} MiB", MAX_BYTES >> 20), "more".to_owned()));
            }
            Ok(_) => {}
            Err(error) => return Err(whole(name, "a history that can be read", error.to_string())),
        }
        let text = if number == 1 { bytes.strip_prefix(MARK).unwrap_or(&bytes) } else { &bytes };
        let line = JsonLine::parse(name, number, text)?;
        match &mut reader {
            None => reader = Some(Reader::begin(&line)?),
            Some(reader) => reader.line(&line)?,
        }
    }
    match reader {
        Some(reader) => reader.finish(name, number - 1),
        None => Err(whole(name, "line 0 with the store's n, r and w", "an empty file".to_owned())),
    }
}

fn whole(file: &str, expected: &str, found: String) -> BadHistory {
    BadHistory { file: file.to_owned(), line: 0, expected: expected.to_owned(), found }
}

/// An operation, as far as it was read.
struct KnownOperation {
    /// Its id in the history that it belongs to.
    op: OpId,
    action: Action,
    client: ClientId,
    key: Key,
    via: NodeId,
    line: usize,
    /// How it ended, if it has.
    status: Option<Status>,
    /// The line at which its process went on to the next.
    left_at: Option<usize>,
}

struct Reader {
    parts: Parts,
    ids: Ids,
    /// By the number that the file gives an operation.
    operations: BTreeMap<u64, KnownOperation>,
    /// By client: the number of its operation under way.
    under_way: BTreeMap<ClientId, u64>,
    /// By value: the write that wrote it.
    values: BTreeMap<String, (Key, OpId)>,
    time: u64,
    /// Whether the contexts must show that the store keeps siblings, because the file does not say so.
    needs_context: bool,
}

impl Reader {
    /// Reads line 0.
    fn begin(line: &JsonLine<'_>) -> Result<Self, BadHistory> {
        let meta = match line.fields.get("value") {
            Some(Value::Object(fields)) if line.fields.get("process") == Some(&"meta".into()) => {
                JsonLine { file: line.file, number: line.number, fields: fields.clone() }
            }
            _ => return Err(line.bad("the meta line, with process \"meta\" and its `value`", "another line")),
        };
        if meta.text("format")? != FORMAT {
            return Err(meta.bad_field("format", &format!("\"{FORMAT}\"")));
        }
        let small = |name: &str| {
            u8::try_from(meta.integer(name)?).map_err(|_| meta.bad_field(name, "a small integer"))
        };
        let (n, r, w) = (small("n")?, small("r")?, small("w")?);
        Cluster::new(n, r, w)
            .validate()
            .map_err(|error| meta.bad("n, r and w of a store", error.to_string()))?;
        let said =
            meta.optional("data_type", "a data type such as \"register\" or \"last-write-wins\"", |value| {
                DataType::deserialize(value).ok()
            })?;
        let (data_type, needs_context) = (said.unwrap_or_default(), said.is_none());
        let by_id = meta.optional("names", "\"ids\"", |value| (value == "ids").then_some(()))?.is_some();
        let mut reader = Self {
            parts: Parts::whole(History { n, r, w, data_type, ..History::default() }),
            ids: if by_id { Ids::Given } else { Ids::in_order_of(&meta)? },
            operations: BTreeMap::new(),
            under_way: BTreeMap::new(),
            values: BTreeMap::new(),
            time: 0,
            needs_context,
        };
        reader.check_order(line)?;
        Ok(reader)
    }

    fn line(&mut self, line: &JsonLine<'_>) -> Result<(), BadHistory> {
        self.check_order(line)?;
        let kind = line.text("type")?;
        if !matches!(kind, "invoke" | "ok" | "fail" | "info") {
            return Err(line.bad_field("type", "one of invoke, ok, fail and info"));
        }
        match line.fields.get("process") {
            Some(Value::String(name)) if name == "nemesis" => {
                let fault = line.text("f")?;
                return match kind {
                    "info" => self.fault(line, fault),
                    _ => Err(line.bad_field("type", "info on a line of the nemesis")),
                };
            }
            Some(Value::Number(process)) if process.is_u64() => {}
            _ => return Err(line.bad_field("process", "a number or \"nemesis\"")),
        }
        let action = match line.text("f")? {
            "put" => Action::Put,
            "get" => Action::Get,
            "delete" => Action::Delete,
            _ => return Err(line.bad_field("f", "one of put, get and delete")),
        };
        let client = self.ids.client(line, line.integer("process")?)?;
        let key = self.ids.key(line, line.text("key")?)?;
        let via = self.ids.node(line, line.text("node")?)?;
        let number = line.integer("op")?;
        match kind {
            "invoke" => {
                let op = self.new_operation(line, number, key)?;
                let known = KnownOperation {
                    op,
                    action,
                    client,
                    key,
                    via,
                    line: line.number,
                    status: None,
                    left_at: None,
                };
                self.invoke(line, number, known)
            }
            _ => {
                let known = self.operations.get_mut(&number).ok_or_else(|| {
                    line.bad("an operation that was invoked before", format!("op {number}, which was not"))
                })?;
                if (known.action, known.client, known.key, known.via) != (action, client, key, via) {
                    return Err(line.bad(
                        format!("the process, f, key and node of op {number} as on line {}", known.line),
                        "others",
                    ));
                }
                self.complete(line, number, kind)
            }
        }
    }

    /// Notes a fault if it excuses the store; other faults are not needed.
    fn fault(&mut self, line: &JsonLine<'_>, fault: &str) -> Result<(), BadHistory> {
        let excuse = match fault {
            "disk-lost" => Excuse::DiskLost,
            "skewed" => Excuse::Skewed,
            _ => return Ok(()),
        };
        let node = self.ids.node(line, line.text("node")?)?;
        self.parts.fault(&Event::Fault(excuse(node)));
        Ok(())
    }

    fn check_order(&mut self, line: &JsonLine<'_>) -> Result<(), BadHistory> {
        let expected = line.number as u64 - 1;
        if line.integer("index")? != expected {
            return Err(line.bad_field("index", &format!("the line's number from 0, {expected}")));
        }
        let time = line.integer("time")?;
        if time < self.time {
            return Err(line.bad_field("time", &format!("not before the line above, {}", self.time)));
        }
        self.time = time;
        Ok(())
    }

    fn invoke(&mut self, line: &JsonLine<'_>, number: u64, known: KnownOperation) -> Result<(), BadHistory> {
        let KnownOperation { op, action, client, key, via, .. } = known;
        let mut context = OpSet::new();
        let mut value = None;
        if action.is_write() {
            context = self.context(line, key)?;
        }
        if action == Action::Put {
            let text = line.text("value")?.to_owned();
            if self.values.insert(text.clone(), (key, op)).is_some() {
                return Err(line.bad_field("value", "one that no other put writes"));
            }
            value = Some(text);
        }
        let required = self.required(line, action)?;
        if let Some(before) = self.under_way.insert(client, number)
            && let Some(before) = self.operations.get_mut(&before)
        {
            before.left_at = Some(line.number);
        }
        self.operations.insert(number, known);
        let history = self.parts.of(key);
        if self.ids != Ids::Given {
            history.names.operations.push((number, value));
        }
        history.events.push(Event::Invoke(Invocation { op, client, action, key, via, required, context }));
        Ok(())
    }

    /// Goes by `ctx_from`, never by the text of a token: two reads may receive equal tokens.
    fn context(&self, line: &JsonLine<'_>, key: Key) -> Result<OpSet, BadHistory> {
        let from = line.integers("ctx_from")?;
        let tokens = line.texts("ctx")?;
        if from.len() != tokens.len() {
            return Err(line.bad_field("ctx", &format!("as many tokens as `ctx_from` has: {}", from.len())));
        }
        let mut context = OpSet::new();
        for number in from {
            match self.operations.get(&number) {
                Some(known) if known.status == Some(Status::Ok) => {
                    if self.parts.are_one(known.key, key) {
                        context.insert(known.op);
                    }
                }
                _ => {
                    return Err(
                        line.bad("in `ctx_from` operations that ended ok before", format!("op {number}"))
                    );
                }
            }
        }
        Ok(context)
    }

    fn required(&self, line: &JsonLine<'_>, action: Action) -> Result<u8, BadHistory> {
        let History { n, r, w, .. } = self.parts.store;
        let expected = format!("an integer from 1 to n={n}");
        let answers = line.optional("required", &expected, |value| {
            value
                .as_u64()
                .and_then(|number| u8::try_from(number).ok())
                .filter(|number| (1..=n).contains(number))
        })?;
        let level = line.optional("level", "one of one, quorum, all and default", |value| {
            Level::deserialize(value).ok()
        })?;
        Ok(answers.unwrap_or_else(|| Cluster::new(n, r, w).required(action, level.unwrap_or_default())))
    }

    fn complete(&mut self, line: &JsonLine<'_>, number: u64, kind: &str) -> Result<(), BadHistory> {
        let Some(known) = self.operations.get_mut(&number) else { return Ok(()) };
        let status = match kind {
            "ok" => Status::Ok,
            "fail" => Status::Refused,
            _ => Status::Info,
        };
        if known.status.is_some() {
            return Err(line.bad("one answer to an operation", format!("a second one to op {number}")));
        }
        if let (Some(left), true) = (known.left_at, status != Status::Info) {
            return Err(line.bad(
                format!("no answer but info to op {number}, which its process left behind on line {left}"),
                kind,
            ));
        }
        known.status = Some(status);
        let (op, action, client, key) = (known.op, known.action, known.client, known.key);
        if self.under_way.get(&client) == Some(&number) {
            self.under_way.remove(&client);
        }
        let ok = status == Status::Ok;
        let observation = if ok && action == Action::Get { Some(self.observation(line, key)?) } else { None };
        let reason = match line.fields.get("error") {
            None | Some(Value::Null) => None,
            _ if ok => None,
            Some(Value::String(said)) => Some(Reason::Said(said.clone())),
            Some(other) => Some(Reason::Said(other.to_string())),
        };
        let timestamp = if ok && action.is_write() {
            line.optional("ts", "an integer not below 0", Value::as_u64)?
        } else {
            None
        };
        let token = ok && line.optional("token", "a string or null", Value::as_str)?.is_some();
        let completion = Completion { op, status, reason, observation, timestamp, token };
        self.parts.of(key).events.push(Event::Complete(completion));
        Ok(())
    }

    /// Leaves values that nobody wrote yet for the end of the file.
    fn observation(&self, line: &JsonLine<'_>, key: Key) -> Result<Observation, BadHistory> {
        let mut seen = Observation::nothing();
        for value in line.texts("value")? {
            match self.written(value, key) {
                Some(op) => seen.values.push(op),
                None => seen.fabricated.push(value.to_owned()),
            }
        }
        seen.tombstones = match line.integer("tombstones")? {
            0 => Tombstones::none(),
            1 => Tombstones::Some,
            _ => return Err(line.bad_field("tombstones", "0 or 1")),
        };
        seen.count = line.optional("count", "an integer", Value::as_i64)?;
        seen.resolved = line.optional("resolved", "one of the values", |value| {
            self.written(value.as_str()?, key).filter(|op| seen.values.contains(op))
        })?;
        Ok(seen)
    }

    /// The write that wrote a value, as far as the history of this key knows.
    fn written(&self, value: &str, key: Key) -> Option<OpId> {
        let (of, op) = *self.values.get(value)?;
        self.parts.are_one(of, key).then_some(op)
    }

    /// Whether some key is written more than once, and no write carries a context.
    fn overwrites_without_context(&self) -> bool {
        let mut keys = BTreeSet::new();
        let writes = self.parts.events().filter_map(|event| match event {
            Event::Invoke(of) if of.action.is_write() => Some(of),
            _ => None,
        });
        let (mut again, mut carried) = (false, false);
        for write in writes {
            again |= !keys.insert(write.key);
            carried |= !write.context.is_empty();
        }
        again && !carried
    }

    fn finish(self, name: &str, lines: usize) -> Result<Vec<History>, BadHistory> {
        let unanswered = self.operations.iter().find(|(_, known)| known.status.is_none());
        if let Some((number, known)) = unanswered {
            return Err(BadHistory {
                file: name.to_owned(),
                line: lines,
                expected: format!("the second line of op {number}, which line {} invokes", known.line),
                found: "the end of the file".to_owned(),
            });
        }
        if self.needs_context && self.overwrites_without_context() {
            return Err(BadHistory {
                file: name.to_owned(),
                line: 1,
                expected: "the store's `data_type`, since no write carries a context and nothing else tells whether a \
                           second value takes the place of a first: \"register\" if it stands beside it, \
                           \"last-write-wins\" if it does"
                    .to_owned(),
                found: "none".to_owned(),
            });
        }
        let Self { mut parts, values, ids, .. } = self;
        for (key, history) in parts.each() {
            for event in &mut history.events {
                let Event::Complete(Completion { observation: Some(seen), .. }) = event else { continue };
                let written = |value: &String| match values.get(value) {
                    // The write came after the read: the judge says so.
                    Some((of, op)) if key.is_none_or(|key| key == *of) => Some(*op),
                    _ => None,
                };
                seen.values.extend(seen.fabricated.iter().filter_map(written));
                seen.fabricated.retain(|value| written(value).is_none());
            }
        }
        Ok(parts.finish(ids))
    }

    fn new_operation(&mut self, line: &JsonLine<'_>, number: u64, key: Key) -> Result<OpId, BadHistory> {
        if let Some(known) = self.operations.get(&number) {
            return Err(line
                .bad("an operation of its own", format!("op {number}, which line {} invokes", known.line)));
        }
        if self.ids == Ids::Given {
            return u16::try_from(number)
                .ok()
                .filter(|&number| number > 0)
                .map(OpId)
                .ok_or_else(|| line.bad_field("op", &format!("an integer from 1 to {MAX_OPERATIONS}")));
        }
        if self.parts.are_full(key) {
            self.split();
        }
        if self.parts.are_full(key) {
            let expected = format!("at most {MAX_OPERATIONS} operations of a key");
            return Err(line.bad(expected, "one more"));
        }
        Ok(self.parts.next(key))
    }

    /// From here on keeps a history for each key.
    fn split(&mut self) {
        let local = self.parts.split();
        let known = self.operations.values_mut().map(|known| (known.key, &mut known.op));
        let written = self.values.values_mut().map(|(key, op)| (*key, op));
        for (_, op) in known.chain(written) {
            *op = local[op.index()];
        }
    }
}
