import asyncio, os
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

async def main():
    headers = {"Authorization": f"Bearer {os.environ['PORTCULLIS_TOKEN']}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        async with Client(streamable_http_client("http://127.0.0.1:11821/mcp", http_client=http)) as client:
            print([tool.name for tool in (await client.list_tools()).tools])
            models = await client.call_tool("mistral__list-models", {})
            print(models.structured_content["result"]["data"][0]["id"])
            chat = {"model": "mistral-small-latest", "messages": [{"role": "user", "content": "hi"}]}
            answer = (await client.call_tool("mistral__chat-complete", chat)).structured_content
            while answer["state"] == "pending":  # portcullis approvals approve apr-… --yes
                print("waiting for", answer["approval"], flush=True)
                ask = {"approval": answer["approval"], "waitMs": 10_000}
                answer = (await client.call_tool("portcullis__result", ask)).structured_content
            if answer["state"] != "executed":  # a person said no, or nobody decided in time
                raise SystemExit(answer["message"])
            print(answer["result"]["choices"][0]["message"]["content"])

asyncio.run(main())
