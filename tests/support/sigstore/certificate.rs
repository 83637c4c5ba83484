//! The authority makes out a certificate to a name, once the log of certificates has it.

use std::time::Duration;

use portcullis_model::Digest;
use rcgen::{
    CertificateParams, CustomExtension, DistinguishedName, KeyPair, KeyUsagePurpose, PublicKeyData as _, SanType,
    SerialNumber, SigningKey as _, date_time_ymd,
};

use super::{LIFE, Logged, Signing, Sigstore};

impl Sigstore {
    /// A certificate with the time at which it was logged in it (RFC 6962, section 3.2): logged first without that, then
    /// made out with it. As DER and as PEM.
    pub(super) fn certificate(&self, signing: &Signing, key: &KeyPair) -> (Vec<u8>, String) {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.serial_number = Some(SerialNumber::from_slice(&[1, 2, 3, 4]));
        params.not_before = date_time_ymd(1970, 1, 1) + Duration::from_secs(signing.begin);
        params.not_after = params.not_before + Duration::from_secs(LIFE);
        let name = signing.identity.as_str().try_into().unwrap();
        params.subject_alt_names = vec![if signing.mail { SanType::Rfc822Name(name) } else { SanType::URI(name) }];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![signing.usage.clone()];
        params.use_authority_key_identifier_extension = true;
        if let Some(issuer) = &signing.issuer {
            let content = der(0x0c, issuer.as_bytes());
            params.custom_extensions.push(CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 57264, 1, 8], content));
        }
        let before = params.signed_by(key, &self.authority).unwrap();
        let log = match signing.logged {
            Logged::Nowhere => return (before.der().to_vec(), before.pem()),
            Logged::Here | Logged::Otherwise => &self.certificates,
            Logged::Elsewhere => &KeyPair::generate().unwrap(),
        };
        let mut said = vec![0, 0];
        let at = (signing.begin * 1000).to_be_bytes();
        said.extend(at);
        said.extend([0, 1]);
        said.extend(Digest::of(&self.authority.key().subject_public_key_info()).as_bytes());
        let mut logged = to_be_signed(before.der()).to_vec();
        if signing.logged == Logged::Otherwise {
            *logged.last_mut().unwrap() ^= 1;
        }
        said.extend(&u32::try_from(logged.len()).unwrap().to_be_bytes()[1..]);
        said.extend(logged);
        said.extend([0, 0]);
        let signature = log.sign(&said).unwrap();
        let mut stamp = vec![0];
        stamp.extend(Digest::of(&self.certificates.subject_public_key_info()).as_bytes());
        stamp.extend(at);
        // No extensions; SHA-256 and ECDSA.
        stamp.extend([0, 0, 4, 3]);
        stamp.extend(length(&signature));
        stamp.extend(signature);
        let list = [&length(&stamp)[..], &stamp].concat();
        let list = [&length(&list)[..], &list].concat();
        let oid = [1, 3, 6, 1, 4, 1, 11129, 2, 4, 2];
        params.custom_extensions.push(CustomExtension::from_oid_content(&oid, der(4, &list)));
        let whole = params.signed_by(key, &self.authority).unwrap();
        (whole.der().to_vec(), whole.pem())
    }
}

/// A DER value of up to 65,535 bytes.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match content.len() {
        short @ 0..128 => bytes.push(u8::try_from(short).unwrap()),
        _ => {
            bytes.push(0x82);
            bytes.extend(length(content));
        }
    }
    bytes.extend(content);
    bytes
}

fn length(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len()).unwrap().to_be_bytes()
}

/// What of a certificate is signed: the first value within the first.
fn to_be_signed(certificate: &[u8]) -> &[u8] {
    let (head, _) = extent(certificate);
    let inner = &certificate[head..];
    let (head, length) = extent(inner);
    &inner[..head + length]
}

/// Bytes of a DER value's head, and of its content.
fn extent(value: &[u8]) -> (usize, usize) {
    match value[1] {
        short @ 0..128 => (2, short.into()),
        long => {
            let digits = usize::from(long - 128);
            let length = value[2..2 + digits].iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit));
            (2 + digits, length)
        }
    }
}
