//! What is printed reads back as the same value, and what is read prints canonically.

use quickcheck::{Arbitrary, Gen, quickcheck};
use quorate::world::scenario::Scenario;
use quorate::world::schedule::{Exception, MessageName, Schedule, Step};

use crate::schedule_text::any::{AnyScenario, AnySchedule};

quickcheck! {
    fn text_of_a_schedule(s: AnySchedule) -> bool {
        s.0.to_string().parse::<Schedule>() == Ok(s.0)
    }

    fn json_of_a_schedule(s: AnySchedule) -> bool {
        let compact = serde_json::to_string(&s.0).unwrap();
        let pretty = serde_json::to_string_pretty(&s.0).unwrap();
        [compact, pretty].iter().all(|json| serde_json::from_str::<Schedule>(json).unwrap() == s.0)
    }

    fn text_of_its_parts(s: AnySchedule) -> bool {
        s.0.steps.iter().all(|step| step.to_string().parse::<Step>().as_ref() == Ok(step))
            && s.0.operations().flat_map(|operation| &operation.exceptions).all(|exception| {
                exception.to_string().parse::<Exception>() == Ok(*exception)
                    && exception.name.to_string().parse::<MessageName>() == Ok(exception.name)
            })
    }

    fn text_of_a_scenario(s: AnyScenario) -> bool {
        s.0.to_string().parse::<Scenario>() == Ok(s.0)
    }

    fn json_of_a_scenario(s: AnyScenario) -> bool {
        let json = serde_json::to_string(&s.0).unwrap();
        Scenario::from_bytes(json.as_bytes()) == Ok(s.0)
    }

    fn the_lines_are_the_text(s: AnySchedule) -> bool {
        s.0.lines().map(|line| line.to_string()).collect::<Vec<_>>().join("\n") == s.0.to_string()
    }

    fn spaces_comments_and_line_ends_say_nothing(s: AnySchedule) -> bool {
        let text = s.0.to_string();
        let airy = text.replace(' ', " \t ").replace('\n', "  # and then\r\n\n  # or so\n\t");
        let dense = text.replace(" | ", "|").replace(" > ", ">").replace(" (", "(").replace(", ", ",");
        [airy, dense].iter().all(|other| other.parse::<Schedule>() == Ok(s.0.clone()))
    }

    fn clauses_and_exceptions_come_in_any_order(s: AnySchedule) -> bool {
        let mut steps = s.0.steps.clone();
        for step in &mut steps {
            if let Step::Operation(operation) = step {
                operation.exceptions.reverse();
            }
        }
        let text = Schedule { steps }.to_string();
        let turned: Vec<String> = text.lines().map(|line| match line.split_once(" as ") {
            Some((before, label)) => {
                let words: Vec<&str> = before.splitn(6, ' ').collect();
                let (head, rest) = words.split_at(words.len().min(5));
                format!("{} as {label} {}", head.join(" "), rest.join(" "))
            }
            None => line.to_owned(),
        }).collect();
        turned.join("\n").parse::<Schedule>() == Ok(s.0)
    }

    fn a_spoilt_text_is_refused_or_read_and_never_worse(
        s: AnyScenario, at: usize, length: u8, instead: String, twice: bool
    ) -> bool {
        let text = s.0.to_string();
        let mut characters: Vec<char> = text.chars().collect();
        let start = at % (characters.len() + 1);
        let end = (start + usize::from(length % 16)).min(characters.len());
        let instead: Vec<char> =
            if twice { characters[start..end].repeat(2) } else { instead.chars().take(8).collect() };
        characters.splice(start..end, instead);
        let spoilt: String = characters.into_iter().collect();
        match spoilt.parse::<Scenario>() {
            Ok(read) => read.to_string().parse() == Ok(read),
            Err(bad) => (1..=spoilt.lines().count().max(1)).contains(&bad.line),
        }
    }

    fn any_bytes_are_refused_or_read(bytes: Vec<u8>, brace: bool) -> bool {
        let bytes = if brace { [b"{", bytes.as_slice()].concat() } else { bytes };
        Scenario::from_bytes(&bytes).map_or_else(|bad| bad.line >= 1, |read| read.validate().is_ok())
    }
}

/// The properties above say nothing of a kind of step that is never drawn.
#[test]
fn every_kind_of_step_and_message_is_drawn() {
    let mut g = Gen::new(100);
    let text: String = (0..200).map(|_| format!("{}\n", AnySchedule::arbitrary(&mut g).0)).collect();
    for word in [
        "put ",
        "get ",
        "delete ",
        " blind",
        " level one",
        " level quorum",
        " level all",
        "arrive ",
        "timeout ",
        " | ",
        " > ",
        "none",
        "heal",
        "pause ",
        "crash ",
        "restart ",
        "wipe ",
        "suspect ",
        "trust",
        "skew ",
        "tick ",
        "wake ",
        "(request",
        "(to ",
        "(from ",
        "(repair to ",
        "(repair from ",
        "(hand-off to ",
        "(hand-off from ",
        "(reply",
        " late",
        " lost",
        " doubled",
        " again ",
        " again 255",
        " as o9999",
    ] {
        assert!(text.contains(word), "{word}");
    }
}

/// What another program could feed in at most is read in linear time.
#[test]
fn a_hundred_thousand_steps_are_read() {
    let text = "tick 1\n".repeat(100_000);
    assert_eq!(text.parse::<Schedule>().unwrap().steps.len(), 100_000);
}
