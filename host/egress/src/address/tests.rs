//! Every block of the registries, at its first and last address and beside it.

use std::net::IpAddr;

use super::{NotPublic, Reach};

fn judged(text: &str) -> Result<(), &'static str> {
    let address: IpAddr = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
    Reach::Public.check(address).map_err(|NotPublic { name, .. }| name)
}

#[test]
fn public_addresses_are_connected_to() {
    for text in [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "2000::",
        "2001:200::",
        "2001:db7:ffff::1",
        "2001:db9::1",
        "2003::1",
        "2606:4700:4700::1111",
        "2620:4f:7fff::1",
        "2620:4f:8001::1",
        "3ffe:ffff::1",
        "3fff:1000::1",
    ] {
        assert_eq!(judged(text), Ok(()), "{text}");
    }
}

#[test]
fn special_addresses_are_refused_by_the_name_of_their_block() {
    for (text, name) in [
        ("0.0.0.0", "this host on this network"),
        ("0.0.0.1", "this network"),
        ("0.255.255.255", "this network"),
        ("10.0.0.0", "private use"),
        ("10.255.255.255", "private use"),
        ("100.64.0.0", "shared address space"),
        ("100.127.255.255", "shared address space"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.255", "loopback"),
        ("169.254.0.0", "link local"),
        ("169.254.169.254", "link local"),
        ("169.254.255.255", "link local"),
        ("172.16.0.0", "private use"),
        ("172.31.255.255", "private use"),
        ("192.0.0.0", "IPv4 service continuity prefix"),
        ("192.0.0.7", "IPv4 service continuity prefix"),
        ("192.0.0.8", "IPv4 dummy address"),
        ("192.0.0.9", "port control protocol anycast"),
        ("192.0.0.10", "TURN anycast"),
        ("192.0.0.11", "IETF protocol assignments"),
        ("192.0.0.170", "NAT64/DNS64 discovery"),
        ("192.0.0.171", "NAT64/DNS64 discovery"),
        ("192.0.0.255", "IETF protocol assignments"),
        ("192.0.2.1", "documentation (TEST-NET-1)"),
        ("192.31.196.1", "AS112-v4"),
        ("192.52.193.1", "AMT"),
        ("192.88.99.1", "deprecated 6to4 relay anycast"),
        ("192.88.99.2", "6a44 relay anycast"),
        ("192.168.0.0", "private use"),
        ("192.168.255.255", "private use"),
        ("192.175.48.1", "direct delegation AS112 service"),
        ("198.18.0.0", "benchmarking"),
        ("198.19.255.255", "benchmarking"),
        ("198.51.100.7", "documentation (TEST-NET-2)"),
        ("203.0.113.9", "documentation (TEST-NET-3)"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.255", "multicast"),
        ("240.0.0.0", "reserved"),
        ("255.255.255.254", "reserved"),
        ("255.255.255.255", "limited broadcast"),
        ("::", "unspecified address"),
        ("::1", "loopback"),
        ("::2", "IPv4-compatible address"),
        ("::8.8.8.8", "IPv4-compatible address"),
        ("::ffff:127.0.0.1", "IPv4-mapped address"),
        ("::ffff:8.8.8.8", "IPv4-mapped address"),
        ("64:ff9b::7f00:1", "IPv4-IPv6 translation (NAT64)"),
        ("64:ff9b::808:808", "IPv4-IPv6 translation (NAT64)"),
        ("64:ff9b:1::a00:1", "local IPv4-IPv6 translation (NAT64)"),
        ("64:ff9b:1:ffff::1", "local IPv4-IPv6 translation (NAT64)"),
        ("100::1", "discard-only"),
        ("100:0:0:1::1", "dummy prefix"),
        ("2001::1", "Teredo"),
        ("2001:0:7f00:1::", "Teredo"),
        ("2001:1::1", "port control protocol anycast"),
        ("2001:1::2", "TURN anycast"),
        ("2001:1::3", "DNS-SD registration anycast"),
        ("2001:1::4", "IETF protocol assignments"),
        ("2001:2::1", "benchmarking"),
        ("2001:3::1", "AMT"),
        ("2001:4:112::1", "AS112-v6"),
        ("2001:5::1", "IETF protocol assignments"),
        ("2001:10::1", "deprecated ORCHID"),
        ("2001:20::1", "ORCHIDv2"),
        ("2001:30::1", "drone remote ID"),
        ("2001:1ff:ffff::1", "IETF protocol assignments"),
        ("2001:db8::1", "documentation"),
        ("2002:7f00:1::1", "6to4"),
        ("2002:808:808::1", "6to4"),
        ("2620:4f:8000::1", "direct delegation AS112 service"),
        ("3fff::1", "documentation"),
        ("3fff:fff:ffff::1", "documentation"),
        ("4000::1", "outside of global unicast"),
        ("5f00::1", "segment routing SIDs"),
        ("1fff:ffff::1", "outside of global unicast"),
        ("200::1", "outside of global unicast"),
        ("fc00::1", "unique local"),
        ("fdff:ffff::1", "unique local"),
        ("fe80::1", "link local"),
        ("febf::1", "link local"),
        ("fec0::1", "deprecated site local"),
        ("feff::1", "deprecated site local"),
        ("ff02::1", "multicast"),
        ("fe00::1", "outside of global unicast"),
    ] {
        assert_eq!(judged(text), Err(name), "{text}");
    }
}

#[test]
fn an_operators_loopback_origin_reaches_loopback_only() {
    for (text, fine) in [
        ("127.0.0.1", true),
        ("127.8.8.8", true),
        ("::1", true),
        ("::ffff:127.0.0.1", false),
        ("8.8.8.8", false),
        ("10.0.0.1", false),
        ("0.0.0.0", false),
        ("::", false),
        ("64:ff9b::7f00:1", false),
        ("2606:4700::1", false),
    ] {
        let address: IpAddr = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(Reach::Loopback.check(address).is_ok(), fine, "{text}");
    }
}
