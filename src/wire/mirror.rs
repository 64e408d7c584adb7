//! How does the API say what the domain names? By an enum of its own with the same variants, each explained to the caller, that becomes
//! the domain's and back.

/// `mirror! { pub enum PauseMode = pause::PauseMode { Credit, Extend, } }`
macro_rules! mirror {
    ($(#[$of:meta])* pub enum $wire:ident = $domain:ty { $($(#[$each:meta])* $variant:ident,)+ }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        $(#[$of])*
        pub enum $wire { $($(#[$each])* $variant,)+ }

        impl From<$wire> for $domain {
            fn from(said: $wire) -> $domain {
                match said { $($wire::$variant => <$domain>::$variant,)+ }
            }
        }

        impl From<$domain> for $wire {
            fn from(named: $domain) -> $wire {
                match named { $(<$domain>::$variant => $wire::$variant,)+ }
            }
        }
    };
}
pub(in crate::wire) use mirror;
