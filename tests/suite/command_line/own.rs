//! The command line over protocols of a user's own, which an example makes.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the example, which stands beside the tests. (`cargo test` has done so, `cargo test --test suite` has not.)
fn build() {
    let built = Command::new(env!("CARGO")).args(["build", "--quiet", "--example", "own_commands"]).status();
    assert!(built.unwrap().success());
}

fn own(arguments: &str) -> (i32, String, String) {
    let tests = std::env::current_exe().unwrap();
    let built: PathBuf = tests.parent().and_then(Path::parent).unwrap().join("examples/own_commands");
    let ran = Command::new(built).args(arguments.split(' ')).env("NO_COLOR", "1").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (ran.status.code().unwrap(), text(ran.stdout), text(ran.stderr))
}

#[test]
fn every_command_knows_protocols_of_ones_own() {
    build();
    let (code, out, _) = own("protocols");
    assert!(code == 0 && out.starts_with("At N=3 R=2 W=2:\n\nOverwrite: changes textbook"), "{out}");
    assert!(out.contains("Backwards: changes last-write-wins") && out.contains("pn-counter"), "{out}");
    let (code, out, err) = own("check --schedules 300");
    assert!(
        code == 1 && out.contains("protocol Overwrite"),
        "the first is checked if none is named: {out}{err}"
    );
    let (code, out, _) = own("check --protocol Backwards --schedules 300");
    assert!(code == 1 && out.contains("real-time-order is broken"), "{out}");
    assert_eq!(own("check --protocol textbook --schedules 50").0, 0);
    let (code, out, err) = own("diff --against textbook --schedules 50");
    assert!(code == 1 && out.contains("Overwrite and textbook differ"), "{out}{err}");
    let (code, out, _) = own("exhaust --operations 3");
    assert!(code == 1 && out.contains("Overwrite"), "{out}");
    let folder = super::folder("own");
    let text =
        "protocol Overwrite\ncluster N=1 R=1 W=1\n\nput c1 k1 via n1\nput c2 k1 via n1\nget c1 k1 via n1\n";
    let file = folder.join("overwritten.txt");
    std::fs::write(&file, text).unwrap();
    let (code, out, err) = own(&format!("replay {}", file.display()));
    assert!(code == 1 && out.contains("fresh is broken"), "{out}{err}");
    assert_eq!(own(&format!("certify {} --budget 100", file.display())).0, 0, "it is minimal");
    let (code, _, err) = own("check --protocol Overwrit");
    assert!(code == 2 && err.contains("Overwrite"), "{err}");
}
