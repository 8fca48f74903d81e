/*
 * node t/browser/visits.js ORIGIN [N]
 *
 * N readers (40) of the demo's news, in a real browser, each with a
 * storage of his own.  Some only open the page, most look at it, some click on
 * what they are shown, some read on to the end.  Where no test runs on the
 * desk, one is begun.  Prints what has been counted.
 */

import { start } from './browser.js';


const [ORIGIN, N = '40'] = process.argv.slice(2);
const READERS = Number(N);
const AT_ONCE = 6;
const FEATURE = `${ORIGIN}/console/api/desks/news/read_more`;
const ARTICLES = ['/news/toll-house-beds.html', '/live/spring-storm.html'];

/* how many of them do it, by what they are shown */
const LOOK = 0.9;
const CLICK = { box: 0.2, card: 0.35, off: 0 };
const FINISH = { box: 0.5, card: 0.5, off: 0.55 };


async function begin() {
    const { state } = await (await fetch(FEATURE)).json();

    if (state.mode === 'test') {
        return;
    }

    const answer = await fetch(FEATURE, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: '{"mode":"test","weights":{"box":50,"card":50}}'
    });

    if (!answer.ok) {
        throw new Error(await answer.text());
    }

    console.log('A test begins: half of the readers see boxes, half cards.');
}


async function visit(browser) {
    const chance = Math.random;
    const path = ARTICLES[Math.floor(chance() * ARTICLES.length)];
    const context = await browser.newContext({
        viewport: { width: 900, height: 700 } });

    try {
        const page = await context.newPage();

        await page.goto(ORIGIN + path, { waitUntil: 'domcontentloaded' });

        if (chance() < LOOK) {
            await read(page, chance);
        }

        await page.close();

    } finally {
        await context.close();
    }
}


async function read(page, chance) {
    const marker = page.locator('[data-editorial-test=read_more]').first();

    if (await marker.count() === 0) {
        return;
    }

    await marker.evaluate((m) => (m.nextElementSibling ?? m.parentElement)
                                 .scrollIntoView({ block: 'center' }));
    await page.waitForTimeout(1500);

    const box = page.locator('[data-editorial^="read_more/"]').first();
    const arm = await box.count() === 0
        ? 'off' : (await box.getAttribute('data-editorial')).split('/')[1];

    if (chance() < FINISH[arm]) {
        await page.evaluate(readOn);
    }

    if (chance() < CLICK[arm]) {
        await box.locator('a').first().click({ button: 'middle' });
        await page.waitForTimeout(100);
    }
}


/* In the page: to its end, as one who reads fast. */

async function readOn() {
    for (let y = scrollY; y < document.body.scrollHeight; y += 400) {
        scrollTo(0, y);
        await new Promise((done) => setTimeout(done, 60));
    }
}


function print({ test, variants, sample_ratio: ratio }) {
    console.log(`\nTest ${test}:`);
    console.table(Object.fromEntries(variants.map((v) => [v.name, {
        exposures: v.exposures, clicks: v.clicks, finishes: v.finishes
    }])));

    if (ratio.broken) {
        console.log('Readers were not split as the weights say.');
    }
}


await begin();

const { browser, close } = await start();
let left = READERS;

try {
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        while (left-- > 0) {
            await visit(browser);
        }
    }));

} finally {
    await close();
}

/* what they told last is counted by now, and what other servers were told in
   a second */

await new Promise((done) => setTimeout(done, 1500));
print(await (await fetch(`${FEATURE}/results`)).json());
process.exit(0);
