//! What a conformance test is written with.
