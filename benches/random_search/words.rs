//! What the figures are taken to say.

pub(crate) const WHY_NOT: &str = "
What is kept, and why the rest is not

  weak, bursts  Kept, together: with weak links a write and its repair miss the same replica, which is how reads that
                go back are found; with bursts a node takes a whole side for unreachable, or several lose their disks.
  kept          Kept: with the share of blind writes and of faults drawn as well, more bugs are found by every seed.
  swarm         Not kept: to leave kinds of fault out costs more events on nearly every bug than it saves on a few.
                Of the rates it draws, those that paid are drawn in `kept`.
  swarm+        Not kept: the same, on top of what is kept.
  chains        Not kept: alone it is blind to all that takes a loss, a crash or a disk, for all its bound.
                Only where one undisturbed operation must be late (refuses-what-it-knows) it beats plain.
  chains+       Not kept: beside other faults it costs about what plain does, and has no bound any more.
  cover         Not kept: it saves events on short schedules, mostly by taking the longest and busiest of four. On
                schedules of the default length it saves none (below), and it draws four times.
  novel         Not kept: it costs more events than what it builds on, its second run of each schedule not counted.
  mix           Not kept: each turn that is given to another strategy costs more than it brings, on the hardest too.
";

pub(crate) const WHY_SO_LONG: &str = "
Events for each find differ little between 12 and 360 operations: length neither costs nor saves them. But a search is
given up by schedules, and the longer they are the more of the deep bugs are found in 256. Against still longer ones
speaks what follows a failure: the story, and shrinking, begin with a longer schedule. What is judged at rest, and what
needs an undisturbed cluster, is found with fewer events by short ones. One key misses what takes two; four dilute.
";
