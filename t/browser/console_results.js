/* What a test says, and what is done about it. */

import assert from 'node:assert/strict';
import fs from 'node:fs';

import { redis, test } from './console_editor.js';


/* Counts of another server: [day, arm, exposures, clicks, finishes]. */
const counted = (editor, id, ...rows) => redis(
    'HSET', `editorial:stats:${editor.desk}:read_more:${id}`,
    ...rows.flatMap(([day, arm, ...counts]) =>
        ['exposure', 'click', 'finish'].flatMap((event, i) =>
            [`other:1:${day}:${arm}:${event}`, counts[i]])));

const begin = (editor, id, weights) => editor.call('PUT', editor.at, {
    mode: 'test', id, weights
});


test('a test that says to wait, one that is broken', 'results',
    async (editor) => {
        await begin(editor, 'R1', { box: 50, off: 50 });

        const page = await editor.open('#/results');

        await page.getByRole('link', { name: 'Read More boxes' }).first()
                  .waitFor();
        await page.getByText('results', { exact: true }).waitFor();
        await page.goto(page.url().replace(/#.*/,
                                           '#/results/results/read_more'));
        await page.getByRole('heading', {
            name: 'Nobody has been counted yet'
        }).waitFor();

        await counted(editor, 'R1', ['2026-11-20', 'box', 210, 10, 90],
                      ['2026-11-21', 'box', 190, 9, 80],
                      ['2026-11-20', 'off', 205, 0, 90],
                      ['2026-11-21', 'off', 195, 0, 84]);
        await page.reload();
        await page.getByRole('heading', { name: 'Keep waiting' }).waitFor();
        assert.equal(await page.getByRole('button', { name: /all readers/ })
                               .count(), 0, 'nobody has won');

        const cells = page.getByRole('row', { name: /^box/ });

        await cells.first().getByText('400').waitFor();
        await cells.first().getByText('4.8%').waitFor();
        await page.getByRole('row', { name: /^nothing/ }).getByText('400')
                  .waitFor();

        await begin(editor, 'R2', { box: 50, off: 50 });
        await counted(editor, 'R2', ['2026-11-20', 'box', 3000, 100, 900],
                      ['2026-11-20', 'off', 2000, 0, 600]);
        await page.reload();
        await page.getByRole('heading', { name: 'The split is broken' })
                  .waitFor();
        await page.getByText('“box” was to get 50% of the readers and got '
                             + '60.0%').waitFor();
        assert.equal(await page.getByRole('button', { name: /all readers/ })
                               .count(), 0, 'nobody has won');

        await page.goto(page.url() + '?test=R1');
        await page.getByText('This test no longer runs.').waitFor();
    });


test('the winner is given to all', 'winner', async (editor) => {
    await begin(editor, 'W1', { box: 50, card: 50 });
    await counted(editor, 'W1', ['2026-11-19', 'box', 5000, 250, 2000],
                  ['2026-11-20', 'box', 5000, 240, 2010],
                  ['2026-11-19', 'card', 5010, 350, 2000],
                  ['2026-11-20', 'card', 5000, 362, 1990]);

    const page = await editor.open('#/results/winner/read_more');

    await page.getByRole('heading', { name: '“card” leads' }).waitFor();
    await page.getByText('7.1% of their readers click, against 4.9% with '
                         + '“box”').waitFor();

    /* the plot: a line and a band for each, and no letter on another */
    assert.equal(await page.locator('.chart').first()
                           .locator('.chart-line').count(), 2);
    assert.deepEqual(await page.locator('.chart').first().evaluate((svg) => {
        const boxes = [...svg.querySelectorAll('text')].map(
            (text) => text.getBoundingClientRect());
        const own = svg.getBoundingClientRect();

        return boxes.filter((a, i) => a.right > own.right + 1
            || a.left < own.left - 1 || boxes.some(
            (b, j) => j > i && a.left < b.right && b.left < a.right
                      && a.top + 2 < b.bottom && b.top + 2 < a.bottom)).length;
    }), 0);

    const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download the figures' }).click()
    ]);

    assert.equal(download.suggestedFilename(), 'winner-read_more-W1.csv');

    const lines = fs.readFileSync(await download.path(), 'utf8')
                  .trim().split('\r\n');

    assert.equal(lines[0],
                 '"test","day","variant","exposures","clicks","finishes"');
    assert.ok(lines.includes('"W1","2026-11-19","card","5010","350","2000"'));
    assert.equal(lines.length, 5);

    await page.getByRole('button', { name: 'Give all readers “card”' }).click();
    await editor.agree(page, 'Do it');
    await page.getByText('This test no longer runs.').waitFor();
    await editor.reads(/data-editorial="read_more\/card"/);
    await editor.reads(/data-editorial-test=/, false);

    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone: the test goes on.').waitFor();
    assert.equal((await editor.call('GET', editor.at)).data.state.id, 'W1');
});
