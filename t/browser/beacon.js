/*
 * node t/browser/beacon.js ORIGIN
 *
 * Readers in a real browser, before articles as the module sends them and its
 * own beacon: whatever they do, the results say so, and nothing else.  The site
 * is that of t/beacon_browser.t.  Prints TAP.
 *
 * Steps follow each other, as the counts are those of one test.
 */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { start } from './browser.js';


const [ORIGIN] = process.argv.slice(2);
const FEATURE = `${ORIGIN}/console/api/desks/opinion/read_more`;

const ARMS = ['box', 'bold', 'off'];
const EACH = 6;               // readers of an arm
const AT_ONCE = 6;
const PATIENCE = 20000;       // for what is to come
const LONG = 2600;            // for what is not: a second to see, one to send
const QUICK = 900;            // what shall be less than a second


const steps = [];
const step = (name, body) => steps.push({ name, body });


/* What has been counted: { "box exposure": 3, … }. */

async function counts() {
    const { variants } = await (await fetch(`${FEATURE}/results`)).json();

    return Object.fromEntries(variants.flatMap((v) => [
        [`${v.name} exposure`, v.exposures], [`${v.name} click`, v.clicks],
        [`${v.name} finish`, v.finishes]
    ]).filter(([, n]) => n !== 0));
}


/* Events in beacons that were taken, by what became of them. */

async function told(result) {
    const text = await (await fetch(`${ORIGIN}/metrics`)).text();
    const name = `editorial_beacon_events_total{result="${result}"} `;

    return Number(text.split('\n').find((l) => l.startsWith(name))
                      .slice(name.length));
}


/* What act adds to the counts is that, and stays that. */

async function adds(wanted, act) {
    const before = await counts();
    const added = async () => Object.fromEntries(
        Object.entries(await counts())
            .map(([name, n]) => [name, n - (before[name] ?? 0)])
            .filter(([, n]) => n !== 0));

    const result = await act();
    const end = Date.now() + PATIENCE;
    const sum = (o) => Object.values(o).reduce((a, b) => a + b, 0);

    while (sum(await added()) < sum(wanted) && Date.now() < end) {
        await sleep(50);
    }

    await sleep(LONG);
    assert.deepEqual(await added(), wanted);

    return result;
}


/* Buckets of each arm, as pages show them: { box: ["0001", …], … }. */

async function buckets(each) {
    const found = Object.fromEntries(ARMS.map((arm) => [arm, []]));

    for (let n = 0; ARMS.some((arm) => found[arm].length < each); n++) {
        const bucket = String(n).padStart(4, '0');
        const page = await fetch(`${ORIGIN}/near`, {
            headers: { Cookie: `editorial_bucket=${bucket}` } });
        const piece = /data-editorial="read_more\/(\w+)"/.exec(
            await page.text());

        found[piece ? piece[1] : 'off'].push(bucket);
    }

    return found;
}


/* One who reads in a context of his own: with that bucket, or a new one. */

class Reader {
    static async create(browser, bucket) {
        const reader = new Reader();

        reader.complaints = [];
        reader.context = await browser.newContext({
            viewport: { width: 800, height: 600 } });

        if (bucket !== undefined) {
            await reader.context.addCookies([{
                name: 'editorial_bucket', value: bucket, url: ORIGIN }]);
        }

        return reader;
    }

    async open(path, before) {
        const page = await this.context.newPage();

        page.on('pageerror', (error) => this.complaints.push(String(error)));
        page.on('console', (message) => {
            if (['error', 'warning'].includes(message.type())) {
                this.complaints.push(message.text());
            }
        });

        if (before !== undefined) {
            await page.addInitScript(before);
        }

        await page.goto(ORIGIN + path);

        return page;
    }

    async leave() {
        await this.context.close();
        assert.deepEqual(this.complaints, [], 'the console');
    }
}


let browser;
let mine;                     // buckets, of each arm

const scroll = (page, y) => page.evaluate((top) => scrollTo(0, top), y);


step('every reader of every arm is counted, once', async () => {
    const queue = ARMS.flatMap((arm) => mine[arm].slice(0, EACH));
    const each = (event) => Object.fromEntries(
        ARMS.map((arm) => [`${arm} ${event}`, EACH]));

    const work = async () => {
        while (queue.length) {
            const reader = await Reader.create(browser, queue.shift());
            const page = await reader.open('/near');

            await page.waitForFunction(() => localStorage.length === 1);
            await page.reload();
            await page.waitForLoadState('networkidle');
            await page.waitForTimeout(1200);
            await reader.leave();
        }
    };

    await adds(each('exposure'),
               () => Promise.all(Array.from({ length: AT_ONCE }, work)));
});


step('out of view, and scrolled past', async () => {
    for (const arm of ['box', 'off']) {
        for (let i = 0; ; i++) {
            assert.ok(i < 10, 'this machine is too busy');

            const reader = await Reader.create(browser, mine[arm][EACH]);
            const before = await counts();
            const page = await reader.open('/far');

            await page.waitForLoadState('networkidle');

            const stay = await page.evaluate(async () => {
                const from = performance.now();

                for (let y = 0; y < 4000; y += 400) {
                    scrollTo(0, y);
                    await new Promise((done) => setTimeout(done, 30));
                }

                return performance.now() - from;
            });

            await sleep(LONG);
            await reader.leave();

            if (stay < QUICK) {
                assert.deepEqual(await counts(), before);
                break;
            }
        }
    }
});


step('a reader who stays, clicks and reads on', async () => {
    const reader = await Reader.create(browser, mine.box[EACH]);
    const page = await adds({ 'box exposure': 1 }, async () => {
        const far = await reader.open('/far');

        await far.waitForLoadState('networkidle');
        await scroll(far, 1100);

        return far;
    });

    await adds({}, async () => {
        await page.goto(`${ORIGIN}/near`);
        await page.goBack({ waitUntil: 'commit' });
        await page.waitForTimeout(200);
        await page.goForward({ waitUntil: 'commit' });
        await page.waitForTimeout(200);
        await page.reload();
        await (await reader.open('/near')).close();
    });

    await adds({ 'box click': 1 }, async () => {
        await page.click('aside a', { button: 'middle' });
        await page.click('aside a');
        await page.waitForURL('**/other');
    });

    await adds({ 'box finish': 1 }, async () => {
        await page.goto(`${ORIGIN}/far`);
        await page.waitForLoadState('networkidle');
        await scroll(page, 99999);
    });

    assert.equal(await told('other_arm'), 0);
    await reader.leave();
});


step('off is read to its end, too', async () => {
    const reader = await Reader.create(browser, mine.off[EACH]);

    await adds({ 'off exposure': 1, 'off finish': 1 }, async () => {
        const page = await reader.open('/near');

        assert.equal(await page.locator('[data-editorial]').count(), 0);
        await page.waitForFunction(() => localStorage.length === 1);
        await scroll(page, 99999);
    });

    await reader.leave();
});


step('back out of the browser\'s own cache', async () => {
    const reader = await Reader.create(browser, mine.bold[EACH]);

    await adds({ 'bold exposure': 1 }, async () => {
        const page = await reader.open('/near');

        await page.evaluate(() => { window.mark = 'the same page'; });
        await page.waitForFunction(() => localStorage.length === 1);

        for (let i = 0; i < 3; i++) {
            await page.goto(`${ORIGIN}/other`);
            await page.goBack({ waitUntil: 'commit' });
            await page.waitForTimeout(300);
        }
    });

    await reader.leave();
});


for (const [name, property, value] of [
    ['Do Not Track', 'doNotTrack', '1'],
    ['Global Privacy Control', 'globalPrivacyControl', true]
]) {
    step(name, async () => {
        const reader = await Reader.create(browser, mine.box[EACH + 1]);

        await adds({}, async () => {
            const page = await reader.open('/near',
                `Object.defineProperty(Navigator.prototype, '${property}',
                 { get: () => ${JSON.stringify(value)} })`);

            await page.click('aside a', { button: 'middle' });
        });

        await reader.leave();
    });
}


step('a reader who is new gets a bucket, and counts in its arm', async () => {
    const reader = await Reader.create(browser);
    const before = await told('counted');
    const page = await reader.open('/near');
    const [cookie] = await reader.context.cookies();

    assert.match(cookie.value, /^\d{4}$/);
    assert.equal(cookie.httpOnly, true);
    await page.waitForFunction(() => localStorage.length === 1);
    await page.close();

    for (let i = 0; i < 100 && await told('counted') === before; i++) {
        await sleep(100);
    }

    assert.equal(await told('counted'), before + 1);
    assert.equal(await told('other_arm'), 0);
    await reader.leave();
});


step('a page that outlives its test is not counted', async () => {
    const reader = await Reader.create(browser, mine.box[EACH + 1]);
    const before = await told('no_test');
    const page = await reader.open('/far');

    await page.waitForLoadState('networkidle');

    const put = await fetch(FEATURE, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json', 'X-User': 'anna' },
        body: '{"mode":"off"}'
    });

    assert.equal(put.status, 200);
    await page.click('aside a', { button: 'middle' });

    for (let i = 0; i < 100 && await told('no_test') === before; i++) {
        await sleep(100);
    }

    assert.equal(await told('no_test'), before + 2);   // exposure and click
    await reader.leave();
});


const { browser: started, close } = await start();
let failed = 0;

browser = started;

try {
    mine = await buckets(EACH + 2);

    for (const [i, { name, body }] of steps.entries()) {
        try {
            await body();
            console.log(`ok ${i + 1} - ${name}`);

        } catch (error) {
            failed++;
            console.log(`not ok ${i + 1} - ${name}`);
            console.log(String(error.stack).replace(/^/gm, '# '));
        }
    }

} finally {
    await close();
}

console.log(`1..${steps.length}`);
process.exit(failed === 0 ? 0 : 1);
