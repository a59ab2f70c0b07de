use quorate::check::{Demands, Subject};
use quorate::model::*;
use quorate::search::walk::Shape;
use quorate::world::modelled::Modelled;
use quorate::world::schedule::*;
fn main() {
    let cluster = Cluster::default();
    let textbook: Modelled<'_, Dotted> = Modelled(&Textbook);
    let subject: &dyn Subject = &textbook;
    let demands = Demands::of_claims(&subject.claims(cluster));
    let mut runner = subject.runner(cluster, 2, demands);
    let shape = Shape::of(cluster);
    for i in std::env::args().skip(1) {
        let mut s = shape.schedule(1, i.parse().unwrap());
        let b = runner.run(&s).finding.unwrap().breakage;
        loop {
            let before = s.clone();
            let mut k = 0;
            while k < s.steps.len() {
                let mut t = s.clone();
                t.steps.remove(k);
                if runner.run(&t).finding.is_some_and(|f| f.breakage == b) {
                    s = t;
                } else {
                    if let Step::Operation(o) = &s.steps[k] {
                        for e in 0..o.exceptions.len() {
                            let mut t = s.clone();
                            if let Step::Operation(o) = &mut t.steps[k] {
                                if e < o.exceptions.len() {
                                    o.exceptions.remove(e);
                                }
                            }
                            if runner.run(&t).finding.is_some_and(|f| f.breakage == b) {
                                s = t;
                                break;
                            }
                        }
                    }
                    k += 1;
                }
            }
            if s == before {
                break;
            }
        }
        let f = runner.run(&s).finding.unwrap();
        println!("#{i} {}: {}\n{}\n", f.breakage, f.because, s);
    }
}
