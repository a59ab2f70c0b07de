//! A panic inside somebody's protocol is a finding, not a crash of ours.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use crate::escape::Escaped;

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static CAUGHT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs this; returns a panic as its message and its place, and prints nothing.
///
/// # Errors
/// The panic's message, with file and line.
pub(crate) fn catching<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !CATCHING.get() {
                return before(info);
            }
            let (payload, none) = (info.payload(), "a panic without a message");
            let literal = payload.downcast_ref::<&str>().copied();
            let said = literal.or_else(|| payload.downcast_ref().map(String::as_str)).unwrap_or(none);
            let place = info.location().map(|at| format!(", at {}:{}", at.file(), at.line()));
            let said = Escaped(said);
            CAUGHT.set(Some(format!("it panicked: {said}{}", place.unwrap_or_default())));
        }));
    });
    let before = CATCHING.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(run));
    CATCHING.set(before);
    outcome.map_err(|_| CAUGHT.take().unwrap_or_else(|| "it panicked".to_owned()))
}
