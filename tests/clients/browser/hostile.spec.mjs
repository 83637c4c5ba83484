/** Text of strangers: shown, whole or visibly cut, and never obeyed. */

import { chat, expect, shot, test } from './desk.mjs';

const hostile = {
    markup: '<img src=x onerror="window.obeyed=1"><h1>Approved</h1><script>window.obeyed=1</script>',
    breakout: '</textarea></pre></title><svg/onload=window.obeyed=1>"\' onfocus=window.obeyed=1 autofocus x="{{7*7}}',
    terminal: '\u001b[2J\u001b]0;owned\u0007\u009b31m',
    bidi: 'pay \u202e000,01 EUR\u202c \u2066hidden\u2069 \u200b\u200d\ufeff',
    emoji: '👩‍👩‍👧‍👦 🏴‍☠️ ﷽ Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!',
    link: 'https://evil.example/ javascript:alert(1)',
};

for (const [kind, text] of Object.entries(hostile)) {
    test(`${kind} in a body is shown and not obeyed`, async ({ desk, agent }) => {
        const approval = await agent.ask(chat(text));
        await desk.goto(`/approvals/${approval}`);
        const body = desk.getByRole('region', { name: 'Body, laid out' });
        await expect(body).toContainText('messages');
        expect(await desk.evaluate(() => window.obeyed), 'nothing ran').toBeUndefined();
        await expect(desk.getByRole('heading', { level: 1 })).toHaveCount(1);
        const { raw, links } = await desk.evaluate(() => ({
            raw: document.querySelector('main').textContent,
            links: [...document.querySelectorAll('a[href]')].map(a => a.href).filter(href => !href.startsWith(location.origin)),
        }));
        expect(links, 'no link leads away').toEqual([]);
        expect(raw, 'no invisible or reordering character is left').not.toMatch(
            /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/,
        );
        await shot(desk, `hostile-${kind}`);
    });
}

test('a megabyte is visibly cut, and can be had whole', async ({ desk, agent }) => {
    const text = 'm'.repeat(900_000);
    const approval = await agent.ask(chat(text));
    await desk.goto(`/approvals/${approval}`);
    await expect(desk.getByRole('note').filter({ hasText: /[\d,]+ of [\d,]+/ }).first()).toBeVisible();
    const waiting = desk.waitForEvent('download');
    await desk.getByRole('link', { name: 'Download the whole body' }).first().click();
    const stream = await (await waiting).createReadStream();
    let size = 0;
    for await (const chunk of stream) size += chunk.length;
    expect(size).toBeGreaterThan(text.length);
    await shot(desk, 'hostile-megabyte');
});

test('a destructive action wants its name typed', async ({ desk, agent }) => {
    const approval = await agent.ask({ name: 'mistral__delete-connector', arguments: { connector_id: '5c3269fe-6a18-4216-b1fb-b093005874cd' } });
    await desk.goto(`/approvals/${approval}`);
    await expect(desk.getByText(/destructive/i).first()).toBeVisible();
    const name = () => desk.getByLabel(/Type mistral\/delete-connector/);
    await expect(desk.getByText('Approve for…')).toHaveCount(0);
    await shot(desk, 'destructive');
    await name().fill('mistral/delete');
    await desk.getByRole('button', { name: 'Approve', exact: true }).click();
    await expect(desk.getByText('its name must be typed, whole')).toBeVisible();
    await desk.goto(`/approvals/${approval}`);
    await name().fill('mistral/delete-connector');
    await desk.getByRole('button', { name: 'Approve', exact: true }).click();
    expect((await agent.outcome(approval)).state).toBe('executed');
});
