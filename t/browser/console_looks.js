/*
 * How the console is for all who use it: by axe's rules, on a phone, from right
 * to left, and at the end of a slow line.
 */

import assert from 'node:assert/strict';

import { DESKTOP, faults, ONE, overflow, PHONE, redis, SITE,
         test }
    from './console_editor.js';


const VIEWS = ['#/results', '#/results/looks/read_more', '#/purge',
               '#/audit', '#/status', '#/nothing'];

const PAGE = 100 * 1024;      // bytes, compressed, the most
const READY = 1000;           // ms, until the desks are there
const TRIES = 3;


/* Both colour schemes, both sizes. */
async function everywhere(page, name) {
    const found = [];

    for (const size of [DESKTOP, PHONE]) {
        await page.setViewportSize(size);

        if (await overflow(page) > 0) {
            found.push(`${name}: is wider than ${size.width}`);
        }

        for (const colorScheme of ['light', 'dark']) {
            await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
            found.push(...await faults(
                page, `${name}, ${size.width}, ${colorScheme}`));
        }
    }

    return found;
}


test('axe finds nothing', 'looks', async (editor) => {
    await editor.call('PUT', editor.at, {
        mode: 'test', id: 'L1', weights: { box: 1, card: 1, off: 1 },
        ends: '2033-01-01T00:00:00Z'
    });
    await redis('HSET', 'editorial:stats:looks:read_more:L1',
                'n:1:2026-11-20:box:exposure', 900,
                'n:1:2026-11-20:box:click', 50,
                'n:1:2026-11-21:card:exposure', 910,
                'n:1:2026-11-21:card:click', 70,
                'n:1:2026-11-21:off:exposure', 905,
                'n:1:2026-11-21:off:finish', 300);
    await redis('HSET', 'editorial:desk:looks', 'disclaimer', '{"mode":"odd"}');

    const page = await editor.open();
    const base = page.url().split('#')[0];
    const found = [];

    for (const hash of VIEWS) {
        await page.goto(base + hash);
        await page.locator('h1').waitFor();
        found.push(...await everywhere(page, hash));
    }

    assert.deepEqual(found, []);
});


test('axe finds nothing in what is under way', 'opinion', async (editor) => {
    const page = await editor.open();
    const card = editor.card(page);
    const found = [];

    await card.waitFor();
    found.push(...await everywhere(page, '#/desks'));

    await card.getByRole('radio', { name: 'Test' }).check();
    await card.getByText('Start and end').click();
    await card.getByLabel('Ends').fill('2001-01-01T00:00');
    await card.getByRole('button', { name: 'Save' }).click();
    found.push(...await everywhere(page, 'a draft that is wrong'));

    await card.getByLabel('Ends').fill('');
    await card.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor();
    found.push(...await everywhere(page, 'a question'));

    await editor.call('PUT', editor.at, { mode: 'off' });
    await editor.agree(page);
    await card.getByText('Meanwhile somebody else').waitFor();
    found.push(...await everywhere(page, 'a conflict'));

    await card.getByRole('button', { name: 'Save mine instead' }).click();
    await page.getByText('Read More boxes saved.').waitFor();
    found.push(...await everywhere(page, 'a toast'));

    assert.deepEqual(found, []);
}, { site: SITE });


test('from right to left', 'looks', async (editor) => {
    const page = await editor.open();
    const base = page.url().split('#')[0];

    await page.setViewportSize(PHONE);

    for (const hash of ['#/desks', ...VIEWS]) {
        await page.goto(base + hash);
        await page.locator('h1').waitFor();
        await page.evaluate(() => {
            document.documentElement.dir = 'rtl';
        });

        const out = await page.evaluate(() => {
            scrollTo(-9999, 0);

            return window.scrollX;
        });

        assert.equal(Math.abs(out), 0, `${hash} scrolls sideways`);
    }
});


test('without movement for those who want none', 'looks', async (editor) => {
    const page = await editor.open();

    await page.emulateMedia({ reducedMotion: 'reduce' });
    await editor.card(page).waitFor();
    assert.deepEqual(await page.evaluate(() => document.getAnimations().length),
                     0);
});


/*
 * On a line of 1.6 Mbit/s and 150 ms, with nothing kept from before: how long
 * until the desks are there, and how many bytes that took.
 */

async function slowly(editor) {
    let bytes = 0;

    const page = await editor.open(undefined, { before: async (tab) => {
        const session = await tab.context().newCDPSession(tab);

        await session.send('Network.enable');
        await session.send('Network.setCacheDisabled',
                           { cacheDisabled: true });
        await session.send('Network.emulateNetworkConditions', {
            offline: false, latency: 150,
            downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8
        });
        session.on('Network.loadingFinished', ({ encodedDataLength }) => {
            bytes += encodedDataLength;
        });
        await tab.addInitScript(() => {
            new MutationObserver((seen, observer) => {
                if (document.querySelector('article [type="radio"]')) {
                    observer.disconnect();
                    requestAnimationFrame(() => {
                        window.ready = performance.now();
                    });
                }
            }).observe(document, { childList: true, subtree: true });
        });
    } });

    await page.waitForFunction(() => window.ready);

    const ready = await page.evaluate(() => window.ready);

    await page.close();

    return { ready, bytes };
}


test('it is small, and there within a second', 'news', async (editor) => {
    let best = Infinity;

    for (let i = 0; i < TRIES && best > READY; i++) {
        const { ready, bytes } = await slowly(editor);

        assert.ok(bytes <= PAGE, `it took ${bytes} bytes`);
        best = Math.min(best, ready);
    }

    assert.ok(best <= READY, `it took ${Math.round(best)} ms`);
}, { alone: true, site: SITE });


test('nothing comes from elsewhere', 'looks', async (editor) => {
    const page = await editor.open();
    const asked = [];

    page.on('request', (request) => asked.push(request.url()));

    for (const hash of VIEWS) {
        await page.goto(`${ONE}/console/${hash}`);
        await page.locator('h1').waitFor();
    }

    assert.ok(asked.length > 0);
    assert.deepEqual(asked.filter((url) => !url.startsWith(`${ONE}/console/`)),
                     []);
});
