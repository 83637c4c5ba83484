//! Ways to describe that exist only to find out what a plugin does: in a world of another time and chance, and in an
//! instance that stays.
//!
//! No call takes any of them: a call has a fresh instance, and a world that is a function of its input. What comes out of
//! here is to be compared, never sent.

use portcullis_model::{Description, Refusal};
use wasmtime::Store;

use crate::bindings::Plugin as World;
use crate::inert::Nowhere;
use crate::plugin::{Plugin, State};

/// A plugin that is being probed.
#[derive(Clone, Copy)]
pub struct Probing<'p> {
    plugin: &'p Plugin,
}

/// An instance that stays from one description to the next, with whatever it keeps.
pub struct KeptInstance<'p> {
    plugin: &'p Plugin,
    action: String,
    store: Store<State>,
    world: World,
}

impl<'p> Probing<'p> {
    pub(crate) fn of(plugin: &'p Plugin) -> Self {
        Self { plugin }
    }

    /// Whether the plugin has a clock or chance that [`Self::elsewhere`] could make other ones.
    #[must_use]
    pub fn has_world(&self) -> bool {
        !self.plugin.census().imports.is_empty()
    }

    /// Describes in a fresh instance whose clock and chance are others than a call's; `other` says which.
    ///
    /// # Errors
    /// As [`Plugin::describe`].
    pub fn elsewhere(&self, action: &str, input: &str, other: u64) -> Result<Description, Refusal> {
        let world = self.has_world().then(|| Nowhere::elsewhere(&self.plugin.digest(), action, input, other));
        let (mut store, world) = self.plugin.for_call(action, input, world)?;
        self.plugin.call(&mut store, &world, action, input)
    }

    /// An instance that stays, for one action.
    ///
    /// # Errors
    /// `plugin-trapped` or `plugin-timeout` where it cannot be made.
    pub fn keep(&self, action: &str) -> Result<KeptInstance<'p>, Refusal> {
        let nowhere = self.has_world().then(|| Nowhere::new(&self.plugin.digest(), action, ""));
        let (store, world) = self.plugin.for_call(action, "", nowhere)?;
        Ok(KeptInstance { plugin: self.plugin, action: action.to_owned(), store, world })
    }
}

impl KeptInstance<'_> {
    /// Describes one more call in this instance, under the limits and in the world of that call. After a trap it is of no
    /// use any more.
    ///
    /// # Errors
    /// As [`Plugin::describe`]. Memory counts over all calls so far.
    pub fn describe(&mut self, input: &str) -> Result<Description, Refusal> {
        let Self { plugin, action, store, world } = self;
        plugin.takes(input)?;
        if let Some(nowhere) = &mut store.data_mut().nowhere {
            nowhere.renew(&plugin.digest(), action, input);
        }
        plugin.begin(store);
        plugin.call(store, world, action, input)
    }
}
