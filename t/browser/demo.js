/*
 * node t/browser/demo.js ORIGIN
 *
 * What the demo's first page says an editor may try, done in a real browser
 * with four clicks at the most, and what a reader then gets.
 */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { start } from './browser.js';


const [ORIGIN] = process.argv.slice(2);
const CLICKS = 4;
const PATIENCE = 20000;       // for anything that is to come
const ARTICLE = '/opinion/reading-room.html';
const SENTENCE = 'The roof is needed.';
const DISCLAIMER = /data-editorial="disclaimer\//;
const MARKER = /data-editorial-test="read_more"/;


const { browser, close } = await start();
let failed = 0;
let done = 0;


async function reads(what, is = true) {
    const end = Date.now() + PATIENCE;

    for (;;) {
        const page = await (await fetch(ORIGIN + ARTICLE)).text();

        if (what.test(page) === is) {
            return;
        }

        assert.ok(Date.now() < end, `${is ? 'never' : 'always'} ${what}`);
        await sleep(50);
    }
}


/* One who counts his clicks, from the demo's first page on. */

class Visitor {
    constructor(page) {
        this.page = page;
        this.clicks = 0;
    }

    async click(locator) {
        await locator.click();
        this.clicks++;
    }

    link(name) {
        return this.click(this.page.getByRole('link', { name }));
    }

    card(feature) {
        return this.page.getByRole('region', { name: 'opinion' })
                        .getByRole('article', { name: feature });
    }

    /* A desk's feature becomes that, and all are asked whether it should. */
    async set(feature, mode) {
        const card = this.card(feature);

        await this.click(card.getByRole('radio', { name: mode }));
        await this.click(card.getByRole('button', { name: 'Save' }));
        await this.click(this.page.getByRole('dialog')
                                  .getByRole('button', { name: 'Save' }));
        await this.page.getByRole('dialog').waitFor({ state: 'detached' });
    }
}


async function test(name, body) {
    const context = await browser.newContext();
    let why = '';

    try {
        const page = await context.newPage();
        const visitor = new Visitor(page);

        page.setDefaultTimeout(PATIENCE);
        await page.goto(ORIGIN);
        await body(visitor);
        assert.ok(visitor.clicks <= CLICKS, `${visitor.clicks} clicks`);
        name += `, in ${visitor.clicks} clicks`;

    } catch (error) {
        why = String(error.stack || error).replace(/^/gm, '# ');
        failed++;

    } finally {
        await context.close();
    }

    console.log(`${why ? 'not ok' : 'ok'} ${++done} - ${name}`);

    if (why) {
        console.log(why);
    }
}


await test('the disclaimer is switched off', async (visitor) => {
    await reads(DISCLAIMER);
    await visitor.link('Switch the disclaimer off');
    await visitor.set('Disclaimer', 'Off');
    await reads(DISCLAIMER, false);
});

await test('... and on again', async (visitor) => {
    await visitor.link('Switch the disclaimer off');
    await visitor.set('Disclaimer', 'On');
    await reads(DISCLAIMER);
});

await test('a test is started', async (visitor) => {
    await reads(MARKER, false);
    await visitor.link('Start a test');
    await visitor.set('Read More boxes', 'Test');
    await reads(MARKER);
});

await test('a sentence becomes a pull quote', async (visitor) => {
    await visitor.link('Make a sentence a pull quote');
    await visitor.click(visitor.page.getByRole('button', { name: SENTENCE }));
    await visitor.click(visitor.page.getByRole('button', { name: 'Save' })
                                    .last());
    await reads(new RegExp(`<mark [^>]*>${SENTENCE}</mark>`));
    await reads(new RegExp(`<blockquote><p>${SENTENCE}`));
});

await test('a running test is looked at', async (visitor) => {
    await visitor.link('See how a test is doing');
    await visitor.page.getByRole('heading', { name: /Read More boxes/ })
                      .first().waitFor();
    await visitor.page.getByText('card').first().waitFor();
});

await test('the work list is', async (visitor) => {
    await visitor.link('Find what is left to do');
    await visitor.page.getByRole('heading', { name: 'Work list' }).waitFor();
});

await close();

console.log(`1..${done}`);
process.exit(failed ? 1 : 0);
