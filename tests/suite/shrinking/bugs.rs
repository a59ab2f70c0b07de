//! The bugs that are shrunk: what runs, on what, judged on what.

use quorate::judge::{Breakage, Demands, Subject};
use quorate::prelude::*;
use quorate::search::symptom::Symptom;
use quorate::world::modelled::Modelled;

use crate::shrinking::mutants::*;

/// One bug.
pub(crate) struct Bug {
    pub(crate) name: &'static str,
    pub(crate) subject: &'static dyn Subject,
    pub(crate) cluster: Cluster,
    pub(crate) breaks: Guarantee,
    pub(crate) stance: Stance,
    /// Its least failure, found by exhaustion.
    pub(crate) least: &'static str,
}

/// The stance towards the one guarantee.
#[derive(Clone, Copy)]
pub(crate) enum Stance {
    Owed,
    Expected,
    Demanded,
}

impl Bug {
    /// What its runs are judged on: the one guarantee as said, and besides all that is claimed.
    pub(crate) fn demands(&self) -> Demands {
        self.demands_on(self.cluster)
    }

    /// The same on another cluster: what is owed there is what is claimed there.
    pub(crate) fn demands_on(&self, cluster: Cluster) -> Demands {
        let claimed = Demands::of_claims(&self.subject.claims(cluster));
        match self.stance {
            Stance::Owed => claimed,
            Stance::Expected => claimed.expecting(only(self.breaks)),
            Stance::Demanded => claimed.demanding(only(self.breaks)),
        }
    }

    pub(crate) fn symptom(&self) -> Symptom {
        Symptom::new(self.breakage(), self.demands())
    }

    pub(crate) fn breakage(&self) -> Breakage {
        Breakage::Guarantee(self.breaks)
    }
}

static TEXTBOOK: Modelled<'static, Dotted> = Modelled(&Textbook);
static VECTORS: Modelled<'static, VectorClock> = Modelled(&Textbook);
static OVERWRITE: Modelled<'static, Dotted> = Modelled(&Overwrite);
static REPAIR_OVERWRITES: Modelled<'static, Dotted> = Modelled(&RepairOverwrites);
static ACK_WITHOUT_STORE: Modelled<'static, Dotted> = Modelled(&AckWithoutStore);
static ONE_ACK_LESS: Modelled<'static, Dotted> = Modelled(&OneAckLess);
static FIRST_SIBLING: Modelled<'static, Dotted> = Modelled(&FirstSibling);
static NO_REPAIR: Modelled<'static, Dotted> = Modelled(&NoRepair);
static FORGETFUL_COUNTER: Modelled<'static, Dotted> = Modelled(&ForgetfulCounter);
static WAITS_FOR_ALL: Modelled<'static, Dotted> = Modelled(&WaitsForAll);
static LATER_DELIVERY_WINS: Modelled<'static, Dotted> = Modelled(&LaterDeliveryWins);

const USUAL: Cluster = Cluster::new(3, 2, 2);

/// All of them.
pub(crate) static ALL: &[Bug] = &[
    Bug {
        name: "stale read, R=W=1",
        subject: &TEXTBOOK,
        cluster: Cluster::new(3, 1, 1),
        breaks: Guarantee::Fresh,
        stance: Stance::Expected,
        least: "N=3 R=1 W=1\n\
            put c1 k1 via n1 (to n2 lost)\n\
            get c1 k1 via n2",
    },
    Bug {
        name: "two blind writes, vector clocks",
        subject: &VECTORS,
        cluster: USUAL,
        breaks: Guarantee::NoLost,
        stance: Stance::Demanded,
        least: "N=3 R=2 W=2\n\
            put c1 k1 via n1\n\
            put c1 k1 via n1 blind",
    },
    Bug {
        name: "overwrite",
        subject: &OVERWRITE,
        cluster: USUAL,
        breaks: Guarantee::NoLost,
        stance: Stance::Owed,
        least: "N=3 R=2 W=2\n\
            put c1 k1 via n1\n\
            put c1 k1 via n1 blind",
    },
    Bug {
        name: "repair overwrites",
        subject: &REPAIR_OVERWRITES,
        cluster: USUAL,
        breaks: Guarantee::NoLost,
        stance: Stance::Owed,
        least: "N=3 R=2 W=2\n\
            put c1 k1 via n1\n\
            put c1 k1 via n1 blind (to n2 lost)\n\
            get c1 k1 via n1",
    },
    Bug {
        name: "ack without store",
        subject: &ACK_WITHOUT_STORE,
        cluster: USUAL,
        breaks: Guarantee::Fresh,
        stance: Stance::Owed,
        least: "N=3 R=2 W=2\n\
            put c1 k1 via n1\n\
            put c1 k1 via n1\n\
            get c1 k1 via n1",
    },
    Bug {
        name: "one ack less",
        subject: &ONE_ACK_LESS,
        cluster: USUAL,
        breaks: Guarantee::Fresh,
        stance: Stance::Owed,
        least: "N=3 R=2 W=2\n\
            put c1 k1 via n2 (to n1 lost, to n3 lost)\n\
            get c1 k1 via n3",
    },
    Bug {
        name: "first sibling",
        subject: &FIRST_SIBLING,
        cluster: USUAL,
        breaks: Guarantee::NoLost,
        stance: Stance::Owed,
        least: "N=3 R=2 W=2\n\
            put c1 k1 via n1\n\
            put c1 k1 via n1 blind\n\
            get c1 k1 via n1",
    },
    Bug {
        name: "no repair",
        subject: &NO_REPAIR,
        cluster: USUAL,
        breaks: Guarantee::Convergence,
        stance: Stance::Owed,
        least: "N=3 R=2 W=2\n\
            put c1 k1 via n1 (to n2 lost)",
    },
    Bug {
        name: "forgetful counter",
        subject: &FORGETFUL_COUNTER,
        cluster: USUAL,
        breaks: Guarantee::OneDotOneWrite,
        stance: Stance::Owed,
        least: "N=3 R=2 W=2\n\
            put c1 k1 via n1\n\
            crash n1\n\
            restart n1\n\
            put c1 k1 via n1",
    },
    Bug {
        name: "waits for all",
        subject: &WAITS_FOR_ALL,
        cluster: USUAL,
        breaks: Guarantee::Available,
        stance: Stance::Owed,
        least: "N=3 R=2 W=2\n\
            get c1 k1 via n1 (to n2 lost)",
    },
    Bug {
        name: "later delivery wins",
        subject: &LATER_DELIVERY_WINS,
        cluster: USUAL,
        breaks: Guarantee::NoLost,
        stance: Stance::Owed,
        least: "N=3 R=2 W=2\n\
            put c1 k1 via n1\n\
            put c1 k1 via n1 blind\n\
            put c1 k1 via n1 blind",
    },
];
