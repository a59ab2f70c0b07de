//! The textbook, in every kind of weather.

use super::*;

#[test]
fn a_timed_out_write_surfaces_later() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1 (to n1 late, to n2 late, to n3 late)   # but to itself nothing is late
         timeout o1
         get c2 k1 via n2 (to n1 lost)                           # by n2 and n3: not there yet
         arrive o1 to n2
         arrive o1 to n3
         get c2 k1 via n2                                        # there",
    );
    run.is_silent().kept(NoFabrication, 1).kept(Fresh, 0).kept(Durable, 0);
    assert_eq!((run.status(1), run.read(2), run.read(3)), (Status::Info, vec![], vec![1]));
}

#[test]
fn a_write_surfaces_after_its_client_went_on() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1 (request late)
         put c1 k1 via n2              # gives o1 up
         arrive o1 request             # and now o1 is stamped, after o2
         get c1 k1 via n3",
    );
    run.is_silent().kept(ReadYourWrites, 1).kept(MonotonicWrites, 0);
    assert_eq!((run.status(1), run.read(3)), (Status::Info, vec![1, 2]));
}

#[test]
fn a_write_surfaces_that_no_read_ever_misses_again_or_was_owed() {
    // Seen by one quorum, missed by the next: the textbook does not claim monotonic reads at R=2.
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1 (to n2 lost, to n3 lost)
         get c2 k1 via n1 (to n3 lost, repair to n2 lost)
         get c2 k1 via n3 (to n1 lost)",
    );
    run.is_silent().kept(Fresh, 0).kept(MonotonicReads, 0);
    assert_eq!((run.read(2), run.read(3)), (vec![1], vec![]));
}

#[test]
fn a_read_times_out_and_has_repaired_all_the_same() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1 (to n3 lost)
         get c2 k1 via n3 (from n1 late, from n2 late)
         timeout o2
         arrive o2 from n1                             # n3 is sent o1 now, and the read stays info
         get c2 k1 via n3 (to n1 lost, to n2 late)     # n3 alone is not enough
         arrive o3 to n2",
    );
    run.is_silent().kept(Fresh, 1).kept(NoLost, 4);
    assert_eq!((run.status(2), run.read(3)), (Status::Info, vec![1]));
}

#[test]
fn siblings_have_no_order() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1 (to n3 late)
         put c2 k1 via n3 (to n1 late)
         arrive o1 to n3
         arrive o2 to n1
         get c3 k1 via n1 (to n2 lost)
         get c3 k1 via n3 (to n2 lost)",
    );
    run.is_silent().kept(Antichain, 4).kept(Convergence, 1).kept(NoExtra, 4);
    assert_eq!((run.read(3).len(), run.read(4).len()), (2, 2));
}

#[test]
fn a_deleted_key_and_a_key_never_written_both_read_as_nothing() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1
         delete c1 k1 via n2
         get c2 k1 via n3
         get c2 k2 via n3",
    );
    run.is_silent().kept(Fresh, 2).kept(NoLost, 4);
    assert_eq!((run.read(3), run.read(4)), (vec![], vec![]));
}

#[test]
fn somebody_elses_later_write_shows_mine() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1
         get c2 k1 via n2
         put c2 k1 via n2      # follows o1
         get c1 k1 via n3      # o3: another value, and yet o1 was shown",
    );
    run.is_silent().kept(ReadYourWrites, 1).kept(Fresh, 2).kept(CausalOrder, 2);
    assert_eq!(run.read(4), [3]);
}

#[test]
fn a_put_sent_blind_stands_beside_what_its_client_knew() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1
         put c1 k1 via n1 blind    # its token was lost on the way
         get c1 k1 via n1",
    );
    run.is_silent().kept(NoLost, 6).kept(NoExtra, 6).kept(MonotonicWrites, 1);
    assert_eq!(run.read(3), [1, 2]);
}

#[test]
fn a_put_that_carries_the_token_of_the_one_before_replaces_it() {
    let run = claiming(TEXTBOOK, three(), "put c1 k1 via n1\nput c1 k1 via n2\nget c1 k1 via n3");
    run.is_silent().kept(MonotonicWrites, 1).kept(ReadYourWrites, 2);
    assert_eq!(run.read(3), [2]);
}

#[test]
fn a_stale_read_is_nobodys_fault_where_quorums_do_not_meet() {
    let run = claiming(
        TEXTBOOK,
        Cluster::new(3, 1, 1),
        "put c1 k1 via n1 (to n2 lost, to n3 lost)
         get c2 k1 via n2 (to n1 lost)",
    );
    run.is_silent().kept(Fresh, 0).kept(NoLost, 2);
    assert!(run.read(2).is_empty());
}

#[test]
fn levels_that_do_not_meet_owe_nothing_and_levels_that_meet_do() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1 level one (to n2 lost, to n3 lost)
         get c1 k1 via n3 (to n1 lost)                         # 1+2 of 3: not owed
         get c1 k1 via n3 level all                            # 1+3 of 3: owed",
    );
    run.is_silent().not_owed_by(ReadYourWrites, LowerLevel, 1).kept(ReadYourWrites, 1);
    assert_eq!((run.read(2), run.read(3)), (vec![], vec![1]));
}

#[test]
fn a_disk_lost_before_the_read_excuses_it_until_it_is_rebuilt() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1 (to n3 lost)
         wipe n2
         get c1 k1 via n3 (to n1 lost)      # by n2 and n3: R+W-N=1 disk is lost
         get c1 k1 via n1 (to n3 lost)      # begins too early as well, and repairs n2
         get c1 k1 via n3 (to n1 lost)      # by n2 and n3 again: owed, and shown",
    );
    run.is_silent()
        .not_owed_by(Fresh, LostDisk, 2)
        .not_owed_by(ReadYourWrites, LostDisk, 2)
        .kept(ReadYourWrites, 1);
    assert_eq!((run.read(2), run.read(4)), (vec![], vec![1]));
}

#[test]
fn a_disk_lost_between_taking_a_write_and_its_acknowledgement_excuses_it() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1 (to n3 lost, from n2 late)
         wipe n2
         arrive o1 from n2                  # acknowledged by n1 and n2, and n2 has it no more
         get c1 k1 via n3 (to n1 lost)",
    );
    run.is_silent().not_owed(ReadYourWrites, 1).kept(Durable, 1);
    assert_eq!((run.status(1), run.read(2)), (Status::Ok, vec![]));
}

#[test]
fn a_disk_lost_while_the_read_runs_excuses_it() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1 (to n3 lost)
         get c1 k1 via n3 (to n1 lost, to n2 late)
         wipe n2
         arrive o2 to n2
         get c1 k1 via n1                   # n2 is repaired while it runs
         get c1 k1 via n2 (to n1 lost)      # and now it is owed",
    );
    run.is_silent().not_owed(ReadYourWrites, 2).kept(ReadYourWrites, 1);
    assert!(run.read(2).is_empty());
}

#[test]
fn as_many_disks_lost_as_acknowledged_leave_nothing_to_owe() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1 (to n3 lost)
         wipe n1
         wipe n2
         get c2 k1 via n3",
    );
    run.is_silent().not_owed_by(Durable, LostDisk, 1).kept(Durable, 0).kept(Fresh, 0);
}

#[test]
fn an_actor_that_lost_its_disk_counts_from_one_again_under_another_name() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1
         wipe n1
         put c2 k1 via n1 blind
         get c3 k1 via n2",
    );
    run.is_silent().kept(NoLost, 7).kept(OnceOnly, 2);
    assert_eq!(run.read(3), [1, 2]);
}

#[test]
fn a_repair_of_two_siblings_may_arrive_in_part() {
    // n3 gets o1 by one repair and o2 by another; the first is lost. Contexts record gaps: it lacks nothing it has.
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1 (to n2 lost, to n3 lost)
         put c2 k1 via n2 (to n1 lost, to n3 lost)
         get c3 k1 via n3 (from n1 late, repair to n3 late)
         get c3 k1 via n1 (to n2 lost, repair to n3 lost)
         get c3 k1 via n3",
    );
    run.is_silent().kept(NoLost, 6).kept(Convergence, 1);
}

#[test]
fn a_write_read_at_one_replica_is_covered_by_its_successor_at_another() {
    let run = claiming(
        TEXTBOOK,
        Cluster::new(3, 3, 1),
        "put c1 k1 via n1 (to n2 late, to n3 lost)
         get c2 k1 via n1
         put c3 k1 via n3 (to n1 lost, to n2 lost)
         get c3 k1 via n3
         put c3 k1 via n3 (to n1 late, to n2 late)      # follows o1 and o3
         arrive o5 to n2
         arrive o1 to n2                                # the older one comes last
         get c2 k1 via n2",
    );
    run.is_silent().kept(MonotonicReads, 1).kept(NoLost, 8);
    assert_eq!((run.read(2), run.read(6)), (vec![1], vec![5]));
}

#[test]
fn a_session_writes_two_keys_and_a_replica_gets_them_the_other_way_round() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1 (to n3 late)
         put c1 k2 via n1
         get c2 k2 via n3
         get c2 k1 via n3 (to n1 lost)
         arrive o1 to n3",
    );
    run.is_silent().kept(Fresh, 2).kept(MonotonicWrites, 0);
}

#[test]
fn an_answer_comes_after_the_timeout() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1 (from n2 late, from n3 late)
         timeout o1
         arrive o1 from n2
         arrive o1 from n3
         put c1 k1 via n1",
    );
    // Its client was told nothing of o1, so o2 is concurrent with it, though the same client sent both.
    run.is_silent().kept(OnceOnly, 2).not_owed_by(Available, NoQuorum, 1);
    assert_eq!(run.status(1), Status::Info);
}

#[test]
fn every_message_between_nodes_comes_twice() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1 (to n2 doubled, from n2 doubled, to n3 doubled)
         put c1 k1 via n2
         arrive o1 to n2                        # o1 once more, after its successor
         get c2 k1 via n3 (from n1 doubled, from n2 doubled)
         arrive o1 to n3
         arrive o3 from n1",
    );
    run.is_silent().kept(OnceOnly, 2).kept(NoExtra, 8);
    assert_eq!(run.read(3), [2]);
}

#[test]
fn the_first_answer_to_arrive_counts_though_it_was_given_second() {
    // n2 is asked twice and answers twice: without o3, which is slow, and with it.
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1
         get c2 k1 via n1 (to n2 doubled, from n2 late, to n3 lost)
         put c3 k1 via n2 (to n1 lost, to n3 lost)
         arrive o2 to n2
         arrive o2 from n2",
    );
    run.is_silent().kept(NoLost, 5).kept(Fresh, 1);
    assert_eq!(run.read(2), [1, 3]);
}

#[test]
fn a_paused_node_misses_nothing_and_owes_nothing_meanwhile() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "pause n2
         crash n3
         put c1 k1 via n1           # one of three: no answer
         restart n2
         arrive o1 to n2            # two of three",
    );
    run.is_silent().kept(Available, 1);
    assert_eq!(run.status(1), Status::Ok);
}

#[test]
fn a_cut_in_one_direction_lets_a_write_in_and_no_answer_out() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "cut n2 n3 > n1
         put c1 k1 via n1           # all three take it in; n1 hears only of itself
         timeout o1
         heal
         get c2 k1 via n3",
    );
    run.is_silent().not_owed(Available, 1).kept(NoFabrication, 1);
    assert_eq!((run.status(1), run.read(2)), (Status::Info, vec![1]));
}

#[test]
fn the_minority_side_of_a_cut_does_not_end_ok_and_the_majority_does() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "cut n1 | n2 n3
         put c1 k1 via n1
         put c2 k1 via n2
         timeout o1
         heal
         get c3 k1 via n3",
    );
    run.is_silent().kept(Available, 2).not_owed(Available, 1);
    assert_eq!((run.status(1), run.status(2)), (Status::Info, Status::Ok));
}

#[test]
fn a_coordinator_that_suspects_everybody_refuses_and_nothing_is_sent() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "suspect n2 at n1
         suspect n3 at n1
         put c1 k1 via n1
         get c2 k1 via n2",
    );
    run.is_silent().not_owed(Available, 1).kept(NoFabrication, 0);
    assert_eq!((run.status(1), run.read(2)), (Status::Refused, vec![]));
}

#[test]
fn a_suspicion_begun_meanwhile_excuses_only_its_own_coordinator() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1 (to n2 late, to n3 lost)
         suspect n2 at n1
         put c2 k1 via n2
         get c2 k1 via n3",
    );
    run.is_silent().kept(Available, 2);
}

#[test]
fn any_node_coordinates_also_one_that_is_no_home_of_the_key() {
    let run = claiming(
        TEXTBOOK,
        three().on(5),
        "put c1 k1 via n5
         get c2 k1 via n4
         put c2 k1 via n5
         wipe n5
         put c1 k1 via n5 blind
         get c1 k1 via n4",
    );
    run.is_silent().kept(Fresh, 3).kept(NoLost, 10).kept(Durable, 3);
}

#[test]
fn one_replica_alone_is_a_quorum_of_one() {
    let run = claiming(
        TEXTBOOK,
        Cluster::new(1, 1, 1),
        "put c1 k1 via n1
         put c2 k1 via n1
         get c1 k1 via n1
         crash n1
         get c1 k1 via n1
         restart n1
         get c1 k1 via n1
         wipe n1
         get c1 k1 via n1",
    );
    run.is_silent().kept(MonotonicReads, 2).not_owed(MonotonicReads, 2).not_owed(Durable, 2);
}
