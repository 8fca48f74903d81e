/* Purge, audit and status. */

import assert from 'node:assert/strict';

import { eventually, redis, test, TWO } from './console_editor.js';


test('pages are purged', 'purge', async (editor) => {
    const stored = async (site) =>
        /hit/.test((await editor.read(site)).headers.get('Cache-Status'));

    await eventually('it is stored', () => stored());
    await eventually('it is stored there', () => stored(TWO));

    const page = await editor.open('#/purge');

    await page.getByLabel('Address', { exact: true }).fill('/purge/story');
    await page.getByRole('button', { name: 'Purge' }).click();
    await page.getByText('1 page was taken out of the cache.').waitFor();
    assert.equal(await stored(), false);

    await page.getByRole('radio', { name: 'A tag' }).check();
    await page.getByLabel('Tag', { exact: true }).fill('nosuchtag');
    await page.getByRole('button', { name: 'Purge' }).click();
    await page.getByText('No page was stored there.').waitFor();

    await page.getByRole('radio', { name: 'One address' }).check();
    await page.getByLabel('Address', { exact: true }).fill('gopher://x');
    await page.getByRole('button', { name: 'Purge' }).click();
    await page.locator('.toast-problem').waitFor();
    assert.equal(await page.getByLabel('Address', { exact: true })
                           .inputValue(), 'gopher://x',
                 'what was typed is kept');

    await page.getByRole('radio', { name: 'Everything' }).check();
    await page.getByRole('button', { name: 'Purge' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' })
              .click();
    assert.equal(await redis('EXISTS', 'editorial:gen'), ':0',
                 'nothing without a yes');

    await page.getByRole('button', { name: 'Purge' }).click();
    await editor.agree(page, 'Purge everything');
    await page.getByText(/taken out of the cache|No page was/).waitFor();
    assert.equal(await redis('GET', 'editorial:gen'), '1');
}, { alone: true });


test('how the servers are', 'audit', async (editor) => {
    await editor.read();

    const page = await editor.open('#/status');
    const card = (name) => page.locator('.card').filter(
        { has: page.getByRole('heading', { name }) });

    await card('Servers').getByText('All 2 hold the same states.').waitFor();
    assert.equal(await card('Servers').getByRole('row').count(), 3);
    await card('Redis').getByText('It answers.').waitFor();
    await card('Redis').getByText('closed').waitFor();
    await card('Memory').getByText(/of 7\.\d MB|of 8\.0 MB/).waitFor();

    await redis('HSET', 'editorial:desk:audit', 'disclaimer', '{"mode":3}');
    await card('What is wrong').getByText('audit/disclaimer').waitFor();
    await redis('HDEL', 'editorial:desk:audit', 'disclaimer');
    await page.getByText('audit/disclaimer').waitFor({ state: 'detached' });
});
