//! Whether an address may be connected to.
//!
//! Judges one address at a time. Does not resolve names; `resolver` brings every answer here.

use std::net::{IpAddr, Ipv6Addr};

use crate::special;

/// Why an address is not connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotPublic {
    /// The registry's name for its block.
    pub(crate) name: &'static str,
    /// Where the block is defined.
    pub(crate) rfc: &'static str,
}

/// What an origin lets a connection go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Public addresses only.
    Public,
    /// This machine only; the operator said so.
    Loopback,
}

/// Global unicast space that IANA has given out at all (RFC 4291, section 2.4). What is outside of it is refused
/// without a table entry, so that a block defined tomorrow is refused today.
const GLOBAL_UNICAST_BITS: u32 = 3;
const GLOBAL_UNICAST: Ipv6Addr = Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0);

impl Reach {
    /// Checks one address.
    pub(crate) fn check(self, address: IpAddr) -> Result<(), NotPublic> {
        match self {
            Self::Public => public(address),
            // `is_loopback` is false for `::ffff:127.0.0.1`: no embedded form gets through here either.
            Self::Loopback if address.is_loopback() => Ok(()),
            Self::Loopback => Err(NotPublic { name: "not loopback", rfc: "RFC 6761, section 6.3" }),
        }
    }
}

fn public(address: IpAddr) -> Result<(), NotPublic> {
    match address {
        IpAddr::V4(address) => match special::ipv4(address) {
            Some(block) => Err(NotPublic { name: block.name, rfc: block.rfc }),
            None => Ok(()),
        },
        // Forms that embed an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo) are refused as blocks, whatever
        // they embed: a public service has an address of its own.
        IpAddr::V6(address) => match special::ipv6(address) {
            Some(block) => Err(NotPublic { name: block.name, rfc: block.rfc }),
            None if (address.to_bits() ^ GLOBAL_UNICAST.to_bits()).leading_zeros() >= GLOBAL_UNICAST_BITS => Ok(()),
            None => Err(NotPublic { name: "outside of global unicast", rfc: "RFC 4291" }),
        },
    }
}

#[cfg(test)]
mod tests;
