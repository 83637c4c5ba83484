host=http://127.0.0.1:11821
call() { curl -sS -w '\n' -H "authorization: Bearer $PORTCULLIS_TOKEN" "$@"; }

call $host/v1/ports
call $host/v1/ports/mistral/actions
call $host/v1/actions/mistral/list-models/execute --json '{"responseMode": "compact"}'

# 202 with a Location: a person is asked, and types `portcullis approvals approve apr-… --yes` elsewhere.
# The same key again would give the same outcome again, and send nothing.
call -i $host/v1/actions/mistral/chat-complete/execute --json '{
  "input": {"model": "mistral-small-latest", "messages": [{"role": "user", "content": "hi"}]},
  "idempotencyKey": "greeting-1"
}' | tee answer.txt
approval=$(grep -o -m 1 'apr-[0-9a-z]*' answer.txt | head -n 1)
call "$host/v1/approvals/$approval?waitMs=60000"
