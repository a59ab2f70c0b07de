//! Failures that no single change makes smaller, and a pair of changes does: each once was where shrinking ended.

use quorate::guarantee::GuaranteeSet;
use quorate::judge::{Breakage, Demands};
use quorate::prelude::*;
use quorate::protocols;
use quorate::search::minimise::{Case, minimise};
use quorate::search::random::Faults;
use quorate::search::symptom::Symptom;

/// Protocol, cluster, what breaks and whether outright, the valley, and where it must lead.
type Valley = (&'static str, Cluster, Guarantee, bool, &'static str, &'static str);

use Guarantee as G;

const VALLEYS: [Valley; 7] = [
    // The loss of another message, and another order.
    (
        "mutant-repair-overwrites",
        Cluster::new(2, 1, 1),
        G::NoLost,
        false,
        "put c1 k1 via n1\nget c1 k1 via n1 (to n2 late)\nput c1 k1 via n1 blind",
        "N=2 R=1 W=1\nput c1 k1 via n1\nput c1 k1 via n1 blind (to n2 lost)\nget c1 k1 via n1",
    ),
    // A wrong clock is spared by a lost message and time that passes.
    (
        "mutant-timestamps-itself",
        Cluster::new(2, 1, 1),
        G::Convergence,
        false,
        "skew n1 +1\nput c1 k1 via n1",
        "N=2 R=1 W=1\nput c1 k1 via n1 (to n2 lost)\ntick 1",
    ),
    // A cut becomes the two lost messages that it stands for.
    (
        "mutant-one-ack-where-quorums-miss",
        Cluster::new(3, 1, 2),
        G::Durable,
        false,
        "cut n1 > n2 n3\nput c1 k1 via n1\nwipe n1",
        "N=3 R=1 W=2\nput c1 k1 via n1 (to n2 lost, to n3 lost)\nwipe n1",
    ),
    // A wipe is spared where there may be two replicas, and stays where there may be one.
    (
        "textbook",
        Cluster::new(2, 1, 1),
        G::Fresh,
        true,
        "put c1 k1 via n1\nwipe n1\nwipe n2\nget c1 k1 via n1",
        "N=2 R=1 W=1\nput c1 k1 via n1 (to n2 lost)\nget c1 k1 via n2",
    ),
    (
        "textbook",
        Cluster::new(1, 1, 1),
        G::Fresh,
        true,
        "put c1 k1 via n1\nwipe n1\nget c1 k1 via n1",
        "N=1 R=1 W=1\nput c1 k1 via n1\nwipe n1\nget c1 k1 via n1",
    ),
    // A fault goes, and a put becomes a delete.
    (
        "last-write-wins",
        Cluster::new(1, 1, 1),
        G::CausalOrder,
        true,
        "put c1 k1 via n1\nskew n1 -1\nput c1 k1 via n1\nget c1 k1 via n1",
        "N=1 R=1 W=1\ndelete c1 k1 via n1\nput c1 k1 via n1\nget c1 k1 via n1",
    ),
    // A lost answer goes, and from there on it is another client.
    (
        "mutant-hides-tombstones",
        Cluster::new(1, 1, 1),
        G::NoExtra,
        false,
        "delete c1 k1 via n1 (reply lost)\nget c1 k1 via n1\nput c1 k1 via n1",
        "N=1 R=1 W=1\ndelete c1 k1 via n1\nget c2 k1 via n1\nput c2 k1 via n1",
    ),
];

#[test]
fn pairs_of_changes_lead_out_of_valleys() {
    let mut elsewhere = Vec::new();
    for (protocol, cluster, guarantee, outright, valley, least) in VALLEYS {
        let subject = protocols::find(protocol).unwrap().subject;
        let claimed = Demands::of_claims(&subject.claims(cluster));
        let only = GuaranteeSet::only(guarantee);
        let demands = if outright { claimed.demanding(only) } else { claimed };
        let case = Case { cluster, schedule: valley.parse().unwrap() };
        let found =
            minimise(subject, Symptom::new(Breakage::Guarantee(guarantee), demands), case, Faults::ALL);
        let case = found.minimal.case;
        let text = format!("{}\n{}", case.cluster, case.schedule);
        if found.finding.is_none() || text != least {
            elsewhere.push(format!("{protocol}:\n{valley}\nleads to\n{text}\n"));
        }
    }
    assert!(elsewhere.is_empty(), "{}", elsewhere.join("\n"));
}
