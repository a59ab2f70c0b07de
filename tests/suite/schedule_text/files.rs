//! Scenarios in files: read with a bound, written without ever overwriting.

use std::fs;
use std::path::{Path, PathBuf};

use quorate::model::Cluster;
use quorate::world::scenario::Scenario;
use quorate::world::scenario_file::{FileFault, MAX_FILE};
use quorate::world::schedule::{Schedule, Step};

/// An empty folder of this test's own.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schedule_text").join(test);
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn scenario(ms: u32) -> Scenario {
    Scenario::new("textbook", Cluster::default(), Schedule::from(vec![Step::Tick { ms }]))
}

#[test]
fn text_and_json_are_told_apart_by_what_they_hold() {
    let folder = folder("told_apart");
    let text = scenario(1).write_new(folder.join("a.txt")).unwrap();
    let json = scenario(1).write_new(folder.join("a.json")).unwrap();
    assert_eq!(fs::read_to_string(&text).unwrap(), "protocol textbook\ncluster N=3 R=2 W=2\n\ntick 1\n");
    assert!(fs::read_to_string(&json).unwrap().starts_with("{\n"));
    let swapped = folder.join("really-json.txt");
    fs::copy(&json, &swapped).unwrap();
    for path in [text, json, swapped] {
        assert_eq!(Scenario::read(path).unwrap(), scenario(1));
    }
}

#[test]
fn no_file_is_overwritten() {
    let folder = folder("no_overwriting");
    let name = folder.join("lost.txt");
    let write = |ms| scenario(ms).write_new(&name).unwrap().file_name().unwrap().to_owned();
    assert_eq!(write(1), "lost.txt");
    assert_eq!(write(1), "lost.txt", "an equal one is there already");
    assert_eq!(write(2), "lost-2.txt");
    fs::write(folder.join("lost-3.txt"), "somebody's notes").unwrap();
    fs::create_dir(folder.join("lost-4.txt")).unwrap();
    assert_eq!(write(3), "lost-5.txt");
    assert_eq!((write(1), write(2), write(3)), ("lost.txt".into(), "lost-2.txt".into(), "lost-5.txt".into()));
    assert_eq!(fs::read_to_string(folder.join("lost-3.txt")).unwrap(), "somebody's notes");
}

#[test]
fn an_equal_file_keeps_its_remarks() {
    let folder = folder("remarks");
    let name = folder.join("a.txt");
    let remark = "# found on a Tuesday\nprotocol textbook\ncluster N=3 R=2 W=2\ntick 1\n";
    fs::write(&name, remark).unwrap();
    assert_eq!(scenario(1).write_new(&name).unwrap(), name);
    assert_eq!(fs::read_to_string(&name).unwrap(), remark);
}

#[test]
fn what_would_not_read_back_is_not_written() {
    let folder = folder("not_written");
    for bad in [
        Scenario::new("two\nlines", Cluster::default(), Schedule::default()),
        Scenario::new("textbook", Cluster::new(3, 4, 4), Schedule::default()),
        Scenario::new(
            "textbook",
            Cluster::default(),
            (0..99_999).map(|_| Step::Tick { ms: 99_999 }).collect(),
        ),
    ] {
        let error = bad.write_new(folder.join("bad.txt")).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData, "{error}");
    }
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
    assert!(scenario(1).write_new("..").is_err());
}

#[test]
fn a_bad_file_is_named_with_its_line() {
    let folder = folder("bad_files");
    let error = |name: &str, bytes: &[u8]| {
        fs::write(folder.join(name), bytes).unwrap();
        let error = Scenario::read(folder.join(name)).unwrap_err().to_string();
        error.replace(&format!("{}{}", folder.display(), std::path::MAIN_SEPARATOR), "")
    };
    let header = "protocol textbook\ncluster N=3 R=2 W=2\n";
    assert_eq!(
        error("a.txt", format!("{header}crash n4\n").as_bytes()),
        "a.txt:3: expected a node of the cluster, at most n3, found `n4`"
    );
    assert_eq!(error("a.json", b"{\n\"protocol\": 3\n}"), "a.json:2: expected a string, found integer `3`");
    assert_eq!(error("a.bin", b"protocol x\n\xfe\xff"), "a.bin:2: expected UTF-8 text, found the byte 0xfe");
    assert_eq!(
        error("long.txt", &vec![b'\n'; MAX_FILE + 1]),
        "long.txt: expected at most 1048576 bytes, found more"
    );
    let missing = Scenario::read(folder.join("missing.txt")).unwrap_err();
    assert!(matches!(missing.reason, FileFault::Unreadable(_)));
    assert!(missing.to_string().contains("missing.txt: cannot be read: "), "{missing}");
}

#[test]
fn what_editors_add_is_not_seen() {
    let text = "\u{feff}protocol textbook\r\ncluster N=3 R=2 W=2\r\n\r\ntick 1\r\n";
    assert_eq!(Scenario::from_bytes(text.as_bytes()), Ok(scenario(1)));
}
