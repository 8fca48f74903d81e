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


test('the audit, and what it undoes', 'audit', async (editor) => {
    await editor.call('PUT', editor.at, { mode: 'on', variant: 'card' }, 'bert');
    await editor.call('PUT', editor.at, { mode: 'off' }, 'carla');
    await editor.call('PUT', 'desks/audit/paused', true, '<i>dora</i>');
    await editor.reads(/data-editorial=/, false);

    const page = await editor.open('#/audit');
    const entries = page.locator('.entry');
    const of = (who) => entries.filter({ hasText: who });

    await page.getByLabel('To what').fill('audit');
    await eventually('three of them', async () => await entries.count() === 3);
    assert.match(await entries.first().innerText(), /<i>dora<\/i>/,
                 'the last is the first');

    await page.getByLabel('Who').fill('BERT');
    await eventually('one of them', async () => await entries.count() === 1);
    await page.getByLabel('Who').fill('');
    await page.getByLabel('Did what').selectOption('Desk paused or not');
    await eventually('one of them', async () => await entries.count() === 1);
    await page.getByLabel('Did what').selectOption('Anything');

    await of('carla').getByText('Before and after').click();

    const diff = of('carla').locator('.diff');

    await diff.locator('.diff-gone', { hasText: '"variant": "card"' })
              .waitFor();
    await diff.locator('.diff-come', { hasText: '"mode": "off"' }).waitFor();

    await of('dora').getByRole('button', { name: 'Undo' }).click();
    await editor.agree(page, 'Undo');
    await page.getByText('Undone.').waitFor();
    assert.equal((await editor.call('GET', 'desks/audit/paused')).data.paused,
                 false);

    await of('bert').getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('dialog').getByText('It has been changed again since')
              .waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' })
              .click();
    await of('carla').getByRole('button', { name: 'Undo' }).click();
    assert.equal(await page.getByRole('dialog').getByText('again since')
                           .count(), 0);
    await editor.agree(page, 'Undo');
    await editor.reads(/data-editorial="read_more\/card"/);

    await of('bert').getByRole('button', { name: 'Undo' }).click();
    await editor.agree(page, 'Undo');
    await editor.reads(/data-editorial="read_more\/box"/);
    assert.equal((await editor.call('GET', editor.at)).data.source, 'config');

    const record = 'article?id=%2Faudit%2Fstory';

    await editor.call('PUT', record, { features: { read_more: 'off' } }, 'eve');
    await editor.reads(/data-editorial="read_more/, false);
    await page.reload();
    await page.getByLabel('To what').fill('/audit/story');
    await of('eve').getByText('Written for the first time.').waitFor();
    await of('eve').getByRole('button', { name: 'Undo' }).click();
    await editor.agree(page, 'Undo');
    await editor.reads(/data-editorial="read_more\/box"/);
    assert.equal((await editor.call('GET', record)).status, 404);
});


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
