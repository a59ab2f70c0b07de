//! Renamings and the normal form, each beside a twin that works on the text and knows nothing of the types.

use std::collections::BTreeMap;

use quickcheck::quickcheck;
use quorate::id::{ClientId, Key, NodeId, OpId};
use quorate::world::schedule::{Schedule, Step};

use crate::schedule_text::any::AnySchedule;

/// Every step with its label, so that a name stands wherever it is meant.
fn in_full(schedule: &Schedule) -> String {
    schedule.steps.iter().map(|step| format!("{step}\n")).collect()
}

/// The twin: gives every word of this letter and a number another number, whatever it stands for.
fn renamed_in_text(text: &str, letter: char, rename: impl Fn(u16) -> u16) -> String {
    let word = |word: &str| {
        let core = word.trim_matches(['(', ')', ',']);
        match core.strip_prefix(letter).and_then(|digits| digits.parse().ok()) {
            Some(number) => word.replace(core, &format!("{letter}{}", rename(number))),
            None => word.to_owned(),
        }
    };
    text.lines().map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ") + "\n").collect()
}

/// A renaming that gives no two the same name.
fn turned(number: u16, by: u8, all: u16) -> u16 {
    (number - 1 + u16::from(by)) % all + 1
}

quickcheck! {
    fn nodes_are_renamed_wherever_they_stand(s: AnySchedule, by: u8) -> bool {
        let twin = renamed_in_text(&in_full(&s.0), 'n', |n| turned(n, by, 16));
        let mut schedule = s.0;
        schedule.rename_nodes(|node| NodeId(turned(node.0.into(), by, 16) as u8));
        twin.parse() == Ok(schedule)
    }

    fn clients_are_renamed_wherever_they_stand(s: AnySchedule, by: u8) -> bool {
        let twin = renamed_in_text(&in_full(&s.0), 'c', |n| turned(n, by, 64));
        let mut schedule = s.0;
        schedule.rename_clients(|client| ClientId(turned(client.0, by, 64)));
        twin.parse() == Ok(schedule)
    }

    fn keys_are_renamed_wherever_they_stand(s: AnySchedule, by: u8) -> bool {
        let twin = renamed_in_text(&in_full(&s.0), 'k', |n| turned(n, by, 64));
        let mut schedule = s.0;
        schedule.rename_keys(|key| Key(turned(key.0, by, 64)));
        twin.parse() == Ok(schedule)
    }

    fn operations_are_renamed_wherever_they_stand(s: AnySchedule, by: u8) -> bool {
        let twin = renamed_in_text(&in_full(&s.0), 'o', |n| turned(n, by, 9_999));
        let mut schedule = s.0;
        schedule.rename_operations(|op| OpId(turned(op.0, by, 9_999)));
        twin.parse() == Ok(schedule)
    }

    fn two_nodes_may_become_one(s: AnySchedule) -> bool {
        let mut schedule = s.0;
        schedule.rename_nodes(|_| NodeId(1));
        schedule.to_string().parse() == Ok(schedule)
    }

    fn the_size_is_that_of_the_words(s: AnySchedule) -> bool {
        let weight = |word: &str| match word {
            "put" | "get" | "delete" | "level" | "lost" | "late" | "doubled" | "twice" | "wipe" | "skew" => 1,
            "cut" | "pause" | "crash" | "suspect" => 2,
            _ => 0,
        };
        let words = in_full(&s.0);
        let words = words.split(|c: char| !c.is_alphanumeric() && c != '-');
        words.map(weight).sum::<usize>() == s.0.size()
    }

    fn the_normal_form_is_normal_and_no_larger(s: AnySchedule) -> bool {
        let normal = s.0.normalised();
        normal.normalised() == normal
            && normal.size() <= s.0.size()
            && normal.to_string().parse() == Ok(normal)
    }

    fn the_normal_form_keeps_the_operations_and_the_order_of_their_labels(s: AnySchedule) -> bool {
        let normal = s.0.normalised();
        let pairs: Vec<_> = s.0.operations().zip(normal.operations()).collect();
        let new: BTreeMap<OpId, OpId> = pairs.iter().map(|(old, new)| (old.op, new.op)).collect();
        pairs.len() == s.0.operations().count()
            && new.values().copied().eq((1..=pairs.len() as u16).map(OpId))
            && pairs.iter().all(|(old, new)| {
                (old.client, old.key, old.action, old.via, old.level, &old.exceptions)
                    == (new.client, new.key, new.action, new.via, new.level, &new.exceptions)
            })
    }

    fn any_part_of_a_schedule_has_a_normal_form_that_reads_back(s: AnySchedule, kept: Vec<bool>) -> bool {
        let kept = kept.into_iter().chain(std::iter::repeat(true));
        let part: Schedule =
            s.0.steps.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(step, _)| step).collect();
        let normal = part.normalised();
        normal.to_string().parse() == Ok(normal)
    }
}

fn normal(text: &str) -> String {
    text.parse::<Schedule>().unwrap().normalised().to_string()
}

#[test]
fn each_kind_of_idle_or_roundabout_step() {
    // What comes before its operation finds no message and nobody who waits.
    assert_eq!(normal("timeout o1\narrive o1 reply\nput c1 k1 via n1"), "put c1 k1 via n1");
    // References follow their operation.
    assert_eq!(
        normal("put c1 k1 via n1 (reply late) as o7\narrive o7 reply"),
        "put c1 k1 via n1 (reply late) as o1\narrive o1 reply"
    );
    // Labels that fall along the schedule go on falling: the order of two operations' names may decide a tie.
    assert_eq!(
        normal("put c1 k1 via n1 as o9\nput c2 k1 via n2 as o4"),
        "put c1 k1 via n1 as o2\nput c2 k1 via n2 as o1"
    );
    assert_eq!(
        normal("cut n2 n3 | n1\ncut n2 > n1\ncut n1 | none\ncut none > n1"),
        "cut n1 | n2 n3\ncut n2 > n1"
    );
    assert_eq!(
        normal("get c1 k1 via n1 blind\nput c1 k1 via n1 blind"),
        "get c1 k1 via n1\nput c1 k1 via n1 blind"
    );
}

#[test]
fn a_step_about_an_operation_that_was_deleted_goes_too() {
    let mut schedule: Schedule =
        "put c1 k1 via n1 (to n2 late)\nget c1 k1 via n1\narrive o1 to n2\ntimeout o1".parse().unwrap();
    schedule.steps.remove(0);
    assert_eq!(schedule.to_string(), "get c1 k1 via n1 as o2\narrive o1 to n2\ntimeout o1");
    assert_eq!(schedule.normalised().to_string(), "get c1 k1 via n1");
}

#[test]
fn a_message_that_cannot_be_goes() {
    let mut schedule: Schedule = "put c1 k1 via n1 (to n2 lost, reply lost)".parse().unwrap();
    if let Step::Operation(operation) = &mut schedule.steps[0] {
        operation.exceptions[0].name.replica = None;
    }
    assert_eq!(schedule.normalised().to_string(), "put c1 k1 via n1 (reply lost)");
}
