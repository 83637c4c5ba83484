"""A loopback stand-in of the service that the starters speak to: notebooks of one account, with notes in them.

Wants the bearer token in NOTES_TOKEN. Prints its origin when it listens, and then each request, a line of JSON each.
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

TOKEN = os.environ["NOTES_TOKEN"]
NOTES = {"work": [{"id": "note-1", "title": "Road map"}, {"id": "note-2", "title": "Call the printer"}]}


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def handle_any(self):
        """Answers one request, and tells of it."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        url = urlsplit(self.path)
        query = parse_qsl(url.query, strict_parsing=bool(url.query))
        print(json.dumps({"method": self.command, "path": url.path, "query": query, "body": body}), flush=True)
        if self.headers.get("authorization") != f"Bearer {TOKEN}":
            return self.send(401, {"error": "who are you?"})
        match [unquote(part) for part in url.path.split("/")]:
            case ["", "v1", "notebooks", notebook, "notes"] if notebook in NOTES:
                return self.answer(NOTES[notebook], dict(query), body)
            case _:
                return self.send(404, {"error": "no such notebook"})

    do_GET = do_POST = handle_any

    def answer(self, notes, query, body):
        """Finds notes, or adds one."""
        if self.command == "POST":
            note = {"id": f"note-{len(notes) + 1}", **json.loads(body)}
            notes.append(note)
            return self.send(201, {"id": note["id"]})
        words = query.get("words", "").lower().split()
        found = [note for note in reversed(notes) if all(word in note["title"].lower() for word in words)]
        return self.send(200, {"notes": found[: int(query.get("limit", 20))]})

    def send(self, status, value):
        """Writes the answer in one piece."""
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Nothing: each request is told already."""


with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
