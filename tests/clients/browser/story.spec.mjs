/** From an agent's call to its answer, with a person in between who has a keyboard and no mouse. */

import { chat, expect, shot, test } from './desk.mjs';

/** Moves the focus as the Tab key does, until it stands on what is wanted. */
async function tabTo(page, wanted) {
    for (let steps = 0; steps < 60; steps++) {
        await page.keyboard.press('Tab');
        if (await wanted.evaluate(element => element === document.activeElement)) return;
    }
    throw new Error('the Tab key does not lead there');
}

test('a call waits, a person approves it by keyboard, the call returns, Activity tells the story', async ({ desk, agent }) => {
    const words = 'hello from the desk';
    const started = agent.call(chat(words, { _portcullis: { waitMs: 30_000 } }));
    const row = desk.getByRole('link', { name: /mistral\/chat-complete/ }).first();
    await expect(row).toBeVisible();
    await expect(desk).toHaveTitle(/^\(1\) /);
    await shot(desk, 'approvals-1440');

    await tabTo(desk, row);
    await desk.keyboard.press('Enter');
    await expect(desk.getByRole('heading', { level: 1, name: /chat-complete/ })).toBeVisible();
    await expect(desk.getByText(process.env.PORTCULLIS_UPSTREAM).first()).toBeVisible();
    await expect(desk.getByText(words).first()).toBeVisible();
    await shot(desk, 'approval-1440');

    await tabTo(desk, desk.getByRole('button', { name: 'Approve', exact: true }));
    await desk.keyboard.press('Enter');
    const answer = await started;
    expect(answer.state).toBe('executed');
    expect(answer.result.choices[0].message.content).toBe(`You said: ${words}`);
    await expect(desk.locator('article[data-state="executed"]')).toContainText('status 200');
    await shot(desk, 'approved-1440');

    await desk.getByRole('link', { name: 'Activity' }).click();
    await expect(desk.getByRole('heading', { level: 1, name: 'Activity' })).toBeVisible();
    await shot(desk, 'activity-1440');
    await desk.getByRole('link', { name: answer.call }).first().click();
    for (const room of ['sandbox', 'egress']) await expect(desk.getByText(room).first()).toBeVisible();
    await expect(desk.getByText('intent').first()).toBeVisible();
    await expect(desk.getByText('outcome').first()).toBeVisible();
    await shot(desk, 'call-1440');
});

test('what begins to wait is on an open page within a second, and gone when it is decided elsewhere', async ({ desk, agent }) => {
    const approval = await agent.ask(chat('seen at once'));
    // The agent's answer and the page's news leave the host at the same time; a second is what a person is promised.
    const shown = desk.locator(`a[href$="/approvals/${approval}"]`).first();
    await expect(shown).toBeVisible({ timeout: 1000 });
    await expect(desk).toHaveTitle(/^\(1\) /);
    const icon = await desk.locator('link[rel~="icon"]').getAttribute('href');

    const { portcullis } = await import('./desk.mjs');
    await portcullis('approvals', 'reject', approval, '--reason', 'not now');
    await expect(shown).toHaveCount(0);
    await expect(desk).toHaveTitle(/^[^(]/);
    expect(await desk.locator('link[rel~="icon"]').getAttribute('href'), 'the icon tells, too').not.toBe(icon);
});

test('a no with its reason reaches the agent', async ({ desk, agent }) => {
    const approval = await agent.ask(chat('refuse me'));
    await desk.goto(`/approvals/${approval}`);
    await desk.getByLabel(/reason/i).fill('wrong <b>model</b>');
    await desk.getByRole('button', { name: 'Reject' }).click();
    await expect(desk.getByText('wrong <b>model</b>').first()).toBeVisible();
    const outcome = await agent.outcome(approval);
    expect(outcome).toMatchObject({ state: 'refused', code: 'denied' });
    expect(outcome.message).toContain('wrong <b>model</b>');
});

test('a second call shows how it differs from the first', async ({ desk, agent }) => {
    const first = await agent.ask(chat('the same', { temperature: 0.1 }));
    await desk.goto(`/approvals/${first}`);
    await desk.getByRole('button', { name: 'Approve', exact: true }).click();
    expect((await agent.outcome(first)).state).toBe('executed');

    const second = await agent.ask(chat('the same', { temperature: 0.9 }));
    await desk.goto(`/approvals/${second}`);
    const diff = desk.getByRole('region', { name: 'What is different' });
    await expect(diff).toContainText('"temperature": 0.1');
    await expect(diff).toContainText('"temperature": 0.9');
    await shot(desk, 'diff-1440');
});

test('a yes for an hour lets the next call through, until it is revoked', async ({ desk, agent }) => {
    const approval = await agent.ask(chat('again and again', { max_tokens: 7 }));
    await desk.goto(`/approvals/${approval}`);
    await desk.getByText('Approve for…').click();
    await desk.getByLabel('For', { exact: true }).selectOption('an hour');
    await desk.getByRole('checkbox', { name: /messages/ }).first().check();
    await shot(desk, 'approve-for-1440');
    await desk.getByRole('button', { name: 'Approve in advance' }).click();
    expect((await agent.outcome(approval)).state).toBe('executed');

    const next = await agent.call(chat('other words', { max_tokens: 7 }));
    expect(next.state).toBe('executed');
    const other = await agent.ask(chat('other words', { max_tokens: 8 }));
    expect(other).toMatch(/^apr-/);

    await desk.goto('/');
    await shot(desk, 'standing-1440');
    const end = desk.getByRole('button', { name: /^End / });
    await end.click();
    await expect(end).toHaveCount(0);
    await agent.ask(chat('other words', { max_tokens: 7 }));
});
