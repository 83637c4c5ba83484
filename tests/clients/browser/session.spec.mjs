/** Who is signed in, and until when: links, tabs, frames, planted cookies. */

import { chat, expect, newLink, portcullis, shot, signIn, test } from './desk.mjs';

test('a link signs in once', async ({ page, browser }) => {
    const link = await newLink();
    await signIn(page, link);
    expect(page.url(), 'the link leaves the address bar').not.toContain('#');
    const other = await (await browser.newContext()).newPage();
    await other.goto(link);
    await expect(other.getByRole('alert')).toContainText('no link or token that is good now');
    await expect(other.getByRole('heading', { name: 'Approvals' })).toHaveCount(0);
    await other.context().close();
});

test('a tab that is open when the person signs out in another can do nothing more', async ({ desk, agent }) => {
    const approval = await agent.ask(chat('still here?'));
    const tab = await desk.context().newPage();
    await tab.goto(`/approvals/${approval}`);
    await expect(tab.getByRole('button', { name: 'Approve', exact: true })).toBeVisible();

    const nobody = page => expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
    await desk.getByRole('button', { name: 'Sign out' }).click();
    await nobody(desk);
    // The tab may have noticed by itself that nobody is signed in any more, and then there is nothing to press.
    await tab.getByRole('button', { name: 'Approve', exact: true }).click({ timeout: 3000 }).catch(() => {});
    await nobody(tab);
    const waiting = await portcullis('approvals', 'list');
    expect(waiting.map(({ id }) => id)).toContain(approval);
    // Wherever the way back leads, nothing of before is shown there.
    await desk.goBack();
    await expect(desk.getByText('chat-complete')).toHaveCount(0);
    await desk.goto('/');
    await nobody(desk);
});

test('a cookie planted before sign-in is not the session after it', async ({ context, page, baseURL }) => {
    const planted = 'a'.repeat(43);
    await context.addCookies([{ name: 'portcullis_session', value: planted, url: baseURL }]);
    await signIn(page);
    const cookies = (await context.cookies()).filter(({ name }) => name === 'portcullis_session');
    expect(cookies).toHaveLength(1);
    expect(cookies[0].value).not.toBe(planted);
    expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
});

test('the page shows in no frame, and its cookie follows no other site', async ({ desk, agent, baseURL }) => {
    const approval = await agent.ask(chat('click me'));
    // The same address under another name is another site.
    const elsewhere = baseURL.replace('127.0.0.1', 'localhost');
    const attack = await desk.context().newPage();
    await attack.route(`${elsewhere}/attack`, route =>
        route.fulfill({ contentType: 'text/html', body: `<iframe src="${baseURL}/approvals/${approval}"></iframe>` }),
    );
    await attack.goto(`${elsewhere}/attack`);
    const frame = attack.frames().find(frame => frame !== attack.mainFrame());
    expect(await frame.content(), 'the frame stays empty').not.toContain('chat-complete');

    const forged = await attack.evaluate(
        url => fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include' }).then(() => 'sent', () => 'kept'),
        `${baseURL}/approvals/${approval}/approve`,
    );
    expect(forged, 'not even that there was an answer is told to another site').toBe('kept');
    expect((await portcullis('approvals', 'list')).map(({ id }) => id)).toContain(approval);
    await shot(attack, 'framed');
});
