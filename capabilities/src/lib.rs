//! How each requirement is tested.
