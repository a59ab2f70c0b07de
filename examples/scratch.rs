use quorate::check::{Demands, Subject};
use quorate::model::*;
use quorate::search::walk::Shape;
use quorate::world::modelled::Modelled;
fn main() {
    let n: u64 = std::env::args().nth(1).map_or(1000, |a| a.parse().unwrap());
    let a: Vec<u8> = std::env::args().skip(2).map(|a| a.parse().unwrap()).collect();
    let cluster = if a.len() == 4 { Cluster::new(a[0], a[1], a[2]).on(a[3]) } else { Cluster::default() };
    let textbook: Modelled<'_, Dotted> = Modelled(&Textbook);
    let subject: &dyn Subject = &textbook;
    let demands = Demands::of_claims(&subject.claims(cluster));
    let mut runner = subject.runner(cluster, 2, demands);
    let shape = Shape::of(cluster);
    let t = std::time::Instant::now();
    let (mut events, mut fails) = (0, 0);
    for i in 0..n {
        let s = shape.schedule(1, i);
        let trial = runner.run(&s);
        events += trial.tally.events;
        if let Some(f) = trial.finding {
            fails += 1;
            if fails < 30 {
                println!("#{i} {}: {}\n{}", f.breakage, f.because, s);
            }
        }
    }
    let e = t.elapsed();
    println!(
        "{n} schedules, {events} events ({:.1} each), {fails} failed, {:?}, {:.0} ns/event",
        events as f64 / n as f64,
        e,
        e.as_nanos() as f64 / events as f64
    );
}
