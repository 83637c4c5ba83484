//! Imports an interface that nobody knows.

#[allow(missing_docs, unreachable_pub, unsafe_code, clippy::all, reason = "generated from the text below")]
mod reach {
    wit_bindgen::generate!({
        inline: "
            package hostile:reach;
            package evil:corp@1.0.0 {
                interface backdoor {
                    open: func() -> u32;
                }
            }
            world reach {
                import evil:corp/backdoor@1.0.0;
            }
        ",
        generate_all,
    });
}

hostile_guests::guest!(|| {
    std::hint::black_box(reach::evil::corp::backdoor::open());
    Ok(hostile_guests::harmless_request())
});
