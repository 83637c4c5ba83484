"""A loopback stand-in of the Mistral API: models, chat completions, and an empty object for every other route.

Wants the bearer token in MISTRAL_TOKEN. Prints its origin when it listens. Checks no body and keeps nothing.
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = os.environ["MISTRAL_TOKEN"]
MODELS = ["mistral-small-latest", "mistral-medium-latest", "mistral-embed"]


def answer(method, path, body):
    """The value that a route answers with."""
    match method, path:
        case "GET", "/v1/models":
            models = [{"id": id, "object": "model", "created": 1_760_000_000, "owned_by": "mistralai"} for id in MODELS]
            return {"object": "list", "data": models}
        case "POST", "/v1/chat/completions":
            asked = json.loads(body)
            message = {"role": "assistant", "content": f"You said: {asked['messages'][-1]['content']}"}
            return {
                "id": "cmpl-1", "object": "chat.completion", "created": 1_760_000_000, "model": asked["model"],
                "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                "usage": {"prompt_tokens": 4, "completion_tokens": 6, "total_tokens": 10},
            }
        case _:
            return {}


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def handle_any(self):
        """Answers one request of any method."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers.get("authorization") != f"Bearer {TOKEN}":
            return self.send(401, {"detail": "Unauthorized"})
        try:
            value = answer(self.command, self.path.partition("?")[0], body)
        except (ValueError, KeyError, IndexError, TypeError):
            return self.send(422, {"detail": "not understood"})
        return self.send(200, value)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def send(self, status, value):
        """Writes the answer in one piece."""
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Nothing: a failing step shows its own output."""


with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
