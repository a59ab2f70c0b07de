//! The faults of the published program, found by random walks and shrunk: each to no more than the shortest schedule
//! known for it, and without a fault where none is needed.

use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::judge::{Breakage, Demands};
use quorate::model::Cluster;
use quorate::protocols::find;
use quorate::search::minimise::Case;
use quorate::search::random::{Fault, Faults, Shape};
use quorate::search::schedules::minimise_exactly;
use quorate::search::symptom::Symptom;

use Guarantee::{
    Antichain, Available, CausalOrder, Convergence, NoExtra, NoLost, OnceOnly, OneDotOneWrite, ReadYourWrites,
};

/// What is searched for, and where.
struct Row {
    protocol: &'static str,
    cluster: Cluster,
    /// Any of these will do.
    breaks: &'static [Guarantee],
    faults: Faults,
    /// The shortest schedule known: operations, and faults begun.
    operations: usize,
    most_faults: usize,
}

const THREE: Cluster = Cluster::new(3, 2, 2);
/// How many failing schedules of a row are shrunk.
const SEEDS: usize = 40;
const LOOKED_AT: u64 = 5_000;
/// How many schedules are run to find a smaller one than shrinking does.
const BUDGET: u64 = 20_000;

impl Row {
    /// Every guarantee of the row that is found keeps within the bounds, from every seed; at least one is found.
    #[allow(clippy::print_stdout)]
    fn is_found_and_shrunk(&self) {
        let subject = find(self.protocol).expect("a built-in protocol").subject;
        let shape = Shape { faults: self.faults, ..Shape::of(self.cluster) };
        let mut kept = 0;
        for &guarantee in self.breaks {
            let demands = Demands::NOTHING.demanding(GuaranteeSet::only(guarantee));
            let mut runner = subject.runner(self.cluster, 2, demands);
            let failing = (0..LOOKED_AT)
                .map(|number| shape.schedule(3, number))
                .filter(|schedule| runner.run(schedule).finding.is_some())
                .take(SEEDS);
            let (mut within, mut all, mut texts) = (0, 0, std::collections::BTreeMap::new());
            for schedule in failing {
                let case = Case { cluster: self.cluster, schedule };
                let breakage = Breakage::Guarantee(guarantee);
                let found =
                    minimise_exactly(subject, Symptom::new(breakage, demands), case, Faults::ALL, BUDGET)
                        .failure;
                assert!(found.minimal.one_minimal);
                let shrunk = &found.minimal.case;
                let operations = shrunk.schedule.operations().count();
                let faults = shrunk.schedule.size() - operations;
                all += 1;
                within += usize::from(operations <= self.operations && faults <= self.most_faults);
                *texts
                    .entry((shrunk.schedule.size(), format!("{}\n{}", shrunk.cluster, shrunk.schedule)))
                    .or_insert(0) += 1;
            }
            println!(
                "{} {} {guarantee}: {within} of {all} within, {} texts",
                self.protocol,
                self.cluster,
                texts.len()
            );
            for ((size, text), n) in texts.iter().take(5) {
                println!("    {n} x size {size}: {}", text.replace('\n', " · "));
            }
            kept += usize::from(all >= SEEDS && within == all);
        }
        assert!(kept > 0, "{}: no guarantee was always shrunk to the known size", self.protocol);
    }
}

macro_rules! rows {
    ($($name:ident: $protocol:literal, $cluster:expr, $breaks:expr, $faults:expr, $operations:literal, $most_faults:literal;)*) => {$(
        #[test]
        fn $name() {
            Row { protocol: $protocol, cluster: $cluster, breaks: $breaks, faults: $faults, operations: $operations, most_faults: $most_faults }
                .is_found_and_shrunk();
        }
    )*};
}

const AWAY: Faults = Faults::NONE.with(Fault::Suspect).with(Fault::Cut);

rows! {
    one_write_becomes_false_siblings: "as-seeded", THREE, &[NoExtra, OnceOnly], Faults::ALL, 2, 0;
    concurrent_writes_are_falsely_ordered: "as-seeded", Cluster::new(1, 1, 1), &[NoLost, ReadYourWrites], Faults::ALL, 3, 0;
    a_counter_is_used_twice: "as-seeded", Cluster::new(1, 1, 1), &[OneDotOneWrite, NoLost, ReadYourWrites], Faults::ALL, 4, 0;
    an_acknowledged_write_is_born_dominated: "as-seeded", THREE, &[ReadYourWrites, NoLost, Antichain], Faults::ALL, 4, 0;
    repair_never_stabilises: "as-seeded-repairing", THREE, &[Convergence], Faults::ALL, 3, 0;
    repair_swaps_siblings: "as-seeded-combined", Cluster::new(2, 2, 1), &[Convergence], AWAY, 4, 2;
    repair_resets_timestamps: "as-seeded-combined", THREE, &[CausalOrder], AWAY, 7, 0;
    an_overwritten_value_resurfaces: "as-seeded-partitioned", THREE, &[NoExtra], AWAY, 4, 1;
    an_overwritten_value_resurfaces_through_repair: "as-seeded-repairing", THREE, &[NoExtra], Faults::ALL, 4, 0;
    a_refused_write_is_reported_as_done: "as-seeded-partitioned", THREE, &[Available], AWAY, 1, 2;
    not_a_quorum: "as-seeded", THREE, &[Available], Faults::NONE.with(Fault::Crash), 1, 1;
}
