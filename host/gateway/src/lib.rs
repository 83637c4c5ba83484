//! The portcullis binary: doors, commands, and the one sentence that joins the rooms.
