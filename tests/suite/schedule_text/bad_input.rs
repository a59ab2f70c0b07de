//! What is not a schedule or a scenario, and what is said of it, word by word.

use expect_test::{Expect, expect};
use quorate::world::scenario::Scenario;
use quorate::world::schedule::{Exception, MessageName, Schedule, Step};
use quorate::world::schedule_text::MAX_LINE;

/// Each input, its lines joined by `/`, and under it what is said.
fn check<T: std::fmt::Debug, E: std::fmt::Display>(
    inputs: &[&str],
    read: impl Fn(&str) -> Result<T, E>,
    says: &Expect,
) {
    let mut said = String::new();
    for input in inputs {
        let error = read(&input.replace(" / ", "\n")).map(|value| panic!("{input} was read as {value:?}"));
        said += &format!("{input}\n    {}\n", error.unwrap_err());
    }
    says.assert_eq(&said);
}

#[test]
fn wrong_words_in_a_step() {
    let inputs = [
        "restrat n1",
        "PUT c1 k1 via n1",
        "frobnicate",
        "join n4",
        "put",
        "put k1 c1 via n1",
        "put c65 k1 via n1",
        "put c1 k1 on n1",
        "put c1 k1 via n17",
        "put c1 k1 via n1 blnd",
        "put c1 k1 via n1 blind blind",
        "put c1 k1 via n1 blind level one (reply lost) as o1 again",
        "put c1 k1 via n1 level some",
        "put c1 k1 via n1 ()",
        "put c1 k1 via n1 (to n2)",
        "put c1 k1 via n1 (lost to n2)",
        "put c1 k1 via n1 (to n2 lost from n1 late)",
        "put c1 k1 via n1 (to n2 lost",
        "put c1 k1 via n1 (repair n2 lost)",
        "put c1 k1 via n1 (reply n2 lost)",
        "put c1 k1 via n1 (to n2 again 0 lost)",
        "put c1 k1 via n1 (to n2 again 256 lost)",
        "put c1 k1 via n1 (to n2 lost, reply late, to n2 late)",
        "put c1 k1 via n1 as o0",
        "put c1 k1 via n1 as o10000",
        "arrive to n2",
        "timeout",
        "cut n1",
        "cut n1 n2 n3 m4",
        "cut | n2",
        "cut n1 | ",
        "cut n1 n1 | n2",
        "cut n1 | n2 | n3",
        "heal n1",
        "suspect n2",
        "skew n2 fast",
        "skew n2 +2147483648",
        "tick",
        "tick -1",
        "tick +1",
        "tick 4294967296",
        "tick 10ms",
        "wake n1 n2",
    ];
    check(
        &inputs,
        str::parse::<Step>,
        &expect![[r#"
        restrat n1
            line 1: expected a step, perhaps `restart`, found `restrat`
        PUT c1 k1 via n1
            line 1: expected a step, perhaps `put`, found `PUT`
        frobnicate
            line 1: expected a step, such as `put`, `get`, `arrive`, `cut` or `crash`, found `frobnicate`
        join n4
            line 1: expected a step, such as `put`, `get`, `arrive`, `cut` or `crash`, found `join`
        put
            line 1: expected a client such as c1 (at most c64), found the end of the line
        put k1 c1 via n1
            line 1: expected a client such as c1 (at most c64), found `k1`
        put c65 k1 via n1
            line 1: expected a client such as c1 (at most c64), found `c65`
        put c1 k1 on n1
            line 1: expected `via`, found `on`
        put c1 k1 via n17
            line 1: expected a node such as n1 (at most n16), found `n17`
        put c1 k1 via n1 blnd
            line 1: expected `blind`, `level`, messages in brackets, `as` and a label or the end of the line, found `blnd`
        put c1 k1 via n1 blind blind
            line 1: expected `level`, messages in brackets, `as` and a label or the end of the line, found `blind`
        put c1 k1 via n1 blind level one (reply lost) as o1 again
            line 1: expected the end of the line, found `again`
        put c1 k1 via n1 level some
            line 1: expected a level: `one`, `quorum` or `all`, found `some`
        put c1 k1 via n1 ()
            line 1: expected a message, such as `reply`, `to n2`, `from n2` or `repair to n2`, found `)`
        put c1 k1 via n1 (to n2)
            line 1: expected `lost`, `late`, `doubled` or `twice`, found `)`
        put c1 k1 via n1 (lost to n2)
            line 1: expected a message, such as `reply`, `to n2`, `from n2` or `repair to n2`, found `lost`
        put c1 k1 via n1 (to n2 lost from n1 late)
            line 1: expected `,` or `)`, found `from`
        put c1 k1 via n1 (to n2 lost
            line 1: expected `,` or `)`, found the end of the line
        put c1 k1 via n1 (repair n2 lost)
            line 1: expected `to` or `from`, found `n2`
        put c1 k1 via n1 (reply n2 lost)
            line 1: expected `lost`, `late`, `doubled` or `twice`, found `n2`
        put c1 k1 via n1 (to n2 again 0 lost)
            line 1: expected a number from 1 to 255, found `0`
        put c1 k1 via n1 (to n2 again 256 lost)
            line 1: expected a number from 1 to 255, found `256`
        put c1 k1 via n1 (to n2 lost, reply late, to n2 late)
            line 1: expected each message once, found `to n2` twice
        put c1 k1 via n1 as o0
            line 1: expected an operation such as o1 (at most o9999), found `o0`
        put c1 k1 via n1 as o10000
            line 1: expected an operation such as o1 (at most o9999), found `o10000`
        arrive to n2
            line 1: expected an operation such as o1 (at most o9999), found `to`
        timeout
            line 1: expected an operation such as o1 (at most o9999), found the end of the line
        cut n1
            line 1: expected another node, `|` or `>`, found the end of the line
        cut n1 n2 n3 m4
            line 1: expected another node, `|` or `>`, found `m4`
        cut | n2
            line 1: expected a node such as n1 (at most n16), found `|`
        cut n1 | 
            line 1: expected a node such as n1 (at most n16), found the end of the line
        cut n1 n1 | n2
            line 1: expected each node once, found `n1` twice
        cut n1 | n2 | n3
            line 1: expected the end of the line, found `|`
        heal n1
            line 1: expected the end of the line, found `n1`
        suspect n2
            line 1: expected `at`, found the end of the line
        skew n2 fast
            line 1: expected milliseconds ahead or behind, such as +5 or -5, found `fast`
        skew n2 +2147483648
            line 1: expected milliseconds ahead or behind, such as +5 or -5, found `+2147483648`
        tick
            line 1: expected milliseconds, such as 10, found the end of the line
        tick -1
            line 1: expected milliseconds, such as 10, found `-1`
        tick +1
            line 1: expected milliseconds, such as 10, found `+1`
        tick 4294967296
            line 1: expected milliseconds, such as 10, found `4294967296`
        tick 10ms
            line 1: expected milliseconds, such as 10, found `10ms`
        wake n1 n2
            line 1: expected the end of the line, found `n2`
    "#]],
    );
}

#[test]
fn lines_that_do_not_agree() {
    let inputs = [
        "put c1 k1 via n1 as o3 / tick 1 / put c1 k1 via n1 as o3",
        "put c1 k1 via n1 as o2 / put c1 k1 via n1",
        "put c1 k1 via n1 / put c1 k1 via n1 as o1",
        "# one / put c1 k1 via n1 /  / arrive o2 to n1",
        "timeout o1",
        "put c1 k1 via n1 / heal / crsh n1",
    ];
    check(
        &inputs,
        str::parse::<Schedule>,
        &expect![[r#"
        put c1 k1 via n1 as o3 / tick 1 / put c1 k1 via n1 as o3
            line 3: expected a label not yet taken, found `o3`, which line 1 has
        put c1 k1 via n1 as o2 / put c1 k1 via n1
            line 2: expected a label, as in `as o100`, found none, and the one by its place, `o2`, is taken by line 1
        put c1 k1 via n1 / put c1 k1 via n1 as o1
            line 2: expected a label not yet taken, found `o1`, which line 1 has by its place
        # one / put c1 k1 via n1 /  / arrive o2 to n1
            line 4: expected the label of an operation, found `o2`, which none has
        timeout o1
            line 1: expected the label of an operation, found `o1`, which none has
        put c1 k1 via n1 / heal / crsh n1
            line 3: expected a step, perhaps `crash`, found `crsh`
    "#]],
    );
}

#[test]
fn more_or_less_than_one_thing() {
    check(
        &["", "# nothing", "heal / trust"],
        str::parse::<Step>,
        &expect![[r#"

            line 1: expected a step, such as `put`, `get`, `arrive`, `cut` or `crash`, found the end of the line
        # nothing
            line 1: expected a step, such as `put`, `get`, `arrive`, `cut` or `crash`, found the end of the line
        heal / trust
            line 2: expected one step by itself, found `trust`
    "#]],
    );
    check(
        &["", "to", "to n2 lost"],
        str::parse::<MessageName>,
        &expect![[r#"

            line 1: expected a message, such as `reply`, `to n2`, `from n2` or `repair to n2`, found the end of the line
        to
            line 1: expected a node such as n1 (at most n16), found the end of the line
        to n2 lost
            line 1: expected the end of the line, found `lost`
    "#]],
    );
    check(
        &["to n2", "to n2 lost, from n2 lost"],
        str::parse::<Exception>,
        &expect![[r#"
        to n2
            line 1: expected `lost`, `late`, `doubled` or `twice`, found the end of the line
        to n2 lost, from n2 lost
            line 1: expected the end of the line, found `,`
    "#]],
    );
}

#[test]
fn too_much_of_everything() {
    let error = |text: String| text.parse::<Schedule>().unwrap_err().to_string();
    expect!["line 2: expected at most 16384 bytes in a line, found 16391"]
        .assert_eq(&error(format!("heal\nheal # {}", "x".repeat(MAX_LINE))));
    expect!["line 100001: expected at most 100000 steps, found another"]
        .assert_eq(&error("heal\n".repeat(100_001)));
    expect!["line 10000: expected at most 9999 operations, found another"]
        .assert_eq(&error("get c1 k1 via n1\n".repeat(10_000)));
    expect!["line 1: expected a step, such as `put`, `get`, `arrive`, `cut` or `crash`, found `longlonglonglonglonglonglonglonglonglong…`"].assert_eq(&error(format!("{}\u{1b}[2J", "long".repeat(20))));
}

#[test]
fn headers() {
    let inputs = [
        "",
        "# remark / ",
        "put c1 k1 via n1",
        "protcol textbook",
        "protocol # which",
        "protocol textbook / put c1 k1 via n1",
        "protocol textbook / clutser N=3 R=2 W=2",
        "protocol textbook / cluster 3",
        "protocol textbook / cluster N=3 R=2",
        "protocol textbook / cluster N=3 R=2 W=300",
        "protocol textbook / cluster N=3 R=2 W=2 on 5",
        "protocol textbook / cluster N=3 R=2 W=2 5 nodes",
        "protocol textbook / cluster N=3 R=2 W=4",
        "protocol textbook / cluster N=3 R=2 W=2 on 2 nodes",
        "protocol textbook / cluster N=3 R=2 W=2 / cluster N=3 R=2 W=2",
        "protocol textbook / cluster N=3 R=2 W=2 / demand frehs",
        "protocol textbook / cluster N=3 R=2 W=2 / demand everything",
        "protocol textbook / cluster N=3 R=2 W=2 / demand fresh, no-lost",
        "protocol textbook / cluster N=3 R=2 W=2 / heal / demand fresh",
        "protocol textbook / cluster N=3 R=2 W=2 /  / heal / put c1 k1 via n1 (to n4 lost)",
    ];
    check(
        &inputs,
        str::parse::<Scenario>,
        &expect![[r#"

                line 1: expected a header line `protocol …`, found the end of the text
            # remark / 
                line 1: expected a header line `protocol …`, found the end of the text
            put c1 k1 via n1
                line 1: expected a header line `protocol …`, found `put`
            protcol textbook
                line 1: expected a header line, perhaps `protocol`, found `protcol`
            protocol # which
                line 1: expected a protocol's name, found the end of the line
            protocol textbook / put c1 k1 via n1
                line 2: expected a header line `cluster N=… R=… W=…`, found `put`
            protocol textbook / clutser N=3 R=2 W=2
                line 2: expected a header line, perhaps `cluster`, found `clutser`
            protocol textbook / cluster 3
                line 2: expected `N=` and a number, as in `N=3 R=2 W=2 on 5 nodes`, found `3`
            protocol textbook / cluster N=3 R=2
                line 2: expected `W=` and a number, as in `N=3 R=2 W=2 on 5 nodes`, found the end of the line
            protocol textbook / cluster N=3 R=2 W=300
                line 2: expected `W=` and a number, as in `N=3 R=2 W=2 on 5 nodes`, found `W=300`
            protocol textbook / cluster N=3 R=2 W=2 on 5
                line 2: expected `nodes`, found the end of the line
            protocol textbook / cluster N=3 R=2 W=2 5 nodes
                line 2: expected the end of the line, found `5`
            protocol textbook / cluster N=3 R=2 W=4
                line 2: expected a cluster that can be built, found `N=3 R=2 W=4`: W must be from 1 to N=3, found 4
            protocol textbook / cluster N=3 R=2 W=2 on 2 nodes
                line 2: expected a cluster that can be built, found `N=3 R=2 W=2 on 2 nodes`: N=3 replicas need 3 distinct nodes and there are 2: one node would count as two acknowledgements
            protocol textbook / cluster N=3 R=2 W=2 / cluster N=3 R=2 W=2
                line 3: expected each header line once, found `cluster` again, after line 2
            protocol textbook / cluster N=3 R=2 W=2 / demand frehs
                line 3: expected a guarantee, perhaps `fresh`, found `frehs`
            protocol textbook / cluster N=3 R=2 W=2 / demand everything
                line 3: expected a guarantee: no-fabrication, fresh, read-your-writes, monotonic-reads, monotonic-writes, writes-follow-reads, no-lost, no-extra, siblings, one-dot-one-write, once-only, clock-order, causal-order, real-time-order, durable, convergence, available, found `everything`
            protocol textbook / cluster N=3 R=2 W=2 / demand fresh, no-lost
                line 3: expected the end of the line, found `,`
            protocol textbook / cluster N=3 R=2 W=2 / heal / demand fresh
                line 4: expected a step, since header lines come before the first, found `demand`
            protocol textbook / cluster N=3 R=2 W=2 /  / heal / put c1 k1 via n1 (to n4 lost)
                line 5: expected a node of the cluster, at most n3, found `n4`
        "#]],
    );
    let long = format!("cluster N=3 R=2 W=2\nprotocol {}", "x".repeat(101));
    expect!["line 2: expected a protocol's name, of 1 to 100 bytes on one line, without `#`, found `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…`"].assert_eq(&long.parse::<Scenario>().unwrap_err().to_string());
}

/// A scenario in JSON with this schedule.
fn json_of(lines: &str) -> String {
    format!(
        r#"{{"protocol": "textbook", "cluster": {{"nodes": 3, "n": 3, "r": 2, "w": 2}},
"schedule": [{lines}]}}"#
    )
}

#[test]
fn schedules_in_json() {
    let inputs = [
        r#""restrat n1""#,
        r#""put c1 k1 via n1", "restart""#,
        r#""restart n17""#,
        r#""restart n4""#,
        r#""timeout o1""#,
        r#"{"step": "heal"}"#,
        "heal",
        r#""heal\nhel""#,
    ];
    check(
        &inputs,
        |lines| Scenario::from_bytes(json_of(lines).as_bytes()),
        &expect![[r#"
        "restrat n1"
            line 2: expected a step, perhaps `restart`, found `restrat`, at line 1 of the schedule
        "put c1 k1 via n1", "restart"
            line 2: expected a node such as n1 (at most n16), found the end of the line, at line 2 of the schedule
        "restart n17"
            line 2: expected a node such as n1 (at most n16), found `n17`, at line 1 of the schedule
        "restart n4"
            line 1: expected a node of the cluster, at most n3, found `n4`, at step 1
        "timeout o1"
            line 2: expected the label of an operation, found `o1`, which none has, at line 1 of the schedule
        {"step": "heal"}
            line 2: expected a string, found map
        heal
            line 2: expected value, found something else
        "heal\nhel"
            line 2: expected a step, perhaps `heal`, found `hel`, at line 2 of the schedule
    "#]],
    );
}

#[test]
fn scenarios_in_json() {
    let good = json_of("");
    let inputs = [
        "{",
        "{} x",
        r#"{"protocol": "textbook", "cluster": {"nodes": 3, "n": 3, "r": 2}}"#,
        &good.replace("textbook", ""),
        &good.replace("textbook", "a\\nb"),
        &good.replace(r#""w": 2"#, r#""w": 4"#),
        &good.replace(r#""schedule""#, r#""scedule""#),
        &good.replace(r#""schedule""#, r#""demands": ["frehs"], "schedule""#),
    ];
    check(
        &inputs,
        |text| Scenario::from_bytes(text.as_bytes()),
        &expect![[r#"
            {
                line 1: expected a scenario in JSON, found EOF while parsing an object
            {} x
                line 1: expected the field `protocol`, found none
            {"protocol": "textbook", "cluster": {"nodes": 3, "n": 3, "r": 2}}
                line 1: expected the field `w`, found none
            {"protocol": "", "cluster": {"nodes": 3, "n": 3, "r": 2, "w": 2},
            "schedule": []}
                line 1: expected a protocol's name, of 1 to 100 bytes on one line, without `#`, found ``
            {"protocol": "a\nb", "cluster": {"nodes": 3, "n": 3, "r": 2, "w": 2},
            "schedule": []}
                line 1: expected a protocol's name, of 1 to 100 bytes on one line, without `#`, found `a?b`
            {"protocol": "textbook", "cluster": {"nodes": 3, "n": 3, "r": 2, "w": 4},
            "schedule": []}
                line 1: expected a cluster that can be built, found `N=3 R=2 W=4`: W must be from 1 to N=3, found 4
            {"protocol": "textbook", "cluster": {"nodes": 3, "n": 3, "r": 2, "w": 2},
            "scedule": []}
                line 2: expected one of `protocol`, `cluster`, `demands`, `schedule`, found unknown field `scedule`
            {"protocol": "textbook", "cluster": {"nodes": 3, "n": 3, "r": 2, "w": 2},
            "demands": ["frehs"], "schedule": []}
                line 2: expected one of `no-fabrication`, `fresh`, `read-your-writes`, `monotonic-reads`, `monotonic-writes`, `writes-follow-reads`, `no-lost`, `no-extra`, `siblings`, `one-dot-one-write`, `once-only`, `clock-order`, `causal-order`, `real-time-order`, `durable`, `convergence`, `available`, found unknown variant `frehs`
        "#]],
    );
}

#[test]
fn bytes_that_are_no_text() {
    let error = |bytes: &[u8]| Scenario::from_bytes(bytes).unwrap_err().to_string();
    expect!["line 2: expected UTF-8 text, found the byte 0xff"].assert_eq(&error(b"protocol textbook\n\xff"));
    expect!["line 1: expected a header line `protocol …`, found `???`"].assert_eq(&error(b"\0\0\0"));
}
