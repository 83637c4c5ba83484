//! Crashes.

hostile_guests::guest!(|| panic!("on purpose"));
