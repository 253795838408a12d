//! The attribute that registers a conformance test.
