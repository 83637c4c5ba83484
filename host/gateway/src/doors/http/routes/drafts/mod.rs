//! The routes of drafts, one file each: those of agents who may propose, and those of the operator who decides.

pub(in super::super) mod change;
pub(in super::super) mod create;
pub(in super::super) mod diff;
pub(in super::super) mod list;
pub(in super::super) mod publish;
pub(in super::super) mod reject;
pub(in super::super) mod request;
pub(in super::super) mod show;
pub(in super::super) mod test;
pub(in super::super) mod validate;
pub(in super::super) mod withdraw;

use serde::Deserialize;
use utoipa::ToSchema;

/// Nothing more to say: an empty object.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Empty {}
