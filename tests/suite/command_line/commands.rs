//! Each command: its exit codes, and the lines that matter.

use super::{folder, quorate, quorate_reading};

const STALE: &str = "protocol textbook\ncluster N=3 R=1 W=1\ndemand fresh\n\n\
                     put c1 k1 via n1 (to n2 lost)\nget c1 k1 via n2\n";

#[test]
fn what_is_claimed_holds_and_what_is_not_is_said() {
    let ran = quorate("check -n 3 -r 1 -w 1 --schedules 300");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("fresh, read-your-writes: R+W<=N"), "{}", ran.out);
}

#[test]
fn an_expected_guarantee_is_refuted_by_two_operations() {
    let ran = quorate("check -n 3 -r 1 -w 1 --expect fresh --schedules 1000");
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("put c1 k1 via n1 (to n2 lost)\nget c1 k1 via n2\nEND"), "{}", ran.out);
}

#[test]
fn too_little_is_inconclusive() {
    let ran = quorate("check --faults none --schedules 1 --clients 1");
    let vacuous = quorate("check --schedules 1000000000 --seconds 1");
    assert_eq!(vacuous.code, 3, "{}", vacuous.out);
    assert!(vacuous.out.contains("the time was over after"), "{}", vacuous.out);
    assert!(matches!(ran.code, 0 | 3));
}

#[test]
fn seconds_alone_are_a_goal_and_not_a_budget() {
    let ran = quorate("check --seconds 1");
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn the_same_seed_says_the_same_on_any_number_of_threads() {
    let said = |threads: u8| {
        let ran = quorate(&format!(
            "check --protocol as-seeded --keep-going --schedules 300 --seed 9 --format json --threads {threads}"
        ));
        assert_eq!(ran.code, 1);
        let mut said: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        said["elapsed"].take();
        said["threads"].take();
        for story in said["counterexamples"].as_array_mut().unwrap() {
            story["found"]["shrink_ms"].take();
        }
        said
    };
    assert_eq!(said(1), said(3));
}

#[test]
fn what_is_not_owed_is_counted_by_reason() {
    let ran = quorate("check --schedules 50 --format json");
    let said: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let line = |name: &str| {
        let lines = said["lines"].as_array().unwrap();
        lines.iter().find(|line| line["guarantee"] == name).unwrap().clone()
    };
    let fresh = line("fresh");
    let by = |reason: &str| fresh["not_owed_by"][reason].as_u64().unwrap();
    assert!(by("lost-disk") > 0 && by("lower-level") > 0, "{fresh}");
    assert_eq!(fresh["not_owed"], by("lost-disk") + by("lower-level"));
    assert_eq!(line("no-lost")["not_owed"], 0);
    assert_eq!(line("no-lost")["not_owed_by"], serde_json::json!({}));
}

#[test]
fn protocols_say_what_they_claim_and_why_not_the_rest() {
    let ran = quorate("protocols -r 1 -w 1");
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("fresh, read-your-writes: R+W<=N"), "{}", ran.out);
    let ran = quorate("protocols --format json");
    let listed: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(listed["protocols"][0]["name"], "textbook");
    assert!(listed["protocols"][0]["not_claimed"]["monotonic-reads"].is_string());
}

#[test]
fn a_scenario_is_replayed_from_a_file_or_from_standard_input() {
    let file = folder("replay").join("stale.txt");
    std::fs::write(&file, STALE).unwrap();
    for ran in [quorate(&format!("replay {}", file.display())), quorate_reading("replay -", STALE)] {
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("✗ fresh is broken"), "{}", ran.out);
    }
    let kept = quorate_reading("replay -", &STALE.replace("R=1", "R=3"));
    assert_eq!(kept.code, 0, "{}{}", kept.out, kept.err);
    assert_eq!(kept.out, "✓ this schedule breaks nothing of fresh, which it demands\n");
}

#[test]
fn a_small_world_is_exhausted() {
    let ran = quorate("exhaust --by schedules --size 3");
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.starts_with("✓ no failure exists in this scope"), "{}", ran.out);
    let ran = quorate("exhaust --by schedules --size 3 -r 1 -w 1 --expect fresh");
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("✗ fresh is broken"), "{}", ran.out);
    let ran = quorate("exhaust --by schedules --size 6 --budget 50");
    assert_eq!(ran.code, 3, "{}", ran.out);
}

#[test]
fn the_states_of_a_small_world_are_exhausted() {
    // Two operations are too few for a session that writes twice and is read.
    let ran = quorate("exhaust --faults none");
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("monotonic-writes is vacuous"), "{}", ran.out);
    let ran = quorate("exhaust -n 2 -r 1 -w 2 --operations 3 --faults none");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(
        ran.out.starts_with("✓ no failure exists in this world, if the protocol looks at no names"),
        "{}",
        ran.out
    );
    let ran = quorate("exhaust -r 1 -w 1 --expect fresh");
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("put c1 k1 via n1 (to n2 lost)\nget c1 k1 via n2\nEND"), "{}", ran.out);
    assert!(ran.out.contains("and none after fewer"), "{}", ran.out);
    for limit in ["--states 50", "--operations 4 --clients 3 --faults all --most-faults 3 --memory 1"] {
        let ran = quorate(&format!("exhaust {limit}"));
        assert_eq!(ran.code, 3, "{limit}: {}{}", ran.out, ran.err);
        assert!(ran.out.starts_with("? no failure up to depth "), "{}", ran.out);
    }
}

#[test]
fn the_states_are_the_same_on_any_number_of_threads() {
    let said = |threads: u8| quorate(&format!("exhaust --format json --threads {threads}")).out;
    assert_eq!(said(1), said(3));
}

#[test]
fn a_recorded_history_is_judged() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/histories/dangerous-minority.jsonl");
    assert_eq!(quorate(&format!("judge {file}")).code, 0, "without an expectation it is only measured");
    let ran = quorate(&format!("judge {file} --expect fresh --format json"));
    assert_eq!(ran.code, 1, "{}", ran.err);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(told["verdict"], "FAIL");
    let steady = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/histories/consistent-steady.jsonl");
    assert_eq!(quorate(&format!("judge {steady} --expect fresh")).code, 0);
}

#[test]
fn a_history_is_read_from_standard_input_too() {
    let text = std::fs::read_to_string("tests/histories/dangerous-minority.jsonl").unwrap();
    let ran = quorate_reading("judge - --expect fresh --format json", &text);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let breach = &told["breaches"][0];
    for field in ["guarantee", "operation", "client", "key", "node", "fault", "sentence"] {
        assert!(breach[field].is_string(), "{field}: {breach}");
    }
    assert!(breach["writes"].is_array() && breach["writes_in_all"].is_u64(), "{breach}");
}

#[test]
fn a_saved_counterexample_replays_and_overwrites_nothing() {
    let folder = folder("save");
    let taken = folder.join("textbook-fresh.txt");
    std::fs::write(&taken, "mine").unwrap();
    let command = format!("check -r 1 -w 1 --expect fresh --schedules 500 --save {}", folder.display());
    for _ in 0..2 {
        assert_eq!(quorate(&command).code, 1);
    }
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "mine");
    let mut names: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["textbook-fresh-2.txt", "textbook-fresh.txt"], "an equal one is there already");
    assert_eq!(quorate(&format!("replay {}", folder.join("textbook-fresh-2.txt").display())).code, 1);
}

#[test]
fn a_counterexample_is_certified_and_what_is_not_minimal_is_refused() {
    let least = STALE.replace("N=3", "N=2");
    let ran = quorate_reading("certify -", &least);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("✓ it is 1-minimal"), "{}", ran.out);
    assert!(ran.out.contains("no failure exists in this scope"), "{}", ran.out);
    assert!(ran.out.lines().all(|line| line.chars().count() <= 100), "{}", ran.out);

    let longer = least.replace("\nget", "\nput c2 k2 via n1\nget");
    let ran = quorate_reading("certify -", &longer);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("✗ it is not 1-minimal: without step 2"), "{}", ran.out);
    let simpler = ran.out.split_once("breaks the same:\n\n").unwrap().1;
    assert_eq!(quorate_reading("certify -", simpler).code, 0, "{simpler}");

    let kept = quorate_reading("certify -", &STALE.replace("R=1", "R=3"));
    assert_eq!(kept.code, 1, "{}", kept.out);
    assert!(kept.out.contains("not a counterexample"), "{}", kept.out);
    assert_eq!(quorate_reading("certify -", "put c1").code, 2);
    assert_eq!(quorate("certify no-such-file").code, 2);
    let endless = format!("{STALE}{}", "get c1 k1 via n1\n".repeat(500));
    let ran = quorate_reading("certify -", &endless);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("expected at most 200 steps, found 502"), "{}", ran.err);
}

#[test]
fn a_budget_of_nothing_is_said_or_refused_and_never_endless() {
    let ran = quorate_reading("certify - --budget 0", &STALE.replace("N=3", "N=2"));
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("no failure up to size 0 in this scope; the budget ended there"), "{}", ran.out);
    for refused in [
        "exhaust --by schedules --budget 0",
        "exhaust --states 0",
        "check --schedules 0",
        "check --seconds 0",
    ] {
        assert_eq!(quorate(refused).code, 2, "{refused}");
    }
}

#[test]
fn a_broken_protocol_that_never_fails_is_no_violation_or_inconclusive() {
    // Its fault needs a lost disk, and there are none.
    let ran = quorate("check --protocol mutant-dot-reused-after-wipe --faults none --schedules 300");
    assert!(matches!(ran.code, 0 | 3), "{}", ran.out);
    assert!(ran.out.contains("evidence, and no proof") || ran.out.contains("? inconclusive"), "{}", ran.out);
    for (by, what) in [("states -n 2 -r 1 -w 2 --operations 3", "world"), ("schedules --size 3", "scope")] {
        let ran =
            quorate(&format!("exhaust --protocol mutant-dot-reused-after-wipe --by {by} --faults none"));
        assert_eq!(ran.code, 0, "{}", ran.out);
        assert!(ran.out.starts_with(&format!("✓ no failure exists in this {what}")), "{}", ran.out);
    }
}

/// A search to the end of a small world says nothing of what the world gives no occasion for.
#[test]
fn what_a_small_world_puts_to_no_test_is_inconclusive() {
    for (by, operations) in [("states", "--operations 1"), ("schedules", "--size 1")] {
        let world = format!("exhaust --by {by} {operations} --faults none -n 2");
        let ran = quorate(&format!("{world} -r 1 -w 1 --expect read-your-writes"));
        assert_eq!(ran.code, 3, "{}", ran.out);
        assert!(ran.out.starts_with("? no failure exists in this "), "{}", ran.out);
        let says = "\n  read-your-writes is vacuous: nothing gives rise to an obligation";
        assert!(ran.out.contains(says), "{}", ran.out);
        let ran = quorate(&format!("{world} --format json"));
        let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(
            (ran.code, &told["verdict"], &told["complete"]),
            (3, &"inconclusive".into(), &true.into())
        );
        assert!(told["untested"].to_string().contains("read-your-writes is vacuous"), "{}", ran.out);
    }
    let ran = quorate("exhaust --operations 0 --faults none");
    assert_eq!(ran.code, 2, "{}", ran.out);
}

#[test]
fn each_kind_of_fault_is_there_by_states() {
    let kinds = "lost,late,doubled,cut,one-way,pause,crash,wipe,suspect,skew,timeout";
    let ran = quorate(&format!("exhaust -n 2 -w 1 --operations 1 --faults {kinds} --ticks 1 --tick 7"));
    assert!(matches!(ran.code, 0 | 3), "{}{}", ran.out, ran.err);
    let said = "lost, doubled, cut, one-way, pause, crash, wipe, suspect, skew, timeout, at most 1 fault; \
                skew of 7 ms; at most 1 tick of 7 ms";
    assert!(ran.out.contains(said), "{}", ran.out);
}

/// To expect what is claimed anyway changes nothing: a read of a lower level is still not owed what quorums give.
#[test]
fn to_expect_what_is_claimed_changes_nothing() {
    let ran = quorate("check --expect fresh --expect read-your-writes --schedules 1000");
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn a_demand_that_nothing_puts_to_the_test_is_inconclusive() {
    let scenario = "protocol textbook\ncluster N=3 R=2 W=2\ndemand fresh\n\ncrash n1\n";
    let ran = quorate_reading("replay -", scenario);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(ran.out.starts_with("? inconclusive: nothing in this schedule puts fresh"), "{}", ran.out);
}

/// Whoever ends a long search gets what it has found, and where to go on.
#[cfg(unix)]
#[test]
fn a_search_that_is_interrupted_says_where_to_go_on() {
    let search = std::process::Command::new(env!("CARGO_BIN_EXE_quorate"))
        .args(["check", "--seconds", "600", "--seed", "7", "--first", "64", "--format", "json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_secs(2));
    let killed =
        std::process::Command::new("kill").args(["-TERM", &search.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = search.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["verdict"], "inconclusive");
    let ran = told["totals"]["schedules"].as_u64().unwrap();
    let says = told["inconclusive"][0].as_str().unwrap();
    assert!(
        ran > 0 && says.ends_with(&format!("--seed 7 --first {} goes on from there", 64 + ran)),
        "{says}"
    );
}

/// What two parts of a search find is what the whole finds.
#[test]
fn a_search_goes_on_where_another_ended() {
    let totals = |arguments: &str| {
        let ran = quorate(&format!("check --format json {arguments}"));
        let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        told["totals"]["events"].as_u64().unwrap()
    };
    let whole = totals("--schedules 300");
    assert_eq!(totals("--schedules 100") + totals("--first 100 --schedules 200"), whole);
}

/// What a file calls things can neither clear the screen nor add a line of its own to a report.
#[test]
fn names_from_a_file_reach_a_terminal_written_out() {
    let evil = "\\u001b[2J\\n\u{202e}all is well";
    let line = |index: u32, rest: &str| format!("{{\"index\":{index},\"time\":{index},{rest}}}\n");
    let of = |op: u32, kind: &str, f: &str, value: &str| {
        format!(
            "\"op\":{op},\"process\":{op},\"type\":\"{kind}\",\"f\":\"{f}\",\"key\":\"{evil}k\",\"node\":\"{evil}n\",\"value\":{value}"
        )
    };
    let put = format!("\"{evil}v\"");
    let text = [
        line(
            0,
            "\"process\":\"meta\",\"type\":\"info\",\"f\":\"meta\",\"value\":{\"format\":\"kv-history/1\",\"n\":3,\"r\":2,\"w\":2}",
        ),
        line(1, &format!("{},\"ctx\":[],\"ctx_from\":[]", of(1, "invoke", "put", &put))),
        line(2, &format!("{},\"token\":\"t\"", of(1, "ok", "put", &put))),
        line(3, &of(2, "invoke", "get", "null")),
        line(4, &format!("{},\"token\":\"u\",\"tombstones\":0", of(2, "ok", "get", "[]"))),
    ];
    for format in ["human", "json"] {
        let ran = quorate_reading(&format!("judge - --expect fresh --format {format}"), &text.concat());
        assert_eq!(ran.code, 1, "{}", ran.err);
        let is_unseen = |c: char| c != '\n' && quorate::escape::is_unseen(c);
        assert!(
            !ran.out.contains(is_unseen) && !ran.out.lines().any(|line| line.starts_with("all")),
            "{}",
            ran.out
        );
        assert!(ran.out.contains("all is well"), "it is told all the same");
    }
}
