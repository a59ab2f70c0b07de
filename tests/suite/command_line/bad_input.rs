//! Bad input: one error, on standard error, that says where and what was expected; exit code 2; nothing printed.

use super::{folder, quorate, quorate_reading};

#[track_caller]
fn refused(arguments: &str, input: &str, says: &str) {
    let ran = quorate_reading(arguments, input);
    assert_eq!(ran.code, 2, "{arguments}: {}{}", ran.out, ran.err);
    assert_eq!(ran.out, "", "{arguments}");
    assert_eq!(ran.err.matches("error:").count(), 1, "{arguments}: {}", ran.err);
    assert!(ran.err.contains(says), "{arguments}: {}", ran.err);
}

#[test]
fn options() {
    for (arguments, says) in [
        ("check --protocol textbok", "'textbook'"),
        ("check --expect fres", "'fresh'"),
        ("check --faults lost,lat", "'late'"),
        ("check -n 3 -r 4", "R must be from 1 to N=3, found 4"),
        ("check -w 0", "W must be from 1 to N=3, found 0"),
        ("check -n 0", "N must be at least 1"),
        ("check --nodes 2", "N=3 replicas need 3 distinct nodes"),
        ("check --nodes 17", "17 is not in 1..=16"),
        ("check --nodes 300", "300 is not in 1..=16"),
        ("check --seed -1", "invalid value '-1'"),
        ("check --faults none,lost", "one of the two beside others"),
        ("check -n 256", "256"),
        ("check --schedules 0", "0"),
        ("check --schedules many", "many"),
        ("check --seconds -1", "-1"),
        ("check --clients 65", "65"),
        ("check --format xml", "xml"),
        ("check --schedule 5", "--schedules"),
        ("chek", "'check'"),
        ("check --save Cargo.toml/at/all", "expected a folder"),
        ("judge tests/histories/consistent-steady.jsonl --expect durable", "a history alone"),
        ("exhaust --by schedules --size 0", "0"),
        ("exhaust --size 3", "--size: only with --by schedules"),
        ("exhaust --by schedules --plain", "--plain: only with --by states"),
        ("exhaust --states 0", "0"),
        ("exhaust --memory 0", "0"),
        ("exhaust --operations 65", "65"),
        ("exhaust --by schedules --ticks 1", "--ticks: only with --by states"),
    ] {
        refused(arguments, "", says);
    }
}

#[test]
fn scenarios() {
    for (text, says) in [
        ("", "standard input:1: expected a header line `protocol …`"),
        (
            "# mine\nprotocol textbok\ncluster N=3 R=2 W=2\n",
            "standard input:2: expected a protocol, perhaps `textbook`, found `textbok`",
        ),
        ("protocol mine\ncluster N=3 R=2 W=2\n", "a protocol of this command line: textbook"),
        ("protocol textbook\ncluster N=3 R=9 W=2\n", "standard input:2"),
        (
            "protocol textbook\ncluster N=3 R=2 W=2\ndemand fres\n",
            "standard input:3: expected a guarantee, perhaps `fresh`",
        ),
        ("protocol textbook\ncluster N=3 R=2 W=2\n\nput c1 k1 va n1\n", "standard input:4: expected `via`"),
        ("protocol textbook\ncluster N=3 R=2 W=2\n\nput c1 k1 via n4\n", "standard input:4"),
        ("{\"protocol\": \"textbook\"", "standard input:1"),
    ] {
        refused("replay -", text, says);
    }
    let oversized = format!("protocol textbook\ncluster N=3 R=2 W=2\n{}", "# more\n".repeat(200_000));
    refused("replay -", &oversized, "at most 1048576 bytes");
}

#[test]
fn files() {
    let folder = folder("files");
    refused(&format!("replay {}", folder.join("none.txt").display()), "", "none.txt: cannot be read");
    refused(&format!("replay {}", folder.display()), "", "cannot be read");
    let history = include_str!("../../histories/consistent-steady.jsonl");
    let cut = folder.join("cut.jsonl");
    std::fs::write(&cut, &history[..history.len() / 2]).unwrap();
    refused(&format!("judge {}", cut.display()), "", "cut.jsonl:");
    refused(&format!("judge {}", folder.join("none.jsonl").display()), "", "none.jsonl: expected");
    let scenario = folder.join("binary.txt");
    std::fs::write(&scenario, [0xff, 0xfe]).unwrap();
    refused(&format!("replay {}", scenario.display()), "", "binary.txt:1: expected UTF-8 text");
}

#[test]
#[cfg(unix)]
fn a_folder_that_cannot_be_written_to_is_known_before_the_search() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("closed");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).unwrap();
    // Whoever may write anywhere is refused nowhere.
    if std::fs::write(folder.join("probe"), "").is_err() {
        let says = "expected a folder to write to";
        refused(&format!("check --protocol as-seeded --save {}", folder.display()), "", says);
    }
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn help_is_no_error() {
    for arguments in ["--help", "check --help", "--version", "exhaust --help"] {
        let ran = quorate(arguments);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments}");
    }
}
