/**
 * The story of an agent, told by the official TypeScript client: find, read, ask, wait for a person, fetch the outcome.
 *
 *     story.mjs stdio|http REVISION cli|http
 *
 * REVISION is the protocol revision that must be agreed on; the last word says how the person approves: by the command
 * line, or by the operator's HTTP route. From the environment: PORTCULLIS_BIN, PORTCULLIS_HOME, PORTCULLIS_TOKEN, and
 * for the HTTP door PORTCULLIS_URL and PORTCULLIS_OPERATOR_TOKEN. Prints a line a check and stops at the first that
 * fails. Doesn't start a service, and doesn't look at what the service received.
 */

import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const env = process.env;
const words = 'hello from TypeScript';
const chat = { model: 'mistral-small-latest', messages: [{ role: 'user', content: words }] };
// The client's default is the handshake; a pin has no way back to it.
const modes = { '2025-11-25': 'legacy', '2026-07-28': { pin: '2026-07-28' } };

/** Stops the story where something doesn't hold. */
function must(holds, what, seen) {
    if (!holds) throw new Error(`${what}: ${JSON.stringify(seen)}`);
}

/** The same, and says what holds. */
function check(holds, what, seen) {
    must(holds, what, seen);
    console.log(`ok  ${what}`);
}

const approve = {
    /** The operator approves in a terminal, which has no agent's token: with one the command would refuse. */
    async cli(approval) {
        const { PORTCULLIS_TOKEN: _, ...own } = env;
        await promisify(execFile)(env.PORTCULLIS_BIN, ['approvals', 'approve', approval, '--yes'], { env: own });
    },
    /** The operator approves with their own token. */
    async http(approval) {
        const headers = { authorization: `Bearer ${env.PORTCULLIS_OPERATOR_TOKEN}`, 'content-type': 'application/json' };
        const url = `${env.PORTCULLIS_URL}/v1/approvals/${approval}/approve`;
        const answer = await fetch(url, { method: 'POST', headers, body: '{}' });
        check(answer.status === 200, "the operator's route approves", answer.status);
    },
};

const doors = {
    // The client hands down few variables; all are needed here, the credential in one of them included.
    stdio: () => new StdioClientTransport({ command: env.PORTCULLIS_BIN, args: ['mcp'], env: { ...env } }),
    http: () =>
        new StreamableHTTPClientTransport(new URL(`${env.PORTCULLIS_URL}/mcp`), {
            requestInit: { headers: { authorization: `Bearer ${env.PORTCULLIS_TOKEN}` } },
        }),
};

/** A tool says all that a client's author wants to know of it. */
function checkTools(list) {
    const tools = new Map(list.map(tool => [tool.name, tool]));
    check(tools.size === list.length, `${list.length} tools, each once`, [...tools.keys()]);
    const wanted = ['mistral__list-models', 'mistral__chat-complete', 'portcullis__result'];
    check(wanted.every(name => tools.has(name)), `listed: ${wanted.join(', ')}`, [...tools.keys()]);
    for (const tool of list) {
        const schemas = tool.inputSchema.type === 'object' && tool.outputSchema;
        must(tool.title && tool.description && tool.annotations && schemas, `${tool.name} says all of itself`, tool);
    }
    check(true, 'every tool has title, description, schemas and annotations');
    const [reads, writes] = wanted.map(name => tools.get(name).annotations);
    check(reads.readOnlyHint === true, 'list-models only reads', reads);
    check(writes.readOnlyHint === false, "chat-complete doesn't only read", writes);
    // Left out, both hints would mean yes by the protocol's defaults.
    check(typeof writes.destructiveHint === 'boolean', 'chat-complete says whether it destroys', writes);
    check(writes.openWorldHint === true, 'chat-complete reaches out', writes);
}

/** The structured answer, which the client has checked against the tool's schema; there must be text too. */
function outcome(result) {
    must(!result.isError, 'no error', result);
    must(result.structuredContent?.state, 'a structured answer', result);
    must(result.content.some(block => block.type === 'text' && block.text), 'an answer in text', result);
    return result.structuredContent;
}

/** From the first listing to the outcome. */
async function story(client, person) {
    // Without a cursor the client walks every page itself.
    checkTools((await client.listTools()).tools);

    const read = outcome(await client.callTool({ name: 'mistral__list-models', arguments: {} }));
    check(read.state === 'executed' && read.ok === true && read.status === 200, 'list-models runs', read);
    check(read.action === 'mistral/list-models', 'the answer names its action', read);
    check(read.result.data.length > 0, 'there are models', read);
    check(Number.isInteger(read.audit), 'the answer names its audit row', read);

    const heard = [];
    const options = { onprogress: step => heard.push(step.progress) };
    const held = outcome(await client.callTool({ name: 'mistral__chat-complete', arguments: chat }, options));
    check(held.state === 'pending' && held.approval.startsWith('apr-'), 'chat-complete waits', held);
    check(JSON.stringify(held.request).includes(words), 'the exact request is shown', held);
    check(heard.length > 0, `progress was heard while waiting (${heard.length} times)`);
    check(heard.every((step, at) => at === 0 || heard[at - 1] < step), 'and it only ever rises', heard);

    const ask = waitMs => ({ name: 'portcullis__result', arguments: { approval: held.approval, waitMs } });
    const still = outcome(await client.callTool(ask(0)));
    check(still.state === 'pending', 'asked for too early, the outcome is still pending', still);

    await approve[person](held.approval);
    const done = outcome(await client.callTool(ask(10_000)));
    check(done.state === 'executed' && done.ok === true, 'after approval it is executed', done);
    const said = done.result.choices[0].message.content;
    check(said === `You said: ${words}`, 'and the assistant answers', done);

    const again = outcome(await client.callTool(ask(0)));
    check(again.call === done.call, 'fetched again, it is the same call', again);

    const nobody = { name: 'portcullis__result', arguments: { approval: 'apr-0000000000000000' } };
    const refused = await client.callTool(nobody);
    const known = refused.isError && refused.structuredContent.code === 'approval-unknown';
    check(known, 'an approval of nobody is refused, and by code', refused);
}

const [transport, revision, person] = process.argv.slice(2);
const client = new Client({ name: 'story', version: '1.0.0' }, { versionNegotiation: { mode: modes[revision] } });
try {
    await client.connect(doors[transport](), { timeout: 120_000 });
    const spoken = client.getNegotiatedProtocolVersion();
    check(spoken === revision, `revision ${revision} is spoken`, spoken);
    await story(client, person);
} catch (error) {
    console.error(`FAILED ${error.message}`);
    process.exitCode = 1;
} finally {
    await client.close();
}
