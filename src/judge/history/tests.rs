//! What must stay green, and for each guarantee what must not.

use smallvec::SmallVec;

use super::*;
use crate::id::{Key, NodeId};
use crate::world::history::Reason;

use Guarantee::{
    Fresh, MonotonicReads, MonotonicWrites, NoExtra, NoFabrication, ReadYourWrites, WritesFollowReads,
};

/// A history told step by step to a judge of R=2 W=2 N=3. Operations are numbers, and so are clients and keys.
struct Told {
    judge: HistoryJudge,
    r: u8,
    w: u8,
    key: u16,
}

fn told(stance: Stance) -> Told {
    told_of(DataType::Register, stance)
}

fn told_of(data_type: DataType, stance: Stance) -> Told {
    let judge = HistoryJudge::new(3, 1, data_type, [stance; Guarantee::COUNT]).listing_breaches();
    Told { judge, r: 2, w: 2, key: 1 }
}

fn ops<C: FromIterator<OpId>>(ops: &[u16]) -> C {
    ops.iter().copied().map(OpId).collect()
}

impl Told {
    fn invoke(&mut self, client: u16, action: Action, op: u16, context: &[u16]) -> &mut Self {
        self.judge.invoke(&Invocation {
            op: OpId(op),
            client: ClientId(client),
            action,
            key: Key(self.key),
            via: NodeId(1),
            required: if action.is_write() { self.w } else { self.r },
            context: ops(context),
        });
        self
    }

    fn end(&mut self, op: u16, status: Status) -> &mut Self {
        self.stamped(op, status, None)
    }

    fn stamped(&mut self, op: u16, status: Status, timestamp: Option<u64>) -> &mut Self {
        let completion = Completion {
            op: OpId(op),
            status,
            reason: Some(Reason::TimedOut).filter(|_| status != Status::Ok),
            observation: None,
            timestamp,
            token: status == Status::Ok,
        };
        self.judge.complete(&completion, &Circumstances::default());
        self
    }

    fn put(&mut self, client: u16, op: u16, context: &[u16]) -> &mut Self {
        self.invoke(client, Action::Put, op, context).end(op, Status::Ok)
    }

    fn put_at(&mut self, client: u16, op: u16, timestamp: u64) -> &mut Self {
        self.invoke(client, Action::Put, op, &[]).stamped(op, Status::Ok, Some(timestamp))
    }

    fn delete(&mut self, client: u16, op: u16, context: &[u16]) -> &mut Self {
        self.invoke(client, Action::Delete, op, context).end(op, Status::Ok)
    }

    fn answer(&mut self, op: u16, seen: Observation, circumstances: Circumstances<'_>) -> &mut Self {
        let completion = Completion {
            op: OpId(op),
            status: Status::Ok,
            reason: None,
            observation: Some(seen),
            timestamp: None,
            token: true,
        };
        self.judge.complete(&completion, &circumstances);
        self
    }

    fn get(&mut self, client: u16, op: u16, values: &[u16]) -> &mut Self {
        self.get_in(client, op, values, Circumstances::default())
    }

    fn get_in(&mut self, client: u16, op: u16, values: &[u16], known: Circumstances<'_>) -> &mut Self {
        self.invoke(client, Action::Get, op, &[]).answer(op, values_of(values), known)
    }

    fn get_tombstones(&mut self, client: u16, op: u16, values: &[u16], tombstones: Tombstones) -> &mut Self {
        let seen = Observation { tombstones, ..values_of(values) };
        self.invoke(client, Action::Get, op, &[]).answer(op, seen, Circumstances::default())
    }

    #[track_caller]
    fn broken(&self, expected: &[Guarantee]) -> &Self {
        let broken: Vec<Guarantee> = self.judge.broken().iter().collect();
        assert_eq!(broken, expected, "{:#?}", self.judge.breaches());
        self
    }

    #[track_caller]
    fn green(&self) -> &Self {
        self.broken(&[])
    }

    fn ruling(&self, guarantee: Guarantee) -> (u64, u64, u64, u64) {
        let ruling = self.judge.ruling(guarantee).unwrap();
        (ruling.examined, ruling.not_owed.total(), ruling.unknown, ruling.broken)
    }

    fn says(&self, guarantee: Guarantee) -> String {
        let ruling = self.judge.ruling(guarantee).unwrap();
        ruling.violation.as_ref().map(|violation| violation.because.clone()).unwrap_or_default()
    }
}

fn values_of(values: &[u16]) -> Observation {
    Observation { values: ops(values), ..Observation::nothing() }
}

fn these(deletes: &[u16]) -> Tombstones {
    Tombstones::These(ops::<SmallVec<[OpId; 8]>>(deletes))
}

mod green {
    use super::*;

    #[test]
    fn a_write_that_timed_out_may_surface_later_or_never() {
        let mut h = told(Stance::Demanded);
        h.invoke(1, Action::Put, 1, &[]).end(1, Status::Info);
        h.get(2, 2, &[]).get(2, 3, &[1]).get(1, 4, &[1]).green();
        let mut h = told(Stance::Demanded);
        h.invoke(1, Action::Put, 1, &[]).end(1, Status::Info).get(1, 2, &[]).green();
    }

    #[test]
    fn a_client_that_goes_on_gives_its_write_up() {
        let mut h = told(Stance::Demanded);
        h.invoke(1, Action::Put, 1, &[]).get(1, 2, &[]).end(1, Status::Ok).get(2, 3, &[]).green();
        assert_eq!(h.ruling(Fresh), (0, 0, 0, 0));
    }

    #[test]
    fn a_read_that_timed_out_was_shown_nothing() {
        let mut h = told(Stance::Demanded);
        h.put(1, 1, &[]).invoke(2, Action::Get, 2, &[]).end(2, Status::Info).get(2, 3, &[1]).green();
        assert_eq!(h.ruling(MonotonicReads), (0, 0, 0, 0));
    }

    #[test]
    fn siblings_have_no_order() {
        let mut h = told(Stance::Demanded);
        h.put(1, 1, &[]).put(2, 2, &[]).get(3, 3, &[2, 1]).get(3, 4, &[1, 2]).green();
    }

    #[test]
    fn a_blind_second_put_leaves_siblings() {
        let mut h = told(Stance::Demanded);
        h.put(1, 1, &[]).put(1, 2, &[]).get(1, 3, &[1, 2]).get(2, 4, &[2, 1]).green();
    }

    #[test]
    fn anothers_later_write_shows_mine() {
        let mut h = told(Stance::Demanded);
        h.put(1, 1, &[]).get(2, 2, &[1]).put(2, 3, &[2]).get(1, 4, &[3]).green();
        assert_eq!(h.ruling(ReadYourWrites), (1, 0, 0, 0), "by coverage, not by value");
    }

    #[test]
    fn the_token_of_a_put_covers_what_it_replaced() {
        let mut h = told(Stance::Demanded);
        h.put(1, 1, &[]).put(1, 2, &[1]).put(1, 3, &[2]).get(2, 4, &[3]).green();
    }

    #[test]
    fn a_read_may_see_a_write_and_later_only_its_successor() {
        let mut h = told(Stance::Demanded);
        h.put(1, 1, &[]).get(2, 2, &[1]).put(1, 3, &[1]).get(2, 4, &[3]).green();
    }

    #[test]
    fn a_delete_is_not_a_key_never_written() {
        let mut h = told(Stance::Demanded);
        h.put(1, 1, &[]).get(1, 2, &[1]).delete(1, 3, &[2]);
        h.get_tombstones(2, 4, &[], these(&[3])).get_tombstones(1, 5, &[], Tombstones::Some).green();
        // That there is a tombstone, or none, no client can observe; that the value is back, it can.
        h.get(2, 6, &[]).green();
        h.get(2, 7, &[1]).broken(&[Fresh, MonotonicReads, MonotonicWrites, WritesFollowReads, NoExtra]);
        assert!(h.says(Fresh).contains("got o1, which was deleted by o3 before the read began, and is back"));
    }

    #[test]
    fn a_tombstone_of_unknown_origin_excuses_and_does_not_oblige() {
        let mut h = told(Stance::Demanded);
        h.put(1, 1, &[]).get(1, 2, &[1]).invoke(1, Action::Delete, 3, &[2]).end(3, Status::Info);
        // It may have been op 3 that was shown, and covered op 1; it need not be shown again.
        h.get_tombstones(2, 4, &[], Tombstones::Some).get(2, 5, &[1]).green();
    }

    #[test]
    fn a_concurrent_write_is_not_owed() {
        let mut h = told(Stance::Demanded);
        h.invoke(1, Action::Put, 1, &[]).invoke(2, Action::Get, 2, &[]).end(1, Status::Ok);
        h.answer(2, values_of(&[]), Circumstances::default()).green();
        assert_eq!(h.ruling(Fresh), (0, 0, 0, 0));
    }

    #[test]
    fn quorums_that_need_not_meet_owe_nothing_unless_it_is_demanded() {
        let mut h = told(Stance::Owed);
        h.r = 1;
        h.put(1, 1, &[]).get(2, 2, &[]).get(1, 3, &[]).green();
        assert_eq!((h.ruling(Fresh), h.ruling(ReadYourWrites)), ((0, 2, 0, 0), (0, 1, 0, 0)));
        let mut h = told(Stance::Demanded);
        h.r = 1;
        h.put(1, 1, &[]).get(2, 2, &[]).broken(&[Fresh]);
    }

    #[test]
    fn levels_count_by_pairs() {
        let mut h = told(Stance::Owed);
        h.w = 3;
        h.put(1, 1, &[]);
        (h.w, h.r) = (1, 1);
        h.put(2, 2, &[]).get(3, 3, &[1]).green();
        assert_eq!(h.ruling(Fresh), (1, 1, 0, 0));
    }

    #[test]
    fn what_a_fact_of_the_run_excuses_is_counted_apart() {
        let excused = OpSet::only(OpId(1));
        let known = Circumstances {
            excused: Some(&excused),
            excused_monotonic: Some(Exemption::LostDisk),
            ..Circumstances::default()
        };
        for (stance, broken) in
            [(Stance::Owed, vec![]), (Stance::Demanded, vec![Fresh, ReadYourWrites, MonotonicReads])]
        {
            let mut h = told(stance);
            h.put(1, 1, &[]).get(1, 2, &[1]).get_in(1, 3, &[], known).broken(&broken);
            assert_eq!(h.ruling(Fresh).1, u64::from(broken.is_empty()));
            assert_eq!(h.ruling(MonotonicReads).1, u64::from(broken.is_empty()));
        }
    }

    /// A delete whose client had seen nothing supersedes nothing: what stays is not in its way.
    #[test]
    fn a_blind_delete_hides_nothing() {
        told(Stance::Demanded).put(1, 1, &[]).delete(1, 2, &[]).get(2, 3, &[1]).green();
        told(Stance::Demanded).put(1, 1, &[]).get(2, 2, &[1]).delete(2, 3, &[]).get(2, 4, &[1]).green();
        let mut h = told(Stance::Demanded);
        h.put(1, 1, &[]).delete(1, 2, &[1]).get(2, 3, &[1]);
        assert!(h.judge.broken().contains(MonotonicWrites), "a delete that superseded it was hidden");
    }

    #[test]
    fn last_write_wins_hides_lesser_writes_by_right() {
        let mut h = told_of(DataType::LastWriteWins, Stance::Demanded);
        h.put_at(1, 1, 10).put_at(2, 2, 20).get(1, 3, &[2]).green();
        h.get(1, 4, &[1]).broken(&[Fresh, MonotonicReads, NoExtra]);
    }

    #[test]
    fn last_write_wins_without_timestamps_is_undecided() {
        let mut h = told_of(DataType::LastWriteWins, Stance::Demanded);
        h.put(1, 1, &[]).put(2, 2, &[]).get(1, 3, &[2]).green();
        assert_eq!((h.ruling(Fresh), h.ruling(ReadYourWrites)), ((1, 0, 1, 0), (0, 0, 1, 0)));
        // But where nothing is returned, nothing outranks.
        h.get(1, 4, &[]).broken(&[Fresh, ReadYourWrites, MonotonicReads]);
    }

    #[test]
    fn a_counter_shows_what_it_covers() {
        let mut h = told_of(DataType::Counter, Stance::Demanded);
        let covered = OpSet::only(OpId(1));
        h.put(1, 1, &[]).get_in(1, 2, &[], Circumstances { covered: Some(&covered), ..Default::default() });
        h.get(1, 3, &[]).green();
        assert_eq!(h.ruling(Fresh), (1, 0, 1, 0));
        let known = Circumstances { covered: Some(&OpSet::new()), ..Default::default() };
        h.get_in(1, 4, &[], known).broken(&[Fresh, ReadYourWrites, MonotonicReads]);
    }

    #[test]
    fn keys_do_not_mix() {
        let mut h = told(Stance::Demanded);
        h.put(1, 1, &[]);
        h.key = 2;
        h.get(1, 2, &[]).put(1, 3, &[1]).get(2, 4, &[3]);
        h.key = 1;
        h.get(1, 5, &[1]).green();
    }

    #[test]
    fn what_is_ignored_is_not_even_counted() {
        let mut h = told(Stance::Ignored);
        h.put(1, 1, &[]).get(1, 2, &[9]).get(1, 3, &[]).green();
        assert!(h.judge.rulings().all(|(_, ruling)| *ruling == Ruling::default()));
    }

    #[test]
    fn siblings_are_no_shadow() {
        let mut h = told(Stance::Demanded);
        h.put(1, 1, &[]).put(1, 2, &[]).get(2, 3, &[1, 2]).green();
        assert_eq!(h.ruling(MonotonicWrites), (1, 0, 0, 0));
    }

    #[test]
    fn a_write_that_need_not_be_covered_may_look_shadowed() {
        let mut h = told(Stance::Owed);
        h.r = 1;
        h.put(1, 1, &[]).put(1, 2, &[]).get(2, 3, &[1]).green();
        assert_eq!(h.ruling(MonotonicWrites), (0, 0, 1, 0));
        // With coverage there is no doubt.
        let covered = OpSet::only(OpId(1));
        h.get_in(2, 4, &[1], Circumstances { covered: Some(&covered), ..Default::default() }).green();
    }
}

mod red {
    use super::*;

    #[test]
    fn an_acknowledged_write_is_missed() {
        let mut h = told(Stance::Owed);
        h.put(1, 1, &[]).get(2, 2, &[]).broken(&[Fresh]);
        assert_eq!(
            h.says(Fresh),
            "o2: c2 read k1 at n1 and missed o1, acknowledged before the read began; it returned no value"
        );
    }

    #[test]
    fn coverage_names_the_cause() {
        let covered: OpSet = ops(&[1]);
        let known = Circumstances { covered: Some(&covered), ..Default::default() };
        let mut h = told(Stance::Owed);
        h.put(1, 1, &[]).get_in(2, 2, &[], known).broken(&[Fresh]);
        assert!(h.says(Fresh).contains("(hidden: covered"), "{}", h.says(Fresh));
        let mut h = told(Stance::Owed);
        h.put(1, 2, &[]).get_in(2, 3, &[], known);
        assert!(h.says(Fresh).contains("(stale: no replica"), "{}", h.says(Fresh));
        let mut h = told(Stance::Owed);
        h.put(1, 1, &[]).put(2, 2, &[]).get_in(2, 3, &[], known);
        assert!(h.says(Fresh).contains("some stale"), "{}", h.says(Fresh));
        assert_eq!(h.ruling(Fresh).3, 2);
    }

    #[test]
    fn a_session_misses_its_own_write() {
        let mut h = told(Stance::Owed);
        h.put(1, 1, &[]).get(1, 2, &[]).broken(&[Fresh, ReadYourWrites]);
        assert!(h.says(ReadYourWrites).contains("missed o1, its own and acknowledged"));
    }

    #[test]
    fn a_session_is_not_shown_again_what_it_was_shown() {
        let mut h = told(Stance::Owed);
        h.invoke(1, Action::Put, 1, &[]).end(1, Status::Info);
        h.get(2, 2, &[1]).get(2, 3, &[]).broken(&[MonotonicReads]);
        assert!(h.says(MonotonicReads).contains("missed o1, which an earlier read"));
    }

    #[test]
    fn what_a_delete_replaced_is_owed_through_the_delete() {
        let mut h = told(Stance::Owed);
        h.put(1, 1, &[]).get(1, 2, &[1]).delete(1, 3, &[2]);
        h.get_tombstones(2, 4, &[], these(&[3])).green();
        // A deleted value is back: whoever was shown the delete misses it, and it is shadowed by what it deleted.
        h.get(2, 5, &[1]).broken(&[Fresh, MonotonicReads, MonotonicWrites, WritesFollowReads, NoExtra]);
    }

    #[test]
    fn values_out_of_thin_air() {
        let fabricated = Observation { fabricated: vec!["x".to_owned()], ..Observation::nothing() };
        let mut h = told(Stance::Owed);
        h.invoke(1, Action::Get, 1, &[]).answer(1, fabricated, Circumstances::default());
        h.broken(&[NoFabrication]);
        assert!(h.says(NoFabrication).ends_with("got `x`, which no operation wrote"));

        let mut h = told(Stance::Owed);
        h.get(1, 1, &[2]).put(2, 2, &[]).broken(&[NoFabrication]);
        assert!(h.says(NoFabrication).ends_with("got o2, which had not been invoked"));

        let mut h = told(Stance::Owed);
        h.put(1, 1, &[]);
        h.key = 2;
        h.get(1, 2, &[1]).broken(&[NoFabrication]);
        assert!(h.says(NoFabrication).ends_with("got o1, which was written to k1"));

        let mut h = told(Stance::Owed);
        h.delete(1, 1, &[]).get(2, 2, &[1]).broken(&[NoFabrication]);

        let mut h = told(Stance::Owed);
        h.get_tombstones(1, 1, &[], Tombstones::Some).broken(&[NoFabrication]);
    }

    #[test]
    fn a_refused_write_is_seen_before_or_after_it_was_refused() {
        let mut h = told(Stance::Owed);
        h.invoke(1, Action::Put, 1, &[]).end(1, Status::Refused).get(2, 2, &[1]).broken(&[NoFabrication]);
        assert!(h.says(NoFabrication).contains("got o1, which was refused"));
        let mut h = told(Stance::Owed);
        h.invoke(1, Action::Put, 1, &[]).get(2, 2, &[1]).green();
        h.end(1, Status::Refused).broken(&[NoFabrication]);
        assert!(h.says(NoFabrication).starts_with("o2: c2 read k1 at n1 and got o1"));
    }

    #[test]
    fn a_refused_delete_excuses_nothing() {
        let mut h = told(Stance::Owed);
        h.put(1, 1, &[]).get(1, 2, &[1]).delete(2, 3, &[]);
        h.invoke(1, Action::Delete, 4, &[2]).end(4, Status::Refused);
        h.get_tombstones(3, 5, &[], Tombstones::Some).broken(&[Fresh]);
    }

    #[test]
    fn a_later_write_is_shadowed_by_its_sessions_earlier_one() {
        let mut h = told(Stance::Owed);
        h.put(1, 1, &[]).put(1, 2, &[]).get(2, 3, &[1]).broken(&[Fresh, MonotonicWrites]);
        assert!(h.says(MonotonicWrites).contains("got o1 without o2, which one session wrote after o1"));
    }

    #[test]
    fn a_write_is_shadowed_by_what_its_session_had_read() {
        let mut h = told(Stance::Owed);
        h.put(1, 1, &[]).get(2, 2, &[1]).put(2, 3, &[]).get(3, 4, &[1]).broken(&[Fresh, WritesFollowReads]);
        assert!(h.says(WritesFollowReads).contains("got o1 without o3, whose session had read o1"));
    }

    #[test]
    fn skewed_clocks_shadow_a_later_write_although_it_is_outranked() {
        let mut h = told_of(DataType::LastWriteWins, Stance::Owed);
        h.put_at(1, 1, 20).put_at(1, 2, 10).get(2, 3, &[1]).broken(&[MonotonicWrites]);
    }
}

#[test]
fn judges_are_equal_by_what_may_still_come() {
    let mut once = told(Stance::Owed);
    once.put(1, 1, &[]).get(1, 2, &[1]);
    let mut other = told(Stance::Owed);
    other.put(1, 1, &[]).get(1, 2, &[1]);
    assert_eq!(once.judge, other.judge);
    other.get(1, 3, &[]);
    assert_ne!(once.judge, other.judge);
}

#[test]
fn a_judge_that_was_reset_is_as_new() {
    let mut h = told(Stance::Owed);
    h.put(1, 1, &[]).get(1, 2, &[]).broken(&[Fresh, ReadYourWrites]);
    h.judge.reset();
    assert_eq!(h.judge, told(Stance::Owed).judge);
    assert!(h.judge.breaches().is_empty());
    h.put(1, 1, &[]).get(1, 2, &[1]).green();
}

#[test]
fn more_operations_than_a_set_holds_inline_are_judged_alike() {
    let mut h = told(Stance::Owed);
    for i in 0..200 {
        let before: &[u16] = if i == 0 { &[] } else { &[2 * i] };
        h.put(1, 2 * i + 1, before).get(1, 2 * i + 2, &[2 * i + 1]);
    }
    h.green();
    h.get(1, 401, &[1]).broken(&[
        Fresh,
        ReadYourWrites,
        MonotonicReads,
        MonotonicWrites,
        WritesFollowReads,
        NoExtra,
    ]);
}
