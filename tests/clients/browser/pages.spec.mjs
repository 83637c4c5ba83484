/** Each page, in both schemes and at both widths: no accessibility fault, nothing cut off, a picture of it kept. */

import AxeBuilder from '@axe-core/playwright';

import { chat, expect, shot, test } from './desk.mjs';

const widths = { phone: 390, desk: 1440 };

async function faultless(page, where) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const told = grave.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' | ')}`);
    expect(told, `${where}: no serious accessibility fault`).toEqual([]);
}

async function fits(page, where) {
    const [wide, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(wide, `${where}: nothing is cut off at the side`).toBeLessThanOrEqual(shown);
    const small = await page.evaluate(() =>
        [...document.querySelectorAll('main button, main summary, nav a')]
            .filter(element => element.checkVisibility())
            .filter(element => element.getBoundingClientRect().height < 24)
            .map(element => element.outerHTML),
    );
    expect(small, `${where}: whatever is pressed can be hit by a finger`).toEqual([]);
}

test('every page is right on a phone and on a desk, by day and by night', async ({ desk, agent }) => {
    test.setTimeout(180_000);
    const done = await agent.call({ name: 'mistral__list-models', arguments: {} });
    const approval = await agent.ask(chat('how is the weather in the mountains? '.repeat(40)));
    const pages = {
        approvals: '/',
        approval: `/approvals/${approval}`,
        activity: '/activity',
        call: `/activity/${done.call}`,
        ports: '/ports',
        port: '/ports/mistral',
        agents: '/agents',
        policy: '/policy',
    };
    for (const [name, path] of Object.entries(pages)) {
        await desk.goto(path);
        await expect(desk.getByRole('heading', { level: 1 })).toHaveCount(1);
        for (const colorScheme of ['light', 'dark']) {
            await desk.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
            for (const [device, width] of Object.entries(widths)) {
                await desk.setViewportSize({ width, height: 844 });
                const where = `${name}, ${device}, ${colorScheme}`;
                await fits(desk, where);
                await faultless(desk, where);
                await shot(desk, `${name}-${width}-${colorScheme}`);
            }
        }
    }
});

test('the sign-in page is right, too, and says what to type', async ({ page }) => {
    await page.goto('/');
    await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
    await expect(page.getByText('portcullis operator link')).toBeVisible();
    await faultless(page, 'sign-in');
    await page.setViewportSize({ width: 390, height: 844 });
    await fits(page, 'sign-in');
    await shot(page, 'sign-in-390');
});
