/**
 * The two people of each story: an operator with a browser, and an agent with the official MCP client.
 *
 * Nothing here knows how the page is made: things are found by role and name, as a person finds them.
 */

import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { test as base, expect } from '@playwright/test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const env = process.env;
const run = promisify(execFile);

/** A command of the operator's, who holds no agent's token. */
export async function portcullis(...args) {
    const { PORTCULLIS_TOKEN: _, ...own } = env;
    const { stdout } = await run(env.PORTCULLIS_BIN, [...args, '--json'], { env: own });
    return JSON.parse(stdout);
}

/** A sign-in link that nobody has used. */
export const newLink = async () => (await portcullis('operator', 'link')).link;

/** Follows a sign-in link to the list of what waits. */
export async function signIn(page, link) {
    await page.goto(link ?? (await newLink()));
    await expect(page.getByRole('heading', { level: 1, name: 'Approvals' })).toBeVisible();
}

/** Keeps a picture of a page, whole. */
export const shot = (page, name) => page.screenshot({ path: `${env.PORTCULLIS_SHOTS}/${name}.png`, fullPage: true });

/** What a chat asks for. */
export const chat = (content, more = {}) => ({
    name: 'mistral__chat-complete',
    arguments: { model: 'mistral-small-latest', messages: [{ role: 'user', content }], ...more },
});

class Agent {
    #client = new Client({ name: 'browser-story', version: '1.0.0' });

    async connect() {
        const requestInit = { headers: { authorization: `Bearer ${env.PORTCULLIS_TOKEN}` } };
        await this.#client.connect(new StreamableHTTPClientTransport(new URL(`${env.PORTCULLIS_URL}/mcp`), { requestInit }));
    }

    /** Calls a tool; gives its structured answer. */
    async call(tool) {
        return (await this.#client.callTool(tool)).structuredContent;
    }

    /** Calls a tool that a person must see; gives the approval's name without waiting for them. */
    async ask(tool) {
        const held = await this.call({ ...tool, arguments: { ...tool.arguments, _portcullis: { waitMs: 0 } } });
        expect(held.state).toBe('pending');
        return held.approval;
    }

    /** What became of an approval, waiting for a person. */
    outcome(approval) {
        return this.call({ name: 'portcullis__result', arguments: { approval, waitMs: 10_000 } });
    }

    close() {
        return this.#client.close();
    }
}

/** `desk`: a signed-in page on the approvals. `agent`: a connected agent. Ends with nothing left waiting. */
export const test = base.extend({
    desk: async ({ page }, use) => {
        const faults = [];
        page.on('pageerror', error => faults.push(error.message));
        // What the content security policy blocks, the browser reports in the console.
        page.on('console', line => /content security policy/i.test(line.text()) && faults.push(line.text()));
        await signIn(page);
        await use(page);
        expect(faults, 'no script fails, and nothing is blocked').toEqual([]);
    },
    agent: async ({}, use) => {
        const agent = new Agent();
        await agent.connect();
        await use(agent);
        await agent.close();
        for (const { id } of await portcullis('approvals', 'list')) await portcullis('approvals', 'reject', id);
    },
});

export { expect };
