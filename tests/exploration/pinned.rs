//! How many states small worlds have.

use quorate::prelude::*;
use quorate::search::explore::Scope;

use super::world::{built_in, claimed, plain, reduced};

#[test]
fn probe() {
    for (n, r, w, operations) in [(1, 1, 1, 2), (2, 1, 1, 2), (3, 2, 2, 1), (3, 2, 2, 2), (2, 2, 1, 3)] {
        let textbook = built_in("textbook");
        let cluster = Cluster::new(n, r, w);
        let scope = Scope::of(cluster, operations);
        let demands = claimed(textbook, cluster);
        let began = std::time::Instant::now();
        let few = reduced(textbook, &demands, &scope);
        let t1 = began.elapsed();
        let all = plain(textbook, &demands, &scope);
        println!("{few}\n  {t1:?} {} B/state\n{all}\n {:?}", few.bytes / few.states, began.elapsed() - t1);
    }
}
