//! Says no in words that would rewrite the terminal of whoever reads them.

hostile_guests::guest!(|| {
    Err(portcullis_plugin::Refusal::invalid_input("\u{1b}[2J\u{1b}[1;1Happroved\u{202e}\r\n\u{7}"))
});
