//! The log of signatures takes an entry, and proves that it did.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis_model::Digest;
use rcgen::{PublicKeyData as _, SigningKey as _};
use serde_json::{Value, json};

use super::{Entry, Signing, Sigstore};

/// The place of the entry in the log.
const OWN: usize = 3;

impl Sigstore {
    /// An entry of the log of signatures: the fourth of six leaves, with the way to the root and the log's word for that.
    pub(super) fn entry(&self, signing: &Signing, body: &[u8]) -> Value {
        let leaves = leaves(body);
        let root = root_of(&leaves);
        let spki = self.signatures.subject_public_key_info();
        let id = Digest::of(&spki);
        let note = format!("log.acme.test\n{}\n{}\n", leaves.len(), STANDARD.encode(root));
        let mut line = id.as_bytes()[..4].to_vec();
        line.extend(self.signatures.sign(note.as_bytes()).unwrap());
        let mut entry = json!({
            "logIndex": OWN.to_string(), "logId": {"keyId": STANDARD.encode(id.as_bytes())},
            "inclusionProof": {
                "logIndex": OWN.to_string(), "rootHash": STANDARD.encode(root), "treeSize": leaves.len().to_string(),
                "hashes": path_of(OWN, &leaves).iter().map(|hash| STANDARD.encode(hash)).collect::<Vec<_>>(),
                "checkpoint": {"envelope": format!("{note}\n\u{2014} log.acme.test {}\n", STANDARD.encode(line))},
            },
            "canonicalizedBody": STANDARD.encode(body),
        });
        match signing.entry {
            Entry::Dsse => {
                let promised = json!({
                    "body": STANDARD.encode(body), "integratedTime": signing.at, "logID": id.to_hex(), "logIndex": OWN,
                });
                let promise = self.signatures.sign(promised.to_string().as_bytes()).unwrap();
                entry["kindVersion"] = json!({"kind": "dsse", "version": "0.0.1"});
                entry["integratedTime"] = json!(signing.at.to_string());
                entry["inclusionPromise"] = json!({"signedEntryTimestamp": STANDARD.encode(promise)});
            }
            Entry::HashedRekord => entry["kindVersion"] = json!({"kind": "hashedrekord", "version": "0.0.2"}),
        }
        entry
    }
}

/// The way to the root of another entry of the same log.
pub(super) fn path_of_another(body: &[u8]) -> Vec<String> {
    path_of(OWN - 1, &leaves(body)).iter().map(|hash| STANDARD.encode(hash)).collect()
}

type Hash = [u8; 32];

fn leaves(own: &[u8]) -> Vec<Hash> {
    let mut leaves: Vec<Hash> = (0..6_u8).map(|other| hash(&[&[0], &[other]])).collect();
    leaves[OWN] = hash(&[&[0], own]);
    leaves
}

/// Root of a tree (RFC 6962, section 2.1).
fn root_of(leaves: &[Hash]) -> Hash {
    let [leaf] = leaves else {
        let (left, right) = leaves.split_at(middle(leaves));
        return hash(&[&[1], &root_of(left), &root_of(right)]);
    };
    *leaf
}

/// Way from a leaf to the root (RFC 6962, section 2.1.1).
fn path_of(leaf: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(middle(leaves));
    let (mut path, beside) = match leaf.checked_sub(left.len()) {
        None => (path_of(leaf, left), root_of(right)),
        Some(leaf) => (path_of(leaf, right), root_of(left)),
    };
    path.push(beside);
    path
}

fn middle(leaves: &[Hash]) -> usize {
    leaves.len().next_power_of_two() / 2
}

fn hash(parts: &[&[u8]]) -> Hash {
    *Digest::of(&parts.concat()).as_bytes()
}
