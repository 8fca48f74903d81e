/* Desks: switches, splits, pauses, and what readers then see. */

import assert from 'node:assert/strict';

import { eventually, pause, redis, resume, SITE, test }
    from './console_editor.js';


const BOX = /data-editorial="read_more\/box"/;
const CARD = /data-editorial="read_more\/card"/;
const PIECE = /data-editorial="read_more/;


const shares = (card) => card.getByRole('spinbutton').evaluateAll(
    (inputs) => inputs.map(({ value }) => Number(value)));


test('a feature is switched off, and on again by undoing it', 'switch',
    async (editor) => {
        await editor.reads(BOX);

        const page = await editor.open();
        const card = editor.card(page);

        await card.getByText('All readers see Read More boxes as “box”.')
                  .waitFor();
        await card.getByText('As the configuration has it.').waitFor();
        await card.getByRole('radio', { name: 'Off' }).check();
        await card.getByText('Not saved yet').waitFor();
        await editor.reads(BOX);

        await card.getByRole('button', { name: 'Save' }).click();

        const asked = await page.getByRole('dialog').innerText();

        assert.match(asked, /Now\s+All readers see Read More boxes as “box”/);
        assert.match(asked, /From then on\s+Readers see no Read More boxes/);
        await editor.agree(page);

        await editor.reads(PIECE, false);
        await card.getByText('Changed by anna').waitFor();
        await card.getByText('All 2 servers have it.').waitFor();
        assert.equal(await card.getByText('Not saved yet').isVisible(), false);

        await page.getByRole('button', { name: 'Undo' }).click();
        await page.getByText('Undone.').waitFor();
        await editor.reads(BOX);
        await card.getByText('As the configuration has it.').waitFor();
    });


test('another variant, from a list', 'kept', async (editor) => {
    const page = await editor.open();
    const card = editor.card(page);

    await card.getByRole('radio', { name: 'card' }).check();
    await card.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' })
              .click();
    assert.equal(await card.getByRole('radio', { name: 'card' }).isChecked(),
                 true, 'what was chosen is kept');
    await editor.reads(BOX);

    await card.getByRole('button', { name: 'Save' }).click();
    await editor.agree(page);
    await editor.reads(CARD);

    await card.getByRole('radio', { name: 'Off' }).check();
    await card.getByRole('button', { name: 'Discard' }).click();
    assert.equal(await card.getByRole('radio', { name: 'On' }).isChecked(),
                 true, 'what holds is back');

    await card.getByRole('radio', { name: 'Off' }).check();
    await page.getByRole('link', { name: 'Purge' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stay' })
              .click();
    assert.equal(await card.getByRole('radio', { name: 'Off' }).isChecked(),
                 true, 'it is asked before work is lost');
});


test('a test, whose shares always add up', 'split', async (editor) => {
    const page = await editor.open();
    const card = editor.card(page);
    const total = async () => {
        const now = await shares(card);

        assert.equal(now.reduce((a, b) => a + b), 100, now.join(' + '));

        return now;
    };

    await card.getByRole('radio', { name: 'Test' }).check();
    assert.deepEqual(await total(), [50, 50, 0]);

    const slider = (name) => card.getByRole('slider', { name });
    const number = (name) => card.getByRole('spinbutton', { name });

    await slider('box').fill('33');
    assert.deepEqual(await total(), [33, 67, 0]);
    await slider('nothing').fill('50');
    await total();
    await number('box').fill('7');
    await total();
    await number('nothing').fill('200');
    assert.deepEqual(await total(), [0, 0, 100]);

    await card.getByRole('button', { name: 'Save' }).click();
    await card.getByText('A test needs two parts at least').waitFor();

    await card.getByRole('button', { name: 'Split evenly' }).click();
    assert.deepEqual(await total(), [34, 33, 33]);

    await slider('card').fill('0');
    await number('box').fill('60');
    assert.deepEqual(await total(), [60, 0, 40]);
    await card.getByText('Three in five of the readers see Read More boxes as '
                         + '“box”, two in five see none.').waitFor();

    await card.getByRole('button', { name: 'Save' }).click();
    await editor.agree(page);
    await card.getByText('Changed by anna').waitFor();

    const { data } = await editor.call('GET', editor.at);

    assert.equal(data.state.mode, 'test');
    assert.deepEqual(data.state.weights, { box: 60, off: 40 });
    assert.ok(data.state.id);
    await editor.reads(/data-editorial-test="read_more"/);

    let seen = 0;

    for (let bucket = 0; bucket < 200; bucket++) {
        seen += BOX.test((await editor.read(undefined, bucket * 50)).text);
    }

    assert.ok(seen > 90 && seen < 150, `${seen} of 200 see it`);

    await slider('box').fill('80');
    await card.getByRole('button', { name: 'Save' }).click();
    await editor.agree(page);
    await eventually('the test is the same', async () => {
        const { data: now } = await editor.call('GET', editor.at);

        return now.state.weights.box === 80 && now.state.id === data.state.id;
    });

    await card.getByRole('checkbox', { name: /Begin a new test/ }).check();
    await card.getByRole('button', { name: 'Save' }).click();
    await editor.agree(page);
    await eventually('the test is another', async () => {
        const { data: now } = await editor.call('GET', editor.at);

        return now.state.id !== data.state.id;
    });
});


test('by the keyboard alone', 'keyboard', async (editor) => {
    const page = await editor.open();
    const card = editor.card(page);
    const focused = () => page.evaluate(() => {
        const { activeElement: at } = document;
        const box = at.closest('article, dialog, header, .toast');

        return [at.getAttribute('aria-label') || at.value || at.textContent,
                box && (box.querySelector('h2, h3, h4')?.textContent ?? ''),
                at.closest('section')?.querySelector('h2').textContent ?? ''];
    });

    const tabTo = async (...wanted) => {
        for (let i = 0; i < 400; i++) {
            await page.keyboard.press('Tab');

            const now = await focused();

            if (wanted.every((text, k) => now[k].trim() === text)) {
                return;
            }
        }

        throw new Error(`no Tab leads to ${wanted}`);
    };

    await card.waitFor();
    await page.keyboard.press('Tab');
    assert.equal((await focused())[0], 'Skip to the content');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
    assert.equal(await page.getByRole('heading', { name: 'Desks' }).count(), 1,
                 'the view is still there');

    await tabTo('on', 'Read More boxes', 'keyboard');
    await page.keyboard.press('ArrowLeft');
    await tabTo('Save', 'Read More boxes', 'keyboard');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal((await focused())[0], 'Save', 'the focus is back');
    await editor.reads(BOX);

    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();

    const ring = await page.evaluate(
        () => getComputedStyle(document.activeElement).outlineStyle);

    assert.equal(ring, 'solid', 'the focus is seen');
    assert.equal((await focused())[0], 'go', 'and on the answer');
    await page.keyboard.press('Enter');
    await editor.reads(PIECE, false);
    await page.getByText('Read More boxes saved.').waitFor();

    await tabTo('Undo');
    await page.keyboard.press('Enter');
    await editor.reads(BOX);

    await tabTo('Dismiss');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.toast').count(), 0, 'Escape closes');
});


test('two editors at once', 'conflict', async (anna, create) => {
    const bert = await create('bert');
    const [hers, his] = [await anna.open(), await bert.open()];
    const [card, other] = [anna.card(hers), bert.card(his)];

    await card.getByRole('radio', { name: 'Off' }).check();
    await other.getByRole('radio', { name: 'card' }).check();
    await other.getByRole('button', { name: 'Save' }).click();
    await bert.agree(his);
    await bert.reads(CARD);

    const save = card.getByRole('button', { name: 'Save', exact: true });

    if (await save.isVisible()) {
        await save.click();
        await anna.agree(hers);
    }

    await card.getByText('Meanwhile somebody else has changed this').waitFor();

    const said = await card.locator('.conflict').innerText();

    assert.match(said, /Theirs\s+All readers see Read More boxes as “card”/);
    assert.match(said, /Changed by bert/);
    assert.match(said, /Yours\s+Readers see no Read More boxes/);
    await anna.reads(CARD);

    await card.getByRole('button', { name: 'Save mine instead' }).click();
    await anna.reads(PIECE, false);
    await card.getByText('Changed by anna').waitFor();

    await other.getByText('Changed by anna').waitFor();
    assert.equal(await other.getByRole('radio', { name: 'Off' }).isChecked(),
                 true, 'who only looks is shown what holds');
});


test('what was decided meanwhile may be kept', 'late', async (editor) => {
    const page = await editor.open();
    const card = editor.card(page);

    await card.getByRole('radio', { name: 'Off' }).check();
    assert.equal((await editor.call('PUT', editor.at, {
        mode: 'on', variant: 'card'
    })).status, 200);

    await card.getByRole('button', { name: 'Keep theirs' }).click();
    assert.equal(await card.getByRole('radio', { name: 'card' }).isChecked(),
                 true);
    await card.getByText('Changed by bert').waitFor();
    await editor.reads(CARD);
});


test('a desk is paused, and goes on', 'pause', async (editor) => {
    const page = await editor.open();
    const desk = page.getByRole('region', { name: 'pause', exact: true });

    await editor.reads(BOX);
    await desk.getByRole('button', { name: 'Pause the desk' }).click();
    await editor.agree(page, 'Pause');
    await editor.reads(/data-editorial=/, false);
    await desk.getByText('Paused: readers see no furniture').waitFor();
    await editor.card(page).getByText('On, paused').waitFor();

    await desk.getByRole('button', { name: 'Let the desk go on' }).click();
    await editor.agree(page, 'Go on');
    await editor.reads(BOX);
    await desk.getByText('Paused: readers').waitFor({ state: 'detached' });
});


test('back to the configuration', 'reset', async (editor) => {
    await editor.call('PUT', editor.at, { mode: 'off' });
    await editor.reads(PIECE, false);

    const page = await editor.open();
    const card = editor.card(page);

    await card.getByText('Changed by bert').waitFor();
    await card.getByRole('button', { name: 'Back to the configuration' })
              .click();
    await editor.agree(page, 'Drop it');
    await editor.reads(BOX);
    await card.getByText('As the configuration has it.').waitFor();

    await page.getByRole('button', { name: 'Undo' }).click();
    await editor.reads(PIECE, false);
});


test('times are here’s, and UTC there', 'dates', async (editor) => {
    const page = await editor.open();
    const card = editor.card(page);

    await card.getByRole('radio', { name: 'card' }).check();
    await card.getByText('Start and end').click();
    await card.getByText('Times are those of America/New_York.').waitFor();
    await card.getByLabel('Starts').fill('2033-07-01T09:00');
    await card.getByLabel('Ends').fill('2033-07-01T09:00');
    await card.getByText('The end is not after the start.').waitFor();
    await card.getByRole('button', { name: 'Save' }).click();
    assert.equal(await page.getByRole('dialog').count(), 0,
                 'it is not asked about what is wrong');

    await card.getByLabel('Ends').fill('2033-12-01T09:30');
    await card.getByRole('button', { name: 'Save' }).click();
    await editor.agree(page);
    await card.getByText('1 Jul 2033, 09:00 GMT-4').waitFor();
    await card.getByText('1 Dec 2033, 09:30 GMT-5').waitFor();
    await card.getByText('On, to come').waitFor();

    const { data: { state } } = await editor.call('GET', editor.at);

    assert.equal(Date.parse(state.starts), Date.UTC(2033, 6, 1, 13));
    assert.equal(Date.parse(state.ends), Date.UTC(2033, 11, 1, 14, 30));
    await editor.reads(BOX);

    await card.getByRole('radio', { name: 'Off' }).check();
    await card.getByRole('button', { name: 'Save' }).click();
    await editor.agree(page);
    await editor.reads(PIECE, false);
    assert.deepEqual((await editor.call('GET', editor.at)).data.state,
                     { mode: 'off' }, 'another decision has times of its own');
}, { context: { timezoneId: 'America/New_York' } });


test('names are text', 'hostile', async (editor, create) => {
    const evil = '<img src=x onerror="window.pwned=1">\u202e';
    const user = encodeURIComponent(evil);

    await editor.call('PUT', editor.at, { mode: 'off' },
                      '<b>Zo\u00eb</b>'.replace('\u00eb', 'e'));
    await redis('HSET', 'editorial:desk:hostile', 'pull_quote',
                JSON.stringify({ mode: 'on', variant: evil }));

    const page = await editor.open();
    const card = editor.card(page);

    await card.getByText('<b>Zoe</b>').waitFor();
    await editor.card(page, 'Pull quotes')
                .getByText('is not a variant').waitFor();

    for (const hash of ['#/audit', '#/status', '#/work', '#/results',
                        `#/results/${user}/${user}?test=${user}`, `#/${user}`,
                        `#/audit?user=${user}`, '#/%']) {
        await page.goto(`${page.url().split('#')[0]}${hash}`);
        await page.locator('h1').waitFor();
        assert.equal(await page.evaluate(() => window.pwned), undefined, hash);
        assert.equal(await page.locator('main img, main b').count(), 0, hash);
    }
});


test('while Redis is away nothing is lost', 'away', async (editor) => {
    const page = await editor.open();
    const card = editor.card(page);
    const save = async () => {
        await card.getByRole('button', { name: 'Save' }).click();
        await editor.agree(page);
    };

    await card.getByRole('radio', { name: 'card' }).check();
    pause();
    await save();
    await page.getByRole('alert').getByText('Redis is away.').waitFor();
    assert.equal(await card.getByRole('radio', { name: 'card' }).isChecked(),
                 true, 'what was chosen is kept');
    assert.equal(await card.getByText('Not saved yet').isVisible(), true);
    assert.match((await editor.read()).text, BOX, 'readers have their page');

    resume();
    await eventually('it is saved', async () => {
        if (await card.getByText('Changed by anna').isVisible()) {
            return true;
        }

        await save();
        await page.waitForTimeout(500);

        return false;
    });
    await editor.reads(CARD);
    await page.getByText('Redis is away.').waitFor({ state: 'detached' });

    await page.context().setOffline(true);
    await card.getByRole('radio', { name: 'Off' }).check();
    await save();
    await page.locator('#banners').getByText('The server does not answer.')
              .waitFor();
    assert.equal(await card.getByText('Not saved yet').isVisible(), true);
    await page.context().setOffline(false);
    await page.locator('#banners').getByText('The server does not answer.')
              .waitFor({ state: 'detached' });
    await save();
    await editor.reads(PIECE, false);
}, { alone: true });


test('what stands before the console says no', 'news', async (editor) => {
    const page = await editor.open();
    const card = editor.card(page);
    const answered = async (answer, text) => {
        await page.route('**/console/api/desks/**',
                         (route) => route.fulfill(answer));
        await card.getByRole('button', { name: 'Save' }).click();
        await editor.agree(page);
        await page.locator('.toast-problem').getByText(text).waitFor();
        assert.equal(await card.getByRole('radio', { name: 'Off' })
                               .isChecked(), true, 'what was chosen is kept');
        assert.equal(await page.locator('.banner').count(), 0);
        await page.unroute('**/console/api/desks/**');
    };

    await card.getByRole('radio', { name: 'Off' }).check();
    await answered({ status: 503, contentType: 'text/html', body: '<h1>No' },
                   'The server is too busy.');
    await answered({ status: 200, contentType: 'text/html', body: '<h1>Who' },
                   'You may have been signed out');
    await answered({ status: 403, contentType: 'application/problem+json',
                     body: '{"title":"Forbidden","detail":"nobody"}' },
                   'This is not allowed. nobody');
}, { site: SITE });
