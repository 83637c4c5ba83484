//! Gets a document, a component or an index by its web address: no credential, nothing kept.
//!
//! Does not say whether what was got is any good; whoever asked compares a digest or a signature.

use http::StatusCode;
use portcullis_catalog::WebAddress;
use portcullis_model::{Code, Refusal};

use crate::Egress;
use crate::web::Ask;

impl Egress {
    /// What is at an address: at most so many bytes. Up to three redirects are followed, to https only.
    ///
    /// # Errors
    /// `source-unavailable`, `address-refused`, `encoding-refused` or `response-too-large`.
    pub async fn fetch(&self, address: &WebAddress, max_bytes: usize) -> Result<Vec<u8>, Refusal> {
        let deadline = self.web().deadline();
        let told = self.web().ask(Ask::get(address.clone()), deadline).await?;
        let status = told.response.status();
        if status == StatusCode::OK {
            return told.bytes(max_bytes, deadline).await;
        }
        let what = format!("`{}` answers {} where something was to be had", told.origin, status.as_u16());
        Err(Refusal::new(Code::SourceUnavailable, what).fix("check the address"))
    }
}
