/** The reviewer's report as a file: nothing is loaded, nothing runs, and a reader finds the answers they came for. */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';

import { shot } from './desk.mjs';

const { PORTCULLIS_TOKEN: _, ...env } = process.env;
const portcullis = (...args) => execFileSync(env.PORTCULLIS_BIN, args, { env, encoding: 'utf8', maxBuffer: 1 << 26 });

/** Writes the report of the Mistral plugin, opens it, and gives what `inspect --json` says of the same. */
async function opened(page) {
    const file = `${env.PORTCULLIS_SHOTS}/mistral-report.html`;
    writeFileSync(file, portcullis('inspect', 'mistral', '--html'));
    const asked = [];
    page.on('request', request => asked.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    expect(asked, 'nothing but the file itself is loaded').toEqual([pathToFileURL(file).href]);
    return JSON.parse(portcullis('inspect', 'mistral', '--json'));
}

test('a reader sees which hosts, which routes, which of them write, and what a person must approve', async ({ page }) => {
    const { origin, manifest } = await opened(page);
    await expect(page.getByRole('heading', { level: 1, name: 'mistral' })).toBeVisible();
    await expect(page.locator('#host')).toHaveText(origin);

    const rows = page.getByRole('group', { name: 'Table of actions' }).getByRole('row');
    await expect(rows).toHaveCount(manifest.actions.length + 1);
    for (const action of manifest.actions) {
        const row = rows.filter({ has: page.getByRole('rowheader', { name: action.slug, exact: true }) });
        await expect(row).toContainText(`${action.method} ${action.path}`);
        await expect(row).toContainText(action.effect);
        const alone = action.approval === 'automatic' && action.effect === 'read';
        await expect(row).toContainText(alone ? 'runs by itself' : 'a person');
    }
    const named = async id => (await page.locator(`#${id} a`).allTextContents()).sort();
    const slugs = wanted => manifest.actions.filter(wanted).map(({ slug }) => slug).sort();
    expect(await named('writes')).toEqual(slugs(({ effect }) => effect !== 'read'));
    expect(await named('approved')).toEqual(
        slugs(({ approval, effect }) => approval === 'require_approval' || effect !== 'read'),
    );
    await page.getByLabel('In short').getByRole('link', { name: 'chat-complete' }).first().click();
    await expect(page.locator('#action-chat-complete')).toBeInViewport();
});

test('it is right on a phone and on a desk, by day, by night and on paper', async ({ page }) => {
    await opened(page);
    for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        for (const [device, width] of Object.entries({ phone: 390, desk: 1440 })) {
            await page.setViewportSize({ width, height: 844 });
            const where = `report, ${device}, ${colorScheme}`;
            const [wide, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
            expect(wide, `${where}: nothing is cut off at the side`).toBeLessThanOrEqual(shown);
            const { violations } = await new AxeBuilder({ page }).analyze();
            const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
            expect(grave.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), where).toEqual([]);
            await shot(page, `report-${width}-${colorScheme}`);
        }
    }
    const folded = page.locator('details pre').first();
    await expect(folded).toBeHidden();
    await page.emulateMedia({ media: 'print' });
    await expect(folded, 'what is folded on a screen is on paper').toBeVisible();
    const pdf = await page.pdf({ path: `${env.PORTCULLIS_SHOTS}/mistral-report.pdf`, format: 'A4' });
    expect(pdf.length).toBeGreaterThan(10_000);
});
