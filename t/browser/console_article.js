/*
 * node t/browser/console_article.js ORIGIN REDIS PID [NAME ...]
 *
 * The console's article editor and work list, as an editor has them: ORIGIN
 * serves the console of two editors, /console/ and /other/, and articles, of
 * which each case has one, /opinion/NAME.  REDIS is host:port, PID its process.
 * Prints TAP.
 */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { start } from './browser.js';
import { Editor, eventually, focused, isPressed, save, saved, sentence }
    from './editor.js';


const [ORIGIN, REDIS, PID, ...ONLY] = process.argv.slice(2);

const AT_ONCE = 4;
const AXE = fs.readFileSync(new URL('node_modules/axe-core/axe.min.js',
                                    import.meta.url), 'utf8');

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

const cases = [];

const test = (name, story, body, options = {}) =>
    cases.push({ name, story, body, options });


/* In every story. */

const QUOTE = 'A gull followed the boat for a mile.';


test('a click makes a sentence a pull quote', 'click', async (editor) => {
    const page = await editor.open();
    const gull = sentence(page, QUOTE);

    await gull.click();
    assert.ok(await isPressed(gull));
    assert.match(await page.locator('.art-save').innerText(), /Not saved yet/);
    assert.equal(await editor.record(), null);

    await saved(page);
    assert.deepEqual(await editor.record(), { pull_quotes: [{ text: QUOTE }] });
    await editor.reads(/editorial-pull-quote.*A gull followed/);

    await page.locator('.art-placed', { hasText: 'chosen as a pull quote' })
              .waitFor();
});


test('so does a key', 'keyboard', async (editor) => {
    const page = await editor.open();

    await sentence(page, 'The ferry left the quay of keyboard at dawn.')
          .focus();

    for (const [key, text] of [
        ['ArrowRight', 'Nobody waved.'],
        ['ArrowDown', 'Every fare that is saved on the water is paid again on '
                      + 'the road.'],
        ['ArrowLeft', 'Nobody waved.'],
        ['End', 'Who sits there sees where he has been, which is more than '
                + 'the board can say.'],
        ['Home', 'The ferry left the quay of keyboard at dawn.']
    ]) {
        await page.keyboard.press(key);
        assert.equal(await focused(page), text);
    }

    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    assert.match(await focused(page), /^Every fare/);
    assert.ok(await isPressed(sentence(page, 'Nobody waved.')));

    await page.keyboard.press('Space');
    await page.locator('#art-quotes').getByText('Nobody waved.').waitFor();
    assert.equal(await page.locator('#art-quotes li').count(), 1);

    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    assert.match(await focused(page), /^Every fare/);

    await save(page).focus();
    await page.keyboard.press('Enter');
    await editor.reads(/editorial-pull-quote.*Nobody waved/);
});


test('quotes are put in order', 'order', async (editor) => {
    const page = await editor.open();

    await sentence(page, 'Nobody waved.').click();
    await sentence(page, QUOTE).click();

    const down = page.getByRole('button', { name: 'Move pull quote 1 down' });

    await down.focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(
        () => document.activeElement.getAttribute('aria-label')),
        'Move pull quote 2 up');
    await saved(page);
    assert.deepEqual((await editor.record()).pull_quotes.map((q) => q.text),
                     [QUOTE, 'Nobody waved.']);

    await page.getByRole('button', { name: 'Remove pull quote 1' }).click();
    assert.equal(await isPressed(sentence(page, QUOTE)), false);
    assert.equal(await page.evaluate(
        () => document.activeElement.getAttribute('aria-label')),
        'Remove pull quote 1');
    await saved(page);
    await editor.reads(/editorial-pull-quote.*A gull followed/, false);
});


test('links are added, moved and removed', 'links', async (editor) => {
    const page = await editor.open();
    const links = page.locator('#art-links');
    const of = (n, label) => links.locator('li').nth(n - 1).getByLabel(label);
    const add = links.getByRole('button', { name: 'Add a link' });

    await add.click();
    await page.keyboard.type('/news/one');
    await of(1, 'Title').fill('The first');
    await of(1, 'Place').selectOption('2');
    await add.click();
    await of(2, 'Address').fill('https://elsewhere.example/two');
    await of(2, 'Title').fill('The second');
    await of(2, 'Label').fill('Also today');
    await of(2, 'Place').selectOption('5');
    await saved(page);

    assert.deepEqual((await editor.record()).read_more, [
        { url: '/news/one', title: 'The first', after: 2 },
        { url: 'https://elsewhere.example/two', title: 'The second',
          label: 'Also today', after: 5 }
    ]);
    await editor.reads(/Also today<\/span> <a [^>]*>The second/);

    await of(1, 'Place').selectOption('4');
    await page.getByRole('button', { name: 'Move link 1 down' }).click();
    await saved(page);
    assert.deepEqual((await editor.record()).read_more.map(
        ({ title, after }) => [title, after]),
        [['The second', 5], ['The first', 4]]);
    await editor.reads(
        /three winters\.<\/p><aside.*The first<\/a><\/aside>\s*<p>On the isl/);

    await page.getByRole('button', { name: 'Remove link 1' }).click();
    await saved(page);
    await editor.reads(/The second/, false);
    await editor.reads(/The first/);
});


test('what is wrong is said at its field', 'shown', async (editor) => {
    const page = await editor.open();
    const links = page.locator('#art-links');

    await links.getByRole('button', { name: 'Add a link' }).click();
    await links.getByLabel('Address').fill('javascript:alert(1)');
    await save(page).click();
    await page.getByText('2 answers have to be mended first').waitFor();

    const address = links.getByLabel('Address');

    assert.equal(await address.getAttribute('aria-invalid'), 'true');
    assert.ok(await address.evaluate((e) => e === document.activeElement));
    assert.match(await page.locator(
        `[id="${await address.getAttribute('aria-describedby')}"]`)
        .innerText(), /not javascript:/);
    assert.equal(await editor.record(), null);

    for (const [url, wrong] of [
        ['data:text/html,x', true], [' java\tscript:x', true], [':x', true],
        ['/news/a:b', false], ['?page=2', false], ['../up', false],
        ['HTTPS://a.example/', false], ['//a.example/x', false], ['', true]
    ]) {
        await address.fill(url);
        assert.equal(await address.getAttribute('aria-invalid'),
                     wrong ? 'true' : null, url);
    }
});


test('a feature is switched off for the article', 'switch', async (editor) => {
    await editor.write({ read_more: [{ url: '/news/x', title: 'Its box' }],
                         pull_quotes: [{ text: QUOTE }] });

    const page = await editor.open();
    const choice = page.getByLabel('Read More', { exact: true }).first();

    await editor.reads(/data-editorial="read_more\/box"/);
    assert.deepEqual(await choice.locator('option').allInnerTexts(),
                     ['As the desk does: on, box', 'Off', 'On: box',
                      'On: card']);
    await choice.selectOption('off');
    await saved(page);
    assert.deepEqual((await editor.record()).features, { read_more: 'off' });
    await editor.reads(/data-editorial="read_more/, false);
    await editor.reads(/data-editorial="pull_quote/);

    await choice.selectOption('card');
    await saved(page);
    await editor.reads(/data-editorial="read_more\/card"/);
});


test('the disclaimer is edited and forbidden', 'disclaimer',
    async (editor) => {
        const page = await editor.open();

        await editor.reads(/The views expressed in this article/);
        await page.getByLabel('A text of its own').check();
        await page.getByLabel('Text of this article')
                  .fill('She sells boats, & says so.');
        await saved(page);
        await editor.reads(/role="note">She sells boats, &amp; says so\./);

        await page.getByLabel('None here').check();
        await saved(page);
        await editor.reads(/editorial-disclaimer/, false);
        assert.equal((await editor.record()).disclaimer, false);

        await page.getByLabel('The desk’s text').check();
        await page.getByRole('group', { name: 'Is it an opinion piece?' })
                  .getByLabel('No', { exact: true }).check();
        await saved(page);
        assert.deepEqual(await editor.record(), { opinion: false });
        await editor.reads(/editorial-disclaimer/, false);
    });


test('a quote that drifted is warned of, listed, and mended', 'drifted',
    async (editor) => {
        const old = 'A gull followed the old boat for about a mile.';

        await editor.write({ pull_quotes: [{ text: old }] });
        await editor.reads(/A gull/);

        const list = await editor.view('#/work');
        const entry = list.locator('li', { hasText: 'The story of drifted' })
                          .filter({ hasText: old });

        await entry.getByRole('link').click();

        const quotes = list.locator('#art-quotes');

        await quotes.getByText('No longer in the text').waitFor();
        await quotes.getByText(QUOTE).waitFor();
        await quotes.getByRole('button', { name: 'Take this sentence' })
                    .click();
        await saved(list);
        assert.deepEqual(await editor.record(),
                         { pull_quotes: [{ text: QUOTE }] });
        await editor.reads(/editorial-pull-quote.*A gull followed/);

        await eventually('it goes from the list', async () => {
            const after = await editor.view('#/work');

            await after.getByRole('heading', { name: 'Work list' }).waitFor();

            const n = await after.locator('li', { hasText: old }).count();

            await after.close();

            return n === 0;
        });
    });


test('two editors at once: nothing is lost', 'twice', async (editor) => {
    const anna = await editor.open();
    const bert = await editor.open('other');

    await sentence(bert, 'Nobody waved.').click();
    await bert.getByLabel('A text of its own').check();
    await bert.getByLabel('Text of this article').fill('Bert wrote this.');
    await saved(bert);

    await sentence(anna, QUOTE).click();
    await anna.getByRole('button', { name: 'Add a link' }).click();
    await anna.keyboard.type('/news/anna');
    await anna.locator('#art-links').getByLabel('Title').fill('Of Anna');
    await save(anna).click();

    const both = anna.getByRole('region', { name: 'Someone else has saved' });

    await both.waitFor();
    assert.match(await focused(anna), /^Someone else has saved/);
    assert.match(await both.innerText(), /Bert wrote this\./);
    assert.match(await both.innerText(), /Of Anna \(\/news\/anna\)/);
    assert.match(await both.innerText(), /Pull quotes: both have changed it/);
    assert.deepEqual(await editor.record(), {
        disclaimer: 'Bert wrote this.',
        pull_quotes: [{ text: 'Nobody waved.' }]
    });

    await both.getByRole('button', { name: 'Save what is chosen' }).click();
    await anna.getByText('Saved. Readers see it').waitFor();
    assert.deepEqual(await editor.record(), {
        disclaimer: 'Bert wrote this.',
        read_more: [{ url: '/news/anna', title: 'Of Anna' }],
        pull_quotes: [{ text: QUOTE }]
    });

    await sentence(bert, 'It faces backwards.').click();
    await save(bert).click();
    await bert.getByRole('button', { name: 'Take all of theirs' }).click();
    await bert.getByText('Theirs was taken.').waitFor();
    assert.equal(await isPressed(sentence(bert, QUOTE)), true);
    assert.equal(await isPressed(sentence(bert, 'It faces backwards.')),
                 false);
});


test('what is hostile is text', 'hostile', async (editor) => {
    const bad = '<img src=x onerror=alert(1)>"\'</script>';

    await editor.write({
        disclaimer: bad,
        read_more: [{ url: 'javascript:alert(1)', title: bad, label: bad },
                    { url: `/x?${bad}`, title: bad, after: 2 }],
        pull_quotes: [{ text: bad }]
    });

    const page = await editor.open();

    for (const text of [bad, 'javascript:alert(1)']) {
        await page.getByText(text).first().waitFor();
    }

    await page.getByRole('button', { name: 'Remove link 1' }).click();
    await saved(page);
    assert.equal((await editor.record()).read_more[0].title, bad);

    const list = await editor.view('#/work');

    await list.getByText(bad).first().waitFor();

    const odd = await editor.view(`#/article?url=${encodeURIComponent(bad)}`);

    await odd.getByRole('heading', { level: 1 }).waitFor();

    for (const view of [page, list, odd]) {
        assert.equal(await view.locator('img, [onerror]').count(), 0);
        assert.equal(await view.locator('a[href^="javascript"]').count(), 0);
    }
}, { expected: /status of (400|404)/ });


test('two editions side by side', 'preview', async (editor) => {
    await editor.write({ read_more: [{ url: '/news/x', title: 'Its box' }],
                         pull_quotes: [{ text: QUOTE }] });

    const page = await editor.open();
    const frame = (n) => page.locator('#art-preview iframe').nth(n)
                             .contentFrame();
    const choice = (n, name) => page
        .getByRole('group', { name: `Edition ${n}` }).getByLabel(name);

    await page.locator('#art-preview iframe').nth(1).scrollIntoViewIfNeeded();
    await frame(0).getByText('Its box').waitFor();
    assert.equal(await frame(0).locator('mark').count(), 1);
    await frame(1).getByText('Nobody waved').waitFor();
    assert.equal(await frame(1).locator('[data-editorial]').count(), 0);

    await choice('B', 'Read More').selectOption('card');
    await frame(1).locator('[data-editorial="read_more/card"]').waitFor();
    assert.equal(await frame(1).locator('mark').count(), 0);

    await page.getByLabel('Phone').check();
    await eventually('a frame as wide as a phone', () => frame(0)
        .locator('body').evaluate(() => innerWidth === 390));

    await sentence(page, 'Nobody waved.').click();
    await page.getByText('What is not saved yet is not shown').waitFor();
    await saved(page);
    await eventually('two quotes in the preview',
        async () => await frame(0).locator('mark').count() === 2);
    assert.equal(await page.getByText('allows no previews').isVisible(),
                 false);
});


test('an article of another host is not framed', 'elsewhere',
    async (editor) => {
        await editor.read();

        const page = await editor.view('#/article?url='
            + encodeURIComponent('http://127.0.0.1:1/opinion/elsewhere'));

        await page.getByRole('heading', { level: 1 }).waitFor();
        assert.equal(await page.locator('iframe').count(), 0);
    });


test('leaving asks first', 'leave', async (editor) => {
    const page = await editor.open();

    await sentence(page, QUOTE).click();
    await page.getByRole('link', { name: 'Work list' }).click();
    await page.getByRole('button', { name: 'Stay' }).click();
    assert.ok(await isPressed(sentence(page, QUOTE)));

    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' })
              .click();
    await page.getByText('Discarded').waitFor();
    assert.equal(await isPressed(sentence(page, QUOTE)), false);
    await page.getByRole('link', { name: 'Work list' }).click();
    await page.getByRole('heading', { name: 'Work list' }).waitFor();
});


test('a record that says nothing is deleted', 'empty', async (editor) => {
    await editor.write({ pull_quotes: [{ text: QUOTE }] });

    const page = await editor.open();

    await sentence(page, QUOTE).click();
    await saved(page);
    assert.equal(await editor.record(), null);
    await sentence(page, 'Nobody waved.').click();
    await saved(page);
    assert.deepEqual(await editor.record(),
                     { pull_quotes: [{ text: 'Nobody waved.' }] });
});


test('a malformed record is told of, listed, and replaced', 'malformed',
    async (editor) => {
        await editor.write('{ "opinion": "yes", "red_more": [], '
                           + `"pull_quotes": [{ "text": "${QUOTE}" }] }`);
        await editor.read();

        const page = await editor.view('#/work');

        await page.locator('li', { hasText: 'The story of malformed' })
                  .getByRole('link', { name: 'Look at it' }).click();
        await page.getByText('“red_more” is unknown').waitFor();
        assert.ok(await isPressed(sentence(page, QUOTE)));
        await saved(page);
        assert.deepEqual(await editor.record(),
                         { pull_quotes: [{ text: QUOTE }] });
        assert.equal(await page.getByText('cannot be used').isVisible(),
                     false);

        await editor.write('no JSON at all');
        await page.reload();
        await page.getByText('cannot be used').waitFor();
        await sentence(page, 'Nobody waved.').click();
        await saved(page);
        assert.deepEqual(await editor.record(),
                         { pull_quotes: [{ text: 'Nobody waved.' }] });
    }, { expected: /status of (404|500)/ });


test('a switch that cannot be used is listed', 'click', async (editor) => {
    await editor.redis('HSET', 'editorial:desk:default', 'read_more', '{');

    const listed = async (page) => {
        await page.getByRole('heading', { level: 1, name: 'Work list' })
                  .waitFor();

        return page.locator('li', { hasText: 'default/read_more' });
    };

    const page = await eventually('it is listed', async () => {
        const view = await editor.view('#/work');

        return await (await listed(view)).count() === 1
               ? view : void await view.close();
    });

    await (await listed(page)).getByRole('link', { name: 'Mend it' }).click();
    await page.getByRole('heading', { level: 1, name: 'Desks' }).waitFor();

    await editor.redis('HDEL', 'editorial:desk:default', 'read_more');
    await eventually('it is gone', async () => {
        const view = await editor.view('#/work');
        const count = await (await listed(view)).count();

        await view.close();

        return count === 0;
    });
});


test('a page that is not stored is fetched', 'fetched', async (editor) => {
    const page = await editor.view('#/article?url=/opinion/fetched');

    await page.getByText('This page is not stored').waitFor();
    await page.getByRole('button', { name: 'Fetch it now' }).click();
    await sentence(page, QUOTE).waitFor();
});


test('a page is purged', 'purged', async (editor) => {
    const page = await editor.open();

    await page.getByRole('button', { name: 'Purge this page' }).click();
    await page.getByText('It was purged.').waitFor();
    await page.reload();
    await page.getByText('This page is not stored').waitFor();
});


test('the list of recent articles', 'click', async (editor) => {
    await editor.read();

    const page = await editor.view('#/article');
    const filter = page.getByLabel('Filter by title');

    await filter.fill('story click');
    await page.locator('.art-recent li').nth(1)
              .waitFor({ state: 'detached' });
    await page.getByText('1 article', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'The story of click' }).click();
    await sentence(page, QUOTE).waitFor();

    const address = page.getByLabel('Address of the article');

    for (const typed of ['/opinion/click', 'localhost/opinion/click#top']) {
        await page.goto(`${ORIGIN}/console/#/article`);
        await address.fill(typed);
        await page.keyboard.press('Enter');
        await sentence(page, QUOTE).waitFor();
    }

    await page.goto(`${ORIGIN}/console/#/article`);
    await address.fill('http://[');
    await page.keyboard.press('Enter');
    await page.getByText('This page is not stored').waitFor();
}, { expected: /status of (400|404)/ });


test('an article from right to left', '/arabic/cafe', async (editor) => {
    const page = await editor.open();
    const first = page.locator('.art-sentence').first();
    const body = page.locator('.art-text');

    assert.equal(await first.evaluate((e) => getComputedStyle(e).direction),
                 'rtl');
    await page.locator('#art-preview').scrollIntoViewIfNeeded();
    await eventually('the language', async () =>
        await body.getAttribute('lang') === 'ar');

    await first.focus();
    await page.keyboard.press('ArrowLeft');
    assert.equal(await focused(page), 'لم يلوّح لها أحد.');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await saved(page);
    await editor.reads(/editorial-pull-quote.*غادرت العبّارة/);
});


for (const [where, viewport, colorScheme] of [
    ['a desk by day', DESKTOP, 'light'], ['a phone by night', PHONE, 'dark']
]) {
    test(`${where}: nothing is in anyone's way`, 'order', async (editor) => {
        const page = await editor.open();

        await page.getByRole('button', { name: 'Add a link' }).click();
        await save(page).click();
        await unhindered(page);

        for (const hash of ['#/article', '#/work']) {
            const view = await editor.view(hash);

            await view.getByRole('heading', { level: 1 }).waitFor();
            await unhindered(view);
            await view.close();
        }
    }, { viewport, colorScheme });
}


async function unhindered(page) {
    await page.locator('.loading').waitFor({ state: 'detached' });
    await page.evaluate(AXE);

    const { violations } = await page.evaluate(
        () => window.axe.run(document, { iframes: false }));

    assert.deepEqual(violations.map(({ id, nodes }) =>
        `${id}: ${nodes.map(({ html }) => html).join(' ')}`), []);
    assert.ok(await page.evaluate(() =>
        document.documentElement.scrollWidth <= innerWidth), 'it is too wide');
}


/* Others' Redis would be away, too: this one is the last. */

test('Redis is away: what was written is kept', 'away', async (editor) => {
    const page = await editor.open();

    await sentence(page, QUOTE).click();
    process.kill(Number(PID), 'SIGSTOP');

    try {
        await save(page).click();
        await page.locator('.art-save [role=alert]', { hasText: 'Redis' })
                  .waitFor();
        await page.locator('.banner', { hasText: 'Redis is away' }).waitFor();
        assert.ok(await isPressed(sentence(page, QUOTE)));
        assert.match(await page.locator('.art-save').innerText(),
                     /Not saved yet/);
    } finally {
        process.kill(Number(PID), 'SIGCONT');
    }

    await eventually('Redis is back', async () => {
        await save(page).click();
        await sleep(300);

        return page.getByText('Saved. Readers see it').isVisible();
    });
    await editor.reads(/editorial-pull-quote.*A gull followed/);
}, { alone: true });


async function run({ name, story, body, options }, browser) {
    const { viewport = DESKTOP, colorScheme = 'light', expected } = options;
    const context = await browser.newContext({ viewport, colorScheme });
    const editor = new Editor(
        { origin: ORIGIN, redis: REDIS },
        story.startsWith('/') ? story : `/opinion/${story}`, context);

    if (expected) {
        editor.expected = expected;
    }

    try {
        await body(editor);
        assert.deepEqual(editor.complaints, [], `${name}: the console`);
        return null;

    } catch (error) {
        return error;

    } finally {
        await context.close();
    }
}


const { browser, close } = await start();
const queue = cases.filter(({ name, story }) =>
    !ONLY.length || ONLY.includes(name) || ONLY.includes(story));
const alone = queue.filter(({ options }) => options.alone);
const planned = queue.length;
let tests = 0;
let failed = 0;


async function work(list) {
    while (list.length) {
        const next = list.shift();
        const error = await run(next, browser);

        tests++;
        failed += error !== null;
        console.log(`${error === null ? 'ok' : 'not ok'} ${tests} - `
                    + next.name);

        if (error !== null) {
            console.log(String(error.stack).replace(/^/gm, '# '));
        }
    }
}


try {
    const beside = queue.filter(({ options }) => !options.alone);

    await Promise.all(Array.from({ length: AT_ONCE }, () => work(beside)));
    await work(alone);

} finally {
    await close();
}

console.log(`1..${planned}`);
process.exit(failed === 0 ? 0 : 1);
