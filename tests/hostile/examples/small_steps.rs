//! Takes memory a page at a time and does not heed the no.

hostile_guests::guest!(|| {
    loop {
        #[cfg(target_arch = "wasm32")]
        std::hint::black_box(core::arch::wasm32::memory_grow::<0>(1));
        #[cfg(not(target_arch = "wasm32"))]
        std::hint::spin_loop();
    }
});
