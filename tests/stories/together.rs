//! Eight processes at once on one home: every read is on record, and an approval that four of them give is sent once.

use crate::home::{Ended, Home, random};
use crate::tap::Tap;

const TOKEN: &str = "together-token-0123456789";

#[test]
fn eight_processes_share_a_home_and_send_an_approval_once() {
    let tap = Tap::quiet();
    let home = Home::holding(tap.origin(), TOKEN);
    let mut reads = 0;
    for _ in 0..5 {
        let marker = random();
        let id = home.hold(&format!(r#"{{"model":"m","messages":[{{"role":"user","content":"{marker}"}}]}}"#));
        let markers: Vec<String> = (0..4).map(|_| random()).collect();
        let mut children = Vec::new();
        for marker in &markers {
            let input = format!(r#"{{"search":"{marker}"}}"#);
            children.push(home.start(["run", "mistral/list-agents", "--input", &input, "--json"]));
            children.push(home.start(["approvals", "approve", &id, "--yes", "--json"]));
        }
        let ended: Vec<Ended> = children.into_iter().map(|child| child.wait_with_output().unwrap().into()).collect();
        let (reading, approving): (Vec<_>, Vec<_>) = ended.into_iter().enumerate().partition(|(n, _)| n % 2 == 0);
        for (_, read) in reading {
            assert_eq!(read.exits(0).json()["status"], 200);
            reads += 1;
        }
        let (sent, refused): (Vec<_>, Vec<_>) = approving.into_iter().map(|(_, e)| e).partition(|e| e.code == Some(0));
        assert_eq!(sent.len(), 1, "{sent:#?}");
        for refused in refused {
            refused.refused("approval-used");
        }
        assert_eq!(tap.count(&marker), 1);
        assert!(markers.iter().all(|marker| tap.count(marker) == 1));
    }
    let rows = home.rows();
    let count = |kind: &str| rows.iter().filter(|row| row["kind"] == kind).count();
    assert_eq!((count("intent"), count("outcome"), count("unknown")), (reads + 5, reads + 5, 0));
    assert_eq!(home.run(["audit", "verify", "--json"]).exits(0).json()["rows"], rows.len());
}
