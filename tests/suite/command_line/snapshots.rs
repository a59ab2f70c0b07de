//! What is printed, as it is printed; times are masked. `UPDATE_EXPECT=1` rewrites it.

use expect_test::{Expect, expect};

use super::quorate;

/// What was run how often and how fast is not part of a golden text.
fn masked(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let continued = line.starts_with("                  ");
        match lines.last_mut() {
            Some(last) if continued && is_masked(last) => {}
            _ => lines.push(line.to_owned()),
        }
    }
    for line in lines.iter_mut().filter(|line| is_masked(line)) {
        line.truncate(18);
        line.push('…');
    }
    lines.join("\n") + "\n"
}

fn is_masked(line: &str) -> bool {
    ["  ran  ", "  found  ", "  smaller ones  "].iter().any(|label| line.starts_with(label))
}

fn snapshot(arguments: &str, expected: &Expect) {
    expected.assert_eq(&masked(&quorate(arguments).out));
}

#[test]
fn a_green_report() {
    snapshot(
        "check --schedules 100",
        &expect![[r#"
            ✓ no violation: textbook at N=3 R=2 W=2, 100 schedules of seed 1

              claimed                   examined    not owed   undecided
              no-fabrication              28,249           0           0
              fresh                       59,286       7,908           0
              read-your-writes            27,002       3,640           0
              monotonic-writes            80,804           0           0
              writes-follow-reads         80,804           0           0
              no-lost                     23,770           0           0
              no-extra                    23,770           0           0
              siblings                    23,770           0           0
              one-dot-one-write            6,374           0           0
              once-only                    6,374           0           0
              clock-order                  6,374           0           0
              causal-order                 3,444           0           0
              durable                      3,387         850           0
              convergence                    140           0           0
              available                    8,107       2,405           0

              not owed
              fresh, 11.8 %: 2,337 by a lost disk, 5,571 by a level below the claim
              read-your-writes, 11.9 %: 1,138 by a lost disk, 2,502 by a level below the claim
              durable, 20.1 %: 850 by a lost disk
              available, 22.9 %: 2,405 by a quorum out of reach

              not claimed
              monotonic-reads: a write still on its way is seen by one read quorum and missed by the next;
                  it takes a write-back before the answer, or R=N
              real-time-order: of two versions neither of which has seen the other, none ranks above: both
                  stay

              schedules with  siblings read in 100.0 %, a cut 82.0 %, a repair 99.0 %, a hand-off 0.0 %, a
                              refusal 11.0 %, an operation without answer 98.0 %
              ran             …
              determinism     2 schedules were run twice and compared after every step

              Nothing broken in these schedules; that is evidence, and no proof. Another seed or more schedules
              look further.
        "#]],
    );
}

#[test]
fn a_stale_read() {
    snapshot(
        "check -n 3 -r 1 -w 1 --expect fresh --schedules 1000",
        &expect![[r#"
            ✗ fresh is broken
              "a read shows every write acknowledged before the read began"

              o2: c1 read k1 at n2 and missed o1, acknowledged before the read began (stale: no replica that
              answered had it); it returned no value
              It was expected here. textbook does not claim it at N=3 R=1 W=1 (R+W<=N: a read quorum need not
              meet the quorum of an earlier write).

                                                                      n1     n2     n3
            •  1  put c1 k1 via n1 (to n2 lost)                     + o1     ·    + o1
                    o1 ok, stored by n1 (needs 1)
                    ↳ without it: o2 is right to show no value
                    ↳ without (to n2 lost): o2 shows o1
            ✗  2  get c1 k1 via n2                                    o1   + o1     o1
                    o2 ok, answered by n2: no value
                    then repairs n2
                  ✗ o1 should be there, and is not
                    ↳ without it: nothing is broken

              versions        o1 @ n1.1
              still holds     no-lost, no-extra, siblings, one-dot-one-write, once-only, clock-order,
                              causal-order, durable, convergence, available
              not claimed     read-your-writes, and broken by this run
              found           …
              smaller ones    …

            To see it again:

            quorate replay - <<'END'
            protocol textbook
            cluster N=3 R=1 W=1
            demand fresh

            put c1 k1 via n1 (to n2 lost)
            get c1 k1 via n2
            END

            As a test:

            #[test]
            fn textbook_keeps_fresh() {
                quorate::replay_builtin("
                    protocol textbook
                    cluster N=3 R=1 W=1
                    demand fresh

                    put c1 k1 via n1 (to n2 lost)
                    get c1 k1 via n2
                ");
            }
        "#]],
    );
}

#[test]
fn one_write_becomes_two_versions() {
    snapshot(
        "check --protocol as-seeded --schedules 100",
        &expect![[r#"
            ✗ fresh is broken
              "a read shows every write acknowledged before the read began"

              o3: c1 read k1 at n1 and missed o1, acknowledged before the read began (hidden: covered by the
              replicas that answered, yet not shown); it returned o2 and o2
              as-seeded claims it at N=3 R=2 W=2, as does textbook, which it changes.

                                                                                           n1     n2     n3
            •  1  put c1 k1 via n1                                                       + o1a  + o1b  + o1c
                    o1 ok, stored by n1 n2 (needs 2)
                    ↳ without it: once-only breaks instead
               2  put c1 k1 via n1 blind                                                 + o2a  + o2b  + o2c
                    o2 ok, stored by n1 n2 (needs 2)                                     - o1a  - o1b  - o1c
                    ↳ without it: once-only breaks instead
                    ↳ if not blind: once-only breaks instead
            ✗  3  get c1 k1 via n1                                                         o2a    o2b    o2c
                    o3 ok, answered by n1 n2: o2 | o2, of which the client takes o2
                  ✗ o1 should be there, and is not
                    ↳ without it: once-only breaks instead

              versions        o1a @ {n1:1}   o1b @ {n2:1}   o1c @ {n3:1}   o2a @ {n1:2}   o2b @ {n2:2}   o2c @
                              {n3:2}
              still holds     no-fabrication, writes-follow-reads, siblings, one-dot-one-write, causal-order,
                              available
              also broken     read-your-writes, no-lost, no-extra, once-only, clock-order
              not claimed     monotonic-writes, durable, convergence, and broken by this run
              met as well     once-only, by: get c1 k1 via n1; put c1 k1 via n1 blind at N=3 R=2 W=2
              found           …
              smaller ones    …

            To see it again:

            quorate replay - <<'END'
            protocol as-seeded
            cluster N=3 R=2 W=2

            put c1 k1 via n1
            put c1 k1 via n1 blind
            get c1 k1 via n1
            END

            As a test:

            #[test]
            fn as_seeded_keeps_fresh() {
                quorate::replay_builtin("
                    protocol as-seeded
                    cluster N=3 R=2 W=2

                    put c1 k1 via n1
                    put c1 k1 via n1 blind
                    get c1 k1 via n1
                ");
            }

              broken as well  read-your-writes in 87, no-lost in 100, no-extra in 98, siblings in 76,
                              one-dot-one-write in 39, once-only in 100, clock-order in 100, available in 72 of
                              100 schedules (--keep-going tells each)
        "#]],
    );
}

#[test]
fn a_blind_write_that_hides_another() {
    snapshot(
        "check --protocol version-vectors --expect no-lost --schedules 1000",
        &expect![[r#"
            ✗ no-lost is broken
              "no value disappears unless a write that had seen it replaced it"

              n1 has taken in {o1 o2} and lacks {o1}
              It was expected here. version-vectors does not claim it at N=3 R=2 W=2 (a node's counter covers
              every earlier one: of two blind writes at one coordinator the second supersedes the first, which
              nobody had seen).

                                                              n1     n2     n3
            •  1  put c1 k1 via n1                          + o1   + o1   + o1
                    o1 ok, stored by n1 n2 (needs 2)
                    ↳ without it: nothing is broken
            ✗  2  put c1 k1 via n1 blind                    + o2   + o2   + o2
                    o2 ok, stored by n1 n2 (needs 2)        - o1   - o1   - o1
                  ✗ n1: o1 should be there, and is not
                    ↳ without it: nothing is broken
                    ↳ if not blind: nothing is broken

              versions        o1 @ {n1:1}   o2 @ {n1:2}
              still holds     no-extra, siblings, one-dot-one-write, once-only, available
              not claimed     clock-order, durable, convergence, and broken by this run
              found           …
              smaller ones    …

            To see it again:

            quorate replay - <<'END'
            protocol version-vectors
            cluster N=3 R=2 W=2
            demand no-lost

            put c1 k1 via n1
            put c1 k1 via n1 blind
            END

            As a test:

            #[test]
            fn version_vectors_keeps_no_lost() {
                quorate::replay_builtin("
                    protocol version-vectors
                    cluster N=3 R=2 W=2
                    demand no-lost

                    put c1 k1 via n1
                    put c1 k1 via n1 blind
                ");
            }
        "#]],
    );
}

#[test]
fn where_two_protocols_part() {
    snapshot(
        "diff --against mutant-never-repairs --schedules 100",
        &expect![[r#"
            ≠ textbook and mutant-never-repairs differ in what clients are told
              at N=3 R=2 W=2

              o3 is told: o1; and with the other: no value

                                                            n1     n2     n3
               1  put c1 k1 via n1 (to n2 lost)           + o1     ·    + o1
                    o1 ok, stored by n1 n3 (needs 2)
            •  2  get c1 k1 via n1
                    with textbook                           o1   + o1     o1
                    o2 ok, answered by n1 n2: o1
                    then repairs n2
                    with mutant-never-repairs               o1     ·      o1
                    o2 ok, answered by n1 n2: o1
            •  3  get c1 k1 via n2 level one
                    with textbook                           o1     o1     o1
                    o3 ok, answered by n2: o1
                    with mutant-never-repairs               o1     ·      o1
                    o3 ok, answered by n2: no value

              textbook keeps every guarantee here, claimed or not
              mutant-never-repairs breaks fresh, read-your-writes, convergence here, claimed or not

              found           …
              smaller ones    …

              on 100 schedules        textbook                        mutant-never-repairs
              monotonic-reads         not claimed, broken in 4.0 %    not claimed, broken in 41.0 %
              convergence             claimed, kept                   claimed, broken in 81.0 %
              kept by both    no-fabrication, fresh, read-your-writes, monotonic-writes, writes-follow-reads,
                              no-lost, no-extra, siblings, one-dot-one-write, once-only, clock-order,
                              causal-order, real-time-order, durable, available
        "#]],
    );
}
