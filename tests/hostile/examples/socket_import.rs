//! Imports TCP sockets.

#[allow(missing_docs, unreachable_pub, unsafe_code, clippy::all, reason = "generated from the text below")]
mod reach {
    wit_bindgen::generate!({
        inline: "
            package hostile:reach;
            package wasi:sockets@0.2.6 {
                interface tcp-create-socket {
                    create-tcp-socket: func() -> u32;
                }
            }
            world reach {
                import wasi:sockets/tcp-create-socket@0.2.6;
            }
        ",
        generate_all,
    });
}

hostile_guests::guest!(|| {
    std::hint::black_box(reach::wasi::sockets::tcp_create_socket::create_tcp_socket());
    Ok(hostile_guests::harmless_request())
});
