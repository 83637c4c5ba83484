/**
 * One browser, one worker: the stories share one host and one queue of approvals.
 *
 * From the environment: PORTCULLIS_URL, PORTCULLIS_BIN, PORTCULLIS_HOME, PORTCULLIS_TOKEN, PORTCULLIS_BROWSER (the
 * program) and PORTCULLIS_SHOTS (the folder that screenshots and traces are kept in). Starts no host.
 */

import { defineConfig } from '@playwright/test';

const { PORTCULLIS_BROWSER, PORTCULLIS_SHOTS, PORTCULLIS_URL } = process.env;

export default defineConfig({
    testDir: '.',
    testMatch: '*.spec.mjs',
    outputDir: `${PORTCULLIS_SHOTS}/failed`,
    workers: 1,
    forbidOnly: true,
    timeout: 60_000,
    expect: { timeout: 10_000 },
    reporter: 'list',
    use: {
        baseURL: PORTCULLIS_URL,
        launchOptions: { executablePath: PORTCULLIS_BROWSER },
        viewport: { width: 1440, height: 900 },
        screenshot: 'only-on-failure',
        trace: 'retain-on-failure',
    },
});
