//! From a host name to addresses that may be connected to.
//!
//! The HTTP client asks here and nowhere else, and connects to exactly what it is given: there is no second look-up
//! that could answer differently. Literal addresses never reach a resolver; `client` checks them.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use portcullis_model::{Code, Refusal, Shown};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;

use crate::address::Reach;

/// Looks up host names.
pub trait Resolver: Send + Sync {
    /// All addresses of a host.
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// The machine's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect()) })
    }
}

/// A refusal on its way out through the HTTP client's errors.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct ResolveRefused(pub(crate) Refusal);

/// Gives only checked addresses to the HTTP client.
pub(crate) struct CheckedResolver {
    pub(crate) inner: Arc<dyn Resolver>,
    pub(crate) reach: Reach,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (inner, reach) = (Arc::clone(&self.inner), self.reach);
        Box::pin(async move {
            let addresses = checked(&*inner, reach, name.as_str()).await.map_err(ResolveRefused)?;
            // Port 0 leaves the port to the URL, so that a resolver cannot choose it.
            let addresses: Addrs = Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(addresses)
        })
    }
}

/// All addresses of a host. One that may not be connected to spoils the answer: a service with a public address has
/// no private one beside it, but a name set up for rebinding does.
async fn checked(resolver: &dyn Resolver, reach: Reach, host: &str) -> Result<Vec<IpAddr>, Refusal> {
    let unresolved = |why: &str| {
        Refusal::new(Code::UpstreamUnresolved, format!("`{}` does not resolve{why}", Shown::new(host)))
            .fix(format!("getent ahosts {host}"))
    };
    let addresses = resolver.resolve(host).await.map_err(|_| unresolved(""))?;
    if addresses.is_empty() {
        return Err(unresolved(": the answer is empty"));
    }
    for address in &addresses {
        check(reach, host, *address)?;
    }
    Ok(addresses)
}

/// Checks one address of a host.
pub(crate) fn check(reach: Reach, host: &str, address: IpAddr) -> Result<(), Refusal> {
    reach.check(address).map_err(|block| {
        let host = Shown::new(host);
        let what = match reach {
            Reach::Public => {
                format!("`{host}` is at `{address}`, which is no public address: {} ({})", block.name, block.rfc)
            }
            Reach::Loopback => format!("`{host}` is at `{address}`: expected this machine's loopback ({})", block.rfc),
        };
        let refusal = Refusal::new(Code::AddressRefused, what);
        if reach == Reach::Public && address.is_loopback() {
            return refusal.fix("for a service on this machine, set in portcullis.toml: [ports.NAME] origin = \"http://127.0.0.1:PORT\"");
        }
        refusal.fix(format!("getent ahosts {host}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Answering(Vec<IpAddr>);

    impl Resolver for Answering {
        fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
            Box::pin(std::future::ready(Ok(self.0.clone())))
        }
    }

    #[tokio::test]
    async fn one_address_that_may_not_be_connected_to_spoils_the_answer() -> Result<(), Box<dyn std::error::Error>> {
        for (answer, code) in [
            (&["93.184.215.14", "2606:4700::1"][..], None),
            (&["10.0.0.1"], Some(Code::AddressRefused)),
            (&["93.184.215.14", "10.0.0.1"], Some(Code::AddressRefused)),
            (&["2606:4700::1", "93.184.215.14", "::1"], Some(Code::AddressRefused)),
            (&[], Some(Code::UpstreamUnresolved)),
        ] {
            let answering = Answering(answer.iter().map(|address| address.parse()).collect::<Result<_, _>>()?);
            let given = checked(&answering, Reach::Public, "api.example.com").await;
            assert_eq!(given.as_ref().err().map(Refusal::code), code, "{answer:?}");
            assert!(given.is_err() || given.is_ok_and(|given| given == answering.0), "{answer:?}");
        }
        Ok(())
    }
}
