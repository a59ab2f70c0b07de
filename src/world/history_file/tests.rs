//! Files that are histories, and files that are not.

use std::io::{BufReader, Cursor};

use quickcheck::quickcheck;

use super::*;
use crate::id::{ClientId, Key, NodeId, OpId};
use crate::model::{Action, DataType};
use crate::world::history::{
    Completion, Event, History, Invocation, Names, Observation, Reason, Status, Tombstones,
};

const GOOD: &str = r#"{"index":0,"time":0,"process":"meta","type":"info","f":"meta","value":{"format":"kv-history/1","n":3,"r":2,"w":2,"keys":["a","b"]}}
{"index":1,"time":5,"op":7,"process":0,"type":"invoke","f":"put","key":"b","value":"v1","node":"x","ctx":[],"ctx_from":[]}
{"index":2,"time":6,"process":"nemesis","type":"info","f":"partition","value":{"cut":[["x","y"]]},"stage":"begin"}
{"index":3,"time":7,"op":7,"process":0,"type":"ok","f":"put","key":"b","value":"v1","node":"x","token":null}
{"index":4,"time":8,"op":9,"process":5,"type":"invoke","f":"get","key":"b","value":null,"node":"y"}
{"index":5,"time":9,"op":9,"process":5,"type":"ok","f":"get","key":"b","value":["v1"],"node":"y","tombstones":0,"token":"T"}
{"index":6,"time":9,"op":10,"process":5,"type":"invoke","f":"delete","key":"b","value":null,"node":"y","ctx":["T"],"ctx_from":[9]}
{"index":7,"time":10,"op":10,"process":5,"type":"info","f":"delete","key":"b","value":null,"node":"y","error":"timeout"}
"#;

fn read(text: &str) -> Result<History, BadHistory> {
    read_history(Cursor::new(text), "run.jsonl")
}

/// The error of the good file with one line changed.
#[track_caller]
fn error_of(line: usize, from: &str, to: &str) -> String {
    let mut lines: Vec<String> = GOOD.lines().map(str::to_owned).collect();
    assert!(lines[line].contains(from), "{from}");
    lines[line] = lines[line].replace(from, to);
    read(&lines.join("\n")).expect_err(to).to_string()
}

#[test]
fn names_become_ids() {
    let history = read(GOOD).unwrap();
    assert_eq!((history.n, history.r, history.w), (3, 2, 2));
    let Event::Invoke(delete) = &history.events[4] else { panic!("{:?}", history.events[4]) };
    assert_eq!((delete.key, delete.via, delete.client), (Key(2), NodeId(2), ClientId(2)));
    assert_eq!(delete.context.iter().collect::<Vec<_>>(), [OpId(2)]);
    let Event::Complete(read) = &history.events[3] else { panic!("{:?}", history.events[3]) };
    assert_eq!(read.observation.as_ref().unwrap().values[..], [OpId(1)]);
    assert!(read.token);
    let names = &history.names;
    assert_eq!(names.key(Key(2)), "b");
    assert_eq!(names.client(ClientId(2)), "process 5");
    assert_eq!(names.operation(OpId(1)), "op 7");
    assert_eq!((names.write(OpId(1)), names.write(OpId(3))), ("v1".to_owned(), "op 10".to_owned()));
}

#[test]
fn what_is_wrong_is_said_with_file_and_line() {
    for (line, from, to, says) in [
        (
            0,
            "kv-history/1",
            "kv-history/2",
            "1: expected `format`, \"kv-history/1\", found `\"kv-history/2\"`",
        ),
        (0, "\"n\":3", "\"n\":0", "1: expected n, r and w of a store, found N must be at least 1"),
        (0, "\"n\":3", "\"n\":300", "1: expected `n`, a small integer, found `300`"),
        (
            0,
            "\"r\":2",
            "\"r\":4",
            "1: expected n, r and w of a store, found R must be from 1 to N=3, found 4",
        ),
        (0, "\"r\":2,", "", "1: expected `r`, an integer not below 0, found no such field"),
        (0, "meta", "mete", "1: expected the meta line"),
        (0, "\"keys\":[\"a\"", "\"keys\":[1", "1: expected `keys`, a list of strings, found `[1,\"b\"]`"),
        (0, "\"w\":2", "\"w\":2,\"data_type\":\"map\"", "1: expected `data_type`, a data type"),
        (0, "\"w\":2", "\"w\":2,\"sessions\":[0]", "1: expected `sessions`, a list of objects"),
        (1, "\"index\":1", "\"index\":2", "2: expected `index`, the line's number from 0, 1, found `2`"),
        (3, "\"time\":7", "\"time\":4", "4: expected `time`, not before the line above, 6, found `4`"),
        (3, "\"type\":\"ok\"", "\"type\":\"fine\"", "4: expected `type`, one of invoke, ok, fail and info"),
        (2, "\"type\":\"info\"", "\"type\":\"ok\"", "3: expected `type`, info on a line of the nemesis"),
        (1, "\"process\":0", "\"process\":\"p0\"", "2: expected `process`, a number or \"nemesis\""),
        (1, "\"process\":0,", "", "2: expected `process`, a number or \"nemesis\", found no such field"),
        (1, "\"f\":\"put\"", "\"f\":\"cas\"", "2: expected `f`, one of put, get and delete, found `\"cas\"`"),
        (1, "\"key\":\"b\",", "", "2: expected `key`, a string, found no such field"),
        (1, "\"value\":\"v1\"", "\"value\":1", "2: expected `value`, a string, found `1`"),
        (
            1,
            ",\"ctx_from\":[]",
            "",
            "2: expected `ctx_from`, a list of integers not below 0, found no such field",
        ),
        (
            1,
            "\"op\":7",
            "\"op\":8",
            "4: expected an operation that was invoked before, found op 7, which was not",
        ),
        (4, "\"op\":9", "\"op\":7", "5: expected an operation of its own, found op 7, which line 2 invokes"),
        (
            5,
            "\"op\":9",
            "\"op\":7",
            "6: expected the process, f, key and node of op 7 as on line 2, found others",
        ),
        (
            5,
            "\"value\":[\"v1\"]",
            "\"value\":\"v1\"",
            "6: expected `value`, a list of strings, found `\"v1\"`",
        ),
        (5, ",\"tombstones\":0", "", "6: expected `tombstones`, an integer not below 0, found no such field"),
        (5, "\"tombstones\":0", "\"tombstones\":2", "6: expected `tombstones`, 0 or 1, found `2`"),
        (5, "\"token\":\"T\"", "\"token\":3", "6: expected `token`, a string or null, found `3`"),
        (
            6,
            "\"ctx_from\":[9]",
            "\"ctx_from\":[10]",
            "7: expected in `ctx_from` operations that ended ok before, found op 10",
        ),
        (
            6,
            "\"ctx\":[\"T\"]",
            "\"ctx\":[]",
            "7: expected `ctx`, as many tokens as `ctx_from` has: 1, found `[]`",
        ),
        (
            6,
            "\"node\"",
            "\"required\":4,\"node\"",
            "7: expected `required`, an integer from 1 to n=3, found `4`",
        ),
        (6, "\"node\"", "\"level\":\"two\",\"node\"", "7: expected `level`, one of one, quorum, all"),
        (7, "\"op\":10", "\"op\":\"10\"", "8: expected `op`, an integer not below 0, found `\"10\"`"),
        (7, "{", "[{", "8: expected a JSON object, found `[{"),
        (7, "}", "", "8: expected a JSON object, found `{"),
        (7, "\"op\":10", "\"op\":10,\"op\":10", "8: expected a JSON object, found `{"),
    ] {
        let error = error_of(line, from, to);
        assert!(error.starts_with(&format!("run.jsonl:{says}")), "{error}\n    {says}");
    }
}

#[test]
fn wholes_that_are_no_histories() {
    assert_eq!(
        read("").unwrap_err().to_string(),
        "run.jsonl: expected line 0 with the store's n, r and w, found an empty file"
    );
    let cut = GOOD.lines().take(7).collect::<Vec<_>>().join("\n");
    assert_eq!(
        read(&cut).unwrap_err().to_string(),
        "run.jsonl:7: expected the second line of op 10, which line 7 invokes, found the end of the file"
    );
    assert_eq!(
        read(&GOOD.replacen('\n', "\n\n", 1)).unwrap_err().to_string(),
        "run.jsonl:2: expected a JSON object, found an empty line"
    );
    let mut bytes = GOOD.as_bytes().to_vec();
    bytes[GOOD.find("put").unwrap()] = 0xff;
    let error = read_history(Cursor::new(bytes), "run.jsonl").unwrap_err();
    assert!(
        error.to_string().starts_with("run.jsonl:2: expected text in UTF-8, found another byte at column ")
    );
    let missing = read_history_file("there/is/none.jsonl").unwrap_err().to_string();
    assert!(
        missing.starts_with("there/is/none.jsonl: expected a history that can be read, found "),
        "{missing}"
    );
}

#[test]
fn a_line_without_end_is_refused() {
    let endless = BufReader::with_capacity(1 << 20, std::io::repeat(b' '));
    let error = read_history(endless, "run.jsonl").unwrap_err();
    assert_eq!(error.to_string(), "run.jsonl:1: expected at most 64 MiB in a line, found more");
}

#[test]
fn more_operations_than_ids_are_refused() {
    let mut text = GOOD.lines().next().unwrap().to_owned();
    for op in 0..=MAX_OPERATIONS {
        for (i, kind) in [(1, "invoke"), (2, "info")] {
            text.push_str(&format!(
                "\n{{\"index\":{},\"time\":0,\"op\":{op},\"process\":0,\"type\":\"{kind}\",\"f\":\"get\",\"key\":\"a\",\"node\":\"x\"}}",
                2 * op + i
            ));
        }
    }
    let error = read(&text).unwrap_err();
    assert_eq!(
        error.to_string(),
        "run.jsonl:131072: expected at most 65535 operations of a key, found one more"
    );
}

#[test]
fn an_answer_to_an_operation_left_behind_is_info_or_nothing() {
    let lines: Vec<&str> = GOOD.lines().collect();
    let left = |kind: &str| {
        let answer = lines[5].replace("\"index\":5", "\"index\":6").replace("\"ok\"", kind);
        let delete =
            lines[6].replace("\"index\":6", "\"index\":5").replace("[\"T\"]", "[]").replace("[9]", "[]");
        let mut lines = lines.clone();
        let meta = lines[0].replace("\"w\":2", "\"w\":2,\"data_type\":\"register\"");
        (lines[0], lines[5], lines[6]) = (&meta, &delete, &answer);
        read(&lines.join("\n"))
    };
    assert!(left("\"info\"").is_ok());
    assert_eq!(
        left("\"ok\"").unwrap_err().to_string(),
        "run.jsonl:7: expected no answer but info to op 9, which its process left behind on line 6, found ok"
    );
}

#[test]
fn a_value_read_before_it_was_written_is_kept_as_such() {
    let lines: Vec<&str> = GOOD.lines().collect();
    let text = lines.join("\n").replace("\"value\":[\"v1\"]", "\"value\":[\"v2\",\"v1\",\"v3\"]");
    let text = text.replace(
        "\"type\":\"invoke\",\"f\":\"delete\",\"key\":\"b\",\"value\":null",
        "\"type\":\"invoke\",\"f\":\"put\",\"key\":\"b\",\"value\":\"v3\"",
    );
    let history = read(&text.replace("\"f\":\"delete\"", "\"f\":\"put\"")).unwrap();
    let Event::Complete(read) = &history.events[3] else { panic!("{:?}", history.events[3]) };
    let seen = read.observation.as_ref().unwrap();
    assert_eq!((&seen.values[..], &seen.fabricated[..]), (&[OpId(1), OpId(3)][..], &["v2".to_owned()][..]));
}

/// A history as the simulator writes it: ids instead of names, levels, timestamps, tokens of puts.
fn simulated() -> History {
    let invoke = |op, client, action, required, context: &[u16]| {
        let context = context.iter().map(|&op| OpId(op)).collect();
        let (op, client) = (OpId(op), ClientId(client));
        Event::Invoke(Invocation { op, client, action, key: Key(3), via: NodeId(2), required, context })
    };
    let complete = |op, status, observation: Option<Observation>, timestamp| {
        let reason = (status == Status::Refused).then(|| Reason::Said("1 of 2".to_owned()));
        let token = status == Status::Ok && op != 4;
        Event::Complete(Completion { op: OpId(op), status, reason, observation, timestamp, token })
    };
    let seen = Observation {
        values: [OpId(4), OpId(2), OpId(2)].into_iter().collect(),
        tombstones: Tombstones::Some,
        fabricated: vec!["ghost".to_owned()],
        count: Some(-3),
        resolved: Some(OpId(4)),
    };
    History {
        n: 3,
        r: 2,
        w: 2,
        data_type: DataType::LastWriteWins,
        events: vec![
            invoke(4, 2, Action::Put, 3, &[]),
            complete(4, Status::Ok, None, Some(17)),
            invoke(2, 1, Action::Put, 2, &[4]),
            complete(2, Status::Ok, None, None),
            invoke(900, 2, Action::Get, 1, &[]),
            complete(900, Status::Ok, Some(seen), None),
            invoke(7, 1, Action::Delete, 2, &[2, 900]),
            complete(7, Status::Refused, None, None),
            invoke(8, 1, Action::Get, 2, &[]),
            complete(8, Status::Info, None, None),
        ],
        names: Names::default(),
    }
}

fn written(history: &History) -> String {
    let mut out = Vec::new();
    write_history(history, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_simulated_history_comes_back_equal() {
    let history = simulated();
    assert_eq!(read(&written(&history)).unwrap(), history);
    let second = written(&history);
    let line = second.lines().nth(3).unwrap();
    assert_eq!(
        line,
        r#"{"index":3,"time":3,"op":2,"process":1,"type":"invoke","f":"put","key":"k3","value":"o2","node":"n2","ctx":["t4"],"ctx_from":[4]}"#
    );
}

#[test]
fn a_recorded_history_keeps_its_names() {
    let history = read(GOOD).unwrap();
    assert_eq!(read(&written(&history)).unwrap(), history);
}

#[test]
fn an_end_without_a_beginning_is_not_written() {
    let mut history = simulated();
    history.events.remove(0);
    let error = write_history(&history, &mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "o4 ends, and the history does not invoke it");
}

quickcheck! {
    /// Whatever is done to a file, the answer is a history or an error.
    fn no_bytes_make_the_reader_panic(changes: Vec<(usize, u8)>, cut: usize) -> bool {
        let mut bytes = GOOD.as_bytes().to_vec();
        let len = bytes.len();
        changes.iter().take(3).for_each(|&(at, byte)| bytes[at % len] = byte);
        bytes.truncate(len - cut % (len / 2));
        if let Err(error) = read_history(Cursor::new(bytes), "x") {
            assert!(error.to_string().contains(": expected "));
        }
        true
    }
}

/// A put over a put is right in a register of one value, and a fault in one that keeps siblings. Without contexts only
/// the file's author knows which it is.
#[test]
fn a_file_without_contexts_must_say_its_data_type() {
    let put = |index: u32, op: u32, value: &str| {
        format!(
            "{{\"index\":{index},\"time\":{index},\"op\":{op},\"process\":0,\"type\":\"invoke\",\"f\":\"put\",\"key\":\"b\",\"value\":\"{value}\",\"node\":\"x\",\"ctx\":[],\"ctx_from\":[]}}\n\
             {{\"index\":{},\"time\":{},\"op\":{op},\"process\":0,\"type\":\"ok\",\"f\":\"put\",\"key\":\"b\",\"value\":\"{value}\",\"node\":\"x\",\"token\":null}}\n",
            index + 1,
            index + 1
        )
    };
    let meta = GOOD.lines().next().unwrap();
    let text = format!("{meta}\n{}{}", put(1, 1, "v1"), put(3, 2, "v2"));
    let error = read(&text).unwrap_err().to_string();
    assert!(error.contains("run.jsonl:1: expected the store's `data_type`"), "{error}");
    for said in ["register", "last-write-wins"] {
        let text = text.replacen("\"w\":2", &format!("\"w\":2,\"data_type\":\"{said}\""), 1);
        assert!(read(&text).is_ok());
    }
    // One write alone takes nobody's place.
    assert!(read(&format!("{meta}\n{}", put(1, 1, "v1"))).is_ok());
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_history() {
    assert_eq!(read(&format!("\u{feff}{GOOD}")).unwrap(), read(GOOD).unwrap());
    let second = GOOD.replacen("\n{", "\n\u{feff}{", 1);
    assert!(read(&second).is_err());
}
