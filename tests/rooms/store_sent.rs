//! How often calls were sent: never counted too few, and looked at again at the last moment. And which rules held.

use portcullis_policy::{
    AuditTicket, Decision, Opening, OperatorApproval, RuleFile, RuleSet, Rules, Sent, Situation, decide,
};
use portcullis_store::{AuditFilter, Store};

use crate::store_support::{agent, call_id, open, open_at, open_call, outcome, read_permit, routed, runtime};

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;

fn sent(store: &Store, now_ms: u64) -> Sent {
    store.sent(&agent(), &"test/read".parse().unwrap(), now_ms).unwrap()
}

async fn send(store: &Store, now_ms: u64) {
    open_call(store, read_permit(now_ms), now_ms).await.close(store, outcome()).await.unwrap();
}

#[test]
fn a_call_counts_for_the_whole_window_and_at_most_a_minute_longer() {
    let dir = tempfile::tempdir().unwrap();
    let began_ms = 1_767_780_000_000 + 59_999;
    let (store, clock) = open_at(dir.path(), began_ms);
    runtime().block_on(async {
        send(&store, began_ms).await;
        let at = |later_ms| {
            let Sent { calls, calls_of_agent } = sent(&store, began_ms + later_ms);
            assert_eq!(calls, calls_of_agent);
            (calls.minute, calls.hour, calls.day)
        };
        assert_eq!(at(0), (1, 1, 1));
        assert_eq!((at(MINUTE_MS), at(2 * MINUTE_MS)), ((1, 1, 1), (0, 1, 1)));
        assert_eq!((at(HOUR_MS), at(HOUR_MS + MINUTE_MS)), ((0, 1, 1), (0, 0, 1)));
        assert_eq!((at(24 * HOUR_MS), at(24 * HOUR_MS + MINUTE_MS)), ((0, 0, 1), (0, 0, 0)));
        // Another action counts for the agent alone, another agent not at all.
        let other = store.sent(&agent(), &"test/write".parse().unwrap(), began_ms).unwrap();
        assert_eq!((other.calls.day, other.calls_of_agent.day), (0, 1));
        let nobody = store.sent(&"nobody".parse().unwrap(), &"test/read".parse().unwrap(), began_ms).unwrap();
        assert_eq!(nobody, Sent::default());
        clock.set(began_ms + 26 * HOUR_MS);
        store.prune(began_ms + 26 * HOUR_MS, 0).unwrap();
        assert_eq!(sent(&store, began_ms), Sent::default(), "what no window reaches is forgotten");
    });
}

#[test]
fn a_permit_that_rests_on_a_count_is_worth_nothing_once_that_has_grown() {
    let dir = tempfile::tempdir().unwrap();
    let (store, now_ms) = (open(dir.path()), crate::store_support::now_ms());
    let text = "forbid (principal, action == Action::\"invokeUnattended\", resource) when { context.calls.day >= 10 };";
    let file = RuleFile { name: "cap.cedar".to_owned(), text: text.to_owned() };
    let capped = RuleSet::new(Rules::default(), &[file]).unwrap();
    let permit = |rules: &RuleSet| {
        let situation = Situation { sent: Some(sent(&store, now_ms)), ..Situation::at(now_ms) };
        match decide(routed("read"), agent(), rules, &situation) {
            Decision::Allowed(permit) => permit,
            other => panic!("{other:?}"),
        }
    };
    runtime().block_on(async {
        let (first, second, careless) = (permit(&capped), permit(&capped), permit(&RuleSet::default()));
        let open = |permit| AuditTicket::try_open(&store, call_id(), permit, now_ms);
        assert!(matches!(open(first).await.unwrap(), Opening::Open(_)));
        assert!(matches!(open(second).await.unwrap(), Opening::Moved(_)));
        assert_eq!(sent(&store, now_ms).calls.day, 1, "what was not opened is not counted");
        assert!(matches!(open(careless).await.unwrap(), Opening::Open(_)), "it rests on no count");
        assert!(matches!(open(permit(&capped)).await.unwrap(), Opening::Open(_)), "decided again, it holds");
    });
}

#[test]
fn a_change_of_the_rules_is_on_record_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let plain = RuleSet::default();
    let mut words = Rules::default();
    words.set("test/read".parse().unwrap(), OperatorApproval::Deny);
    let strict = RuleSet::bundled(words);
    let rows = || {
        let filter = AuditFilter { kind: Some("policy-changed".to_owned()), ..AuditFilter::default() };
        store.audit().list(&filter).unwrap()
    };
    runtime().block_on(async {
        assert!(store.rules_hold(&plain).await.unwrap());
        assert_eq!(rows().len(), 0, "nobody said anything yet");
        for (rules, changed, count) in [(&strict, true, 1), (&strict, false, 1), (&plain, true, 2), (&plain, false, 2)]
        {
            assert_eq!((store.rules_hold(rules).await.unwrap(), rows().len()), (changed, count));
        }
    });
    let newest = &rows()[0].body;
    assert_eq!(
        (newest["from"].as_str(), newest["to"].as_str()),
        (Some(strict.digest().to_string().as_str()), Some(plain.digest().to_string().as_str()),)
    );
}
