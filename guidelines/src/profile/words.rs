//! The words of a profile.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Makes an enumeration whose variants are written as in a profile.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$about:meta])* $variant:ident,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name { $($(#[$about])* $variant,)+ }

        impl $name {
            /// Every word.
            pub const ALL: &'static [&'static str] = &[$(stringify!($variant)),+];

            /// The word as a profile writes it.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)+ }
            }
        }

        impl Word for $name {
            const ALL: &'static [&'static str] = Self::ALL;

            fn of(word: &str) -> Option<Self> {
                match word { $(stringify!($variant) => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

/// One of a few words.
pub(super) trait Word: Sized {
    const ALL: &'static [&'static str];
    fn of(word: &str) -> Option<Self>;
}

words! {
    /// Whether something must be there to be read.
    Read {
        /// In every instance.
        Mandatory,
        /// In one instance at least.
        Supported,
        /// Recommended, and not required.
        Recommended,
        /// Required where the service has what it is about.
        IfImplemented,
        /// Required unless the resource says that it is absent.
        IfPopulated,
        /// Required only where a condition says so.
        Conditional,
        /// It must not be there.
        Excluded,
        /// Not required; listed for clarity.
        None,
    }
}

words! {
    /// Whether a property must be writable.
    Write {
        /// In every instance.
        Mandatory,
        /// In one instance at least.
        Supported,
        /// Recommended, and not required.
        Recommended,
        /// It may be read only.
        None,
    }
}

words! {
    /// Whether a feature of the protocol, or the description of an action, must be there.
    Demand {
        /// Required.
        Mandatory,
        /// Recommended, and not required.
        Recommended,
        /// Not required.
        None,
    }
}

words! {
    /// How values are compared.
    Comparison {
        /// The property is not there.
        Absent,
        /// Among all instances, one of the values is found.
        AnyOf,
        /// Among all instances, each of the values is found.
        AllOf,
        /// The value is one of those listed.
        Equal,
        /// The value must be one of those listed.
        NotEqual,
        /// The number is greater.
        GreaterThan,
        /// The number is greater or the same.
        GreaterThanOrEqual,
        /// The number is less.
        LessThan,
        /// The number is less or the same.
        LessThanOrEqual,
        /// The property is there.
        Present,
        /// The property links to a resource of one of these types.
        LinkToResource,
        /// The number is between the first and the second value.
        Range,
        /// The text matches one of these regular expressions.
        Pattern,
    }
}
