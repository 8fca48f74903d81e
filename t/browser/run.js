/*
 * node t/browser/run.js [NAME ...]
 *
 * What src/assets/furniture.js does in a browser, against server.js.  A case
 * has a desk of its name, a browser context of its own (so its own storage),
 * and a few others beside it.  Prints TAP.
 */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { start } from './browser.js';
import { serve } from './server.js';


const AT_ONCE = 5;
const PATIENCE = 20000;       // for what is to come
const LONG = 2600;            // for what is not: the script waits a second to
                              // see, and another one before it sends
const QUICK = 900;            // what shall be less than a second here


const cases = [];

const test = (name, body, options = {}) =>
    cases.push({ name, body, options });


/*
 * One case: its desk, its context, what its pages said.
 */

class Desk {
    constructor(name, server, context) {
        this.name = name.replace(/\W+/g, '-');
        this.server = server;
        this.context = context;
        this.complaints = [];
        this.from = 0;               // what was told and asked before is void
        this.before = 0;

        server.answers[this.name] = { tests: { read_more: 'T1' } };
    }

    set tests(tests) {
        this.server.answers[this.name] = { tests };
    }

    set answer(answer) {
        this.server.answers[this.name] = answer;
    }

    get asked() {
        return (this.server.asked[this.name] ?? 0) - this.before;
    }

    get told() {
        return this.server.told.slice(this.from)
               .filter(({ desk }) => desk === this.name);
    }

    /* What the beacon has heard, as "read_more/box exposure". */
    get events() {
        return this.told.flatMap(({ events }) => events)
               .map(({ furniture, event }) => `${furniture} ${event}`);
    }

    url(args = '') {
        return `${this.server.origin}/article?desk=${this.name}&${args}`;
    }

    /* A tab with an article: args as in server.js; before runs before all. */
    async open(args, { before } = {}) {
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

        if (args !== undefined) {
            await page.goto(this.url(args));
        }

        return page;
    }

    /* Waits until the events have come, and takes no others. */
    async hears(...wanted) {
        const end = Date.now() + PATIENCE;

        while (this.events.length < wanted.length && Date.now() < end) {
            await sleep(50);
        }

        assert.deepEqual(this.events, wanted);
    }

    /* And waits for others. */
    async hearsOnly(...wanted) {
        await this.hears(...wanted);
        await sleep(LONG);
        assert.deepEqual(this.events, wanted);
    }

    /*
     * A page to which act does what takes less than a second, as the page's
     * own clock says.  On a busy machine it may take longer; then it proves
     * nothing, and is done again.
     */
    async quickly(args, act) {
        for (let i = 0; i < 10; i++) {
            const page = await this.open(args, { before: measure });

            await act(page);

            if (Math.max(...await page.evaluate(() => window.stays)) < QUICK) {
                return page;
            }

            await page.evaluate(() => localStorage.clear());
            await page.close();
            await sleep(500);
            this.from = this.server.told.length;
            this.before += this.asked;
        }

        throw new Error('this machine is too busy');
    }
}


/* In the page: how long the reader had it in front, each time. */

function measure() {
    let from = performance.now();

    window.stays = [];

    const turn = ({ type }) => {
        const there = type !== 'pagehide'
                      && document.visibilityState === 'visible';

        if (there && from === null) {
            from = performance.now();

        } else if (!there && from !== null) {
            window.stays.push(performance.now() - from);
            from = null;
        }
    };

    addEventListener('pageshow', turn);
    addEventListener('pagehide', turn);
    document.addEventListener('visibilitychange', turn);
}


const storage = (page) => page.evaluate(() => ({ ...localStorage }));

const scroll = (page, y) => page.evaluate((top) => scrollTo(0, top), y);


/* In the page: there and back, with so many steps on the way. */

const glance = (page, to, steps) => page.evaluate(async ([top, count]) => {
    const wait = (ms) => new Promise((done) => setTimeout(done, ms));
    const from = performance.now();

    for (let i = 1; i <= count; i++) {
        scrollTo(0, top * i / count);
        await wait(400 / count);
    }

    scrollTo(0, 0);
    window.stays.push(performance.now() - from);
    await wait(200);
}, [to, steps]);


test('seen for a second', async (desk) => {
    const page = await desk.open('read_more=box&after=4', {
        before: () => {
            const { setItem } = Storage.prototype;

            Storage.prototype.setItem = function (...args) {
                window.storedAt = performance.now();
                setItem.apply(this, args);
            };
        }
    });

    await desk.hears('read_more/box exposure');
    assert.ok(await page.evaluate(() => window.storedAt) >= 1000, 'a second');

    const { type, size, ...body } = desk.told[0];

    assert.equal(type, 'application/json');
    assert.deepEqual(body, {
        desk: 'seen-for-a-second',
        events: [{ furniture: 'read_more/box', event: 'exposure' }]
    });
    assert.deepEqual(await storage(page), {
        'editorial:seen-for-a-second:read_more':
            '{"test":"T1","furniture":"read_more/box","events":["exposure"]}'
    });
    assert.equal(desk.asked, 1);
    assert.deepEqual(await desk.context.cookies(), []);
});


test('the arm that is off', async (desk) => {
    await desk.open('read_more=off&after=4');
    await desk.hearsOnly('read_more/off exposure');
});


test('out of view', async (desk) => {
    await desk.open('read_more=box&before=2&after=4');
    await desk.hearsOnly();
});


test('scrolled past', async (desk) => {
    await desk.quickly('read_more=box&before=2&after=6',
                       (page) => glance(page, 3000, 10));
    await desk.hearsOnly();
});


test('glances that make no second', async (desk) => {
    const page = await desk.quickly('read_more=box&before=2&after=6',
        async (page) => {
            await glance(page, 900, 1);
            await glance(page, 900, 1);
            await glance(page, 900, 1);
        });

    await desk.hearsOnly();
    await scroll(page, 900);
    await desk.hears('read_more/box exposure');
});


test('once a browser', async (desk) => {
    const page = await desk.open('read_more=box&after=4');

    await desk.hears('read_more/box exposure');
    await page.reload();
    await desk.open('read_more=box&after=4&another');
    await desk.hearsOnly('read_more/box exposure');
});


test('another test counts anew', async (desk) => {
    const page = await desk.open('read_more=box&after=4');

    await desk.hears('read_more/box exposure');

    desk.tests = { read_more: 'T2' };
    await page.reload();
    await desk.hears('read_more/box exposure', 'read_more/box exposure');
});


test('a test that has ended', async (desk) => {
    desk.tests = { pull_quote: 'T1' };

    const page = await desk.open('read_more=box&after=4');

    await page.click('aside a', { button: 'middle' });
    await desk.hearsOnly();
    assert.deepEqual(await storage(page), {});
});


test('a page that outlives its test', async (desk) => {
    const page = await desk.open('read_more=box&before=2&after=4');

    await page.waitForLoadState('networkidle');
    desk.tests = { read_more: 'T2' };

    const answer = page.waitForResponse('**/beacon?*');

    await page.evaluate(() => {
        const now = Date.now;

        Date.now = () => now() + 61000;
        document.dispatchEvent(new Event('visibilitychange'));
    });
    await answer;
    await page.waitForTimeout(300);

    await scroll(page, 900);
    await desk.hearsOnly();
    assert.deepEqual(await storage(page), {});
});


test('the tests are not asked for at every turn', async (desk) => {
    const page = await desk.open('read_more=box&after=4');

    for (let i = 0; i < 5; i++) {
        await page.evaluate(() =>
            document.dispatchEvent(new Event('visibilitychange')));
    }

    await desk.hears('read_more/box exposure');
    assert.equal(desk.asked, 1);
});


test('in another arm of the same test', async (desk) => {
    const page = await desk.open('read_more=box&after=4');

    await desk.hears('read_more/box exposure');
    await page.goto(desk.url('read_more=card&after=1'));
    await page.click('aside a', { button: 'middle' });
    await desk.hearsOnly('read_more/box exposure');
});


test('a click implies an exposure', async (desk) => {
    const page = await desk.open('read_more=box&after=4');

    await page.click('aside a');
    await page.waitForURL('**/elsewhere?read_more');
    await desk.hearsOnly('read_more/box exposure', 'read_more/box click');

    await page.goto(desk.url('read_more=box&after=4'));
    await page.click('aside a');
    await desk.hearsOnly('read_more/box exposure', 'read_more/box click');
});


test('a click before the test is known', async (desk) => {
    const page = await desk.open();
    let go;
    const gate = new Promise((done) => { go = done; });

    await page.route('**/beacon?*', async (route) => {
        await gate;
        await route.continue();
    });
    await page.goto(desk.url('read_more=box&after=4'));
    await page.click('aside a', { button: 'middle' });
    assert.deepEqual(await storage(page), {});
    go();
    await desk.hears('read_more/box exposure', 'read_more/box click');
});


test('a click by keyboard', async (desk) => {
    const page = await desk.open('read_more=box&after=4');

    await page.focus('aside a');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/elsewhere?read_more');
    await desk.hears('read_more/box exposure', 'read_more/box click');
});


test('a click with the middle button', async (desk) => {
    const page = await desk.open('read_more=box&after=4');

    await page.click('aside a', { button: 'middle' });
    await page.click('aside a', { button: 'middle' });
    await desk.hearsOnly('read_more/box exposure', 'read_more/box click');
});


test('clicks that are none', async (desk) => {
    const page = await desk.open('read_more=box&_pull_quote=box&after=1');

    await page.click('aside b');
    await page.click('aside a', { button: 'right' });
    await page.click('[data-editorial^=pull_quote] a', { button: 'middle' });
    await page.click('footer a', { button: 'middle' });
    await desk.hears('read_more/box exposure', 'read_more/box finish');
});


test('the end of the article', async (desk) => {
    const page = await desk.open('read_more=box&before=2&after=4');
    const height = await page.evaluate(() => document.body.scrollHeight);

    await scroll(page, 99999);
    await desk.hearsOnly();

    await scroll(page, 900);
    await desk.hears('read_more/box exposure');
    await desk.hearsOnly('read_more/box exposure');

    await scroll(page, 99999);
    await desk.hears('read_more/box exposure', 'read_more/box finish');
    assert.equal(await page.evaluate(() => document.body.scrollHeight), height,
                 'the page is as high as it was');
});


test('the end on another page', async (desk) => {
    const page = await desk.open('read_more=box&after=4');

    await desk.hears('read_more/box exposure');
    await page.goto(desk.url('read_more=box&before=2&after=2'));
    await page.waitForLoadState('networkidle');
    await scroll(page, 99999);
    await desk.hears('read_more/box exposure', 'read_more/box finish');
});


test('where the article ends', async (desk) => {
    const page = await desk.open('read_more=box&after=3', {
        before: () => document.addEventListener('DOMContentLoaded', () => {
            const article = document.querySelector('article');

            article.insertAdjacentHTML('beforeend',
                '<p data-editorial="disclaimer/standard">Views</p>'
                + '<p hidden>Nothing</p><aside><p>Subscribe</p></aside>'
                + '<article><p>A comment</p></article>');
        })
    });

    await desk.hears('read_more/box exposure');
    assert.deepEqual(await page.evaluate(() =>
        [...document.querySelectorAll('p > span')].map((end) => [
            end.parentNode === document.querySelectorAll('p')[2],
            end === end.parentNode.lastChild, end.outerHTML])),
        [[true, true, '<span></span>']]);
});


test('two features', async (desk) => {
    desk.tests = { read_more: 'T1', pull_quote: 'T7' };

    const page = await desk.open(
        'read_more=box&pull_quote=off&_disclaimer=box&after=4');

    await desk.hearsOnly('read_more/box exposure', 'pull_quote/off exposure');
    assert.equal(desk.told.length, 1, 'in one body');
    assert.equal(desk.asked, 1, 'asked once');
    assert.deepEqual(Object.keys(await storage(page)).sort(),
        ['pull_quote', 'read_more'].map((f) => `editorial:two-features:${f}`));
});


test('a tab behind another', async (desk) => {
    const front = await desk.context.newPage();
    const look = async (page) => {
        await page.bringToFront();
        await page.waitForTimeout(200);
        await front.bringToFront();
        await page.waitForTimeout(200);
    };

    const page = await desk.quickly('read_more=box&after=4', async (page) => {
        await front.bringToFront();

        for (let i = 0; i < 4; i++) {
            await look(page);
        }
    });

    assert.equal(await page.evaluate(() => document.visibilityState), 'hidden');
    await desk.hearsOnly();

    await page.evaluate(() => {
        const { sendBeacon } = navigator;
        let left;

        document.addEventListener('visibilitychange',
                                  () => { left = performance.now(); }, true);
        window.addEventListener('visibilitychange',
                                () => { left = performance.now(); }, true);

        navigator.sendBeacon = (...args) => {
            // on a slow machine the quiet second is over before it is hidden
            window.after = document.visibilityState === 'hidden'
                ? performance.now() - left : 0;
            return sendBeacon.apply(navigator, args);
        };
    });
    await page.bringToFront();
    await page.waitForFunction(() => localStorage.length === 1);
    await front.bringToFront();
    await desk.hears('read_more/box exposure');
    assert.ok(await page.evaluate(() => window.after) < 500, 'sent at once');

    await Promise.all([page.close(), front.close()]);
}, { own: true });


test('the back-forward cache', async (desk) => {
    const visit = async (page) => {
        await page.goto(`${desk.server.origin}/elsewhere`);
        await page.goBack({ waitUntil: 'commit' });
        assert.equal(await page.evaluate(() => window.mark), 'the same page');
    };

    const page = await desk.quickly('read_more=box&after=4', async (page) => {
        await page.evaluate(() => { window.mark = 'the same page'; });

        for (let i = 0; i < 5; i++) {
            await page.waitForTimeout(200);
            await visit(page);
        }

        assert.equal(await page.evaluate(() => window.stays.length), 5);
    });

    await desk.hears('read_more/box exposure');
    await visit(page);
    await desk.hearsOnly('read_more/box exposure');

    await page.click('aside a', { button: 'middle' });
    await visit(page);
    await desk.hears('read_more/box exposure', 'read_more/box click');
    assert.equal(desk.asked, 1);
});


/* The driver has Chromium render nothing ahead, so this only looks like it. */

test('rendered ahead', async (desk) => {
    const page = await desk.open('read_more=box&after=4', {
        before: () => {
            let ahead = true;

            Object.defineProperty(Document.prototype, 'prerendering',
                                  { get: () => ahead });

            window.activate = () => {
                ahead = false;
                document.dispatchEvent(new Event('prerenderingchange'));
            };
        }
    });

    await desk.hearsOnly();
    assert.equal(desk.asked, 0);

    await page.evaluate(() => window.activate());
    await desk.hears('read_more/box exposure');
});


test('leaving sends', async (desk) => {
    const page = await desk.open('read_more=box&after=4');

    await page.waitForFunction(() => localStorage.length === 1);
    await page.close();
    await desk.hears('read_more/box exposure');
});


for (const [name, property, value] of [
    ['Do Not Track', 'doNotTrack', '1'],
    ['Global Privacy Control', 'globalPrivacyControl', true]
]) {
    test(name, async (desk) => {
        const page = await desk.open('read_more=box&after=1', {
            before: `Object.defineProperty(Navigator.prototype, '${property}',
                     { get: () => ${JSON.stringify(value)} })`
        });

        await page.click('aside a', { button: 'middle' });
        await desk.hearsOnly();
        assert.equal(desk.asked, 0);
        assert.deepEqual(await storage(page), {});
    });
}


test('Do Not Track is 0', async (desk) => {
    await desk.open('read_more=box&after=4', {
        before: () => Object.defineProperty(Navigator.prototype, 'doNotTrack',
                                            { get: () => '0' })
    });
    await desk.hears('read_more/box exposure');
});


test('storage is refused', async (desk) => {
    const page = await desk.open('read_more=box&after=1', {
        before: () => Object.defineProperty(window, 'localStorage', {
            get() {
                throw new DOMException('refused', 'SecurityError');
            }
        })
    });

    await page.click('aside a', { button: 'middle' });
    await desk.hearsOnly();
});


test('storage is full', async (desk) => {
    const page = await desk.open('read_more=box&after=1', {
        before: () => {
            for (let n = 1 << 22; n >= 1; n >>= 1) {
                try {
                    for (;;) {
                        localStorage.setItem(`${n} ${localStorage.length}`,
                                             'x'.repeat(n));
                    }
                } catch {
                    /* by less then */
                }
            }
        }
    });

    await page.click('aside a', { button: 'middle' });
    await desk.hearsOnly();
});


test('a click whose exposure could not be kept', async (desk) => {
    await desk.open('read_more=box&after=1', {
        before: () => {
            const { setItem } = Storage.prototype;

            Storage.prototype.setItem = () => {
                Storage.prototype.setItem = setItem;
                throw new DOMException('full', 'QuotaExceededError');
            };

            document.addEventListener('DOMContentLoaded', () => document
                .querySelector('aside a')
                .dispatchEvent(new MouseEvent('auxclick', { button: 1,
                                                            bubbles: true })));
        }
    });
    await desk.hearsOnly();
});


test('storage says something else', async (desk) => {
    const page = await desk.open();

    await page.addInitScript(() => localStorage.setItem(
        'editorial:storage-says-something-else:read_more', '{"test'));
    await page.goto(desk.url('read_more=box&after=1'));
    await desk.hearsOnly();
});


test('a page without markers', async (desk) => {
    const page = await desk.open('_read_more=box&after=1');

    await page.click('aside a', { button: 'middle' });
    await desk.hearsOnly();
    assert.equal(desk.asked, 0);
});


test('no beacon', async (desk) => {
    const page = await desk.open('read_more=box&after=1&beacon=');

    await page.click('aside a', { button: 'middle' });
    await desk.hearsOnly();
    assert.equal(desk.asked, 0);
});


test('a beacon that fails', async (desk) => {
    desk.answer = { status: 503 };

    const page = await desk.open('read_more=box&after=1');

    await desk.hearsOnly();
    assert.deepEqual(await storage(page), {});
    assert.deepEqual(desk.complaints.splice(0).filter(
        (text) => !/^Failed to load resource: .* 503/.test(text)), []);
});


test('a beacon that speaks nonsense', async (desk) => {
    desk.answer = { status: 200, body: '{"tests":' };
    await desk.open('read_more=box&after=1');
    await desk.hearsOnly();
});


test('a beacon that knows no tests', async (desk) => {
    desk.answer = { status: 204 };

    const page = await desk.open('read_more=box&after=4');

    await desk.hears('read_more/box exposure');
    await page.reload();
    await desk.hearsOnly('read_more/box exposure');
});


test('sendBeacon refuses', async (desk) => {
    const page = await desk.open('read_more=box&after=4', {
        before: () => { navigator.sendBeacon = () => false; }
    });

    await page.waitForFunction(() => localStorage.length === 1);
    await page.goto(`${desk.server.origin}/elsewhere`);
    await desk.hears('read_more/box exposure');
    assert.equal(desk.told[0].type, 'application/json');
});


test('there is no sendBeacon', async (desk) => {
    await desk.open('read_more=box&after=4', {
        before: () => { navigator.sendBeacon = undefined; }
    });
    await desk.hears('read_more/box exposure');
});


test('more than one body', async (desk) => {
    const names = Array.from({ length: 90 }, (_, i) =>
        `feature_of_a_longer_name_${i}`);

    desk.tests = Object.fromEntries(names.map((name) => [name, 'T1']));

    await desk.open(`after=4&${names.map((n) => `${n}=off`).join('&')}`);
    await desk.hears(...names.map((name) => `${name}/off exposure`));
    assert.ok(desk.told.length > 1);
    assert.ok(desk.told.every(({ size }) => size <= 4096));
});


test('two scripts by accident', async (desk) => {
    await desk.open('read_more=box&after=4&scripts=2');
    await desk.hearsOnly('read_more/box exposure');
    assert.equal(desk.asked, 1);
});


async function run({ name, body, options }, browser, server) {
    const context = options.own ? browser.contexts()[0]
        : await browser.newContext({ viewport: { width: 800, height: 600 } });
    const desk = new Desk(name, server, context);

    try {
        await body(desk);
        assert.deepEqual(desk.complaints, [], 'the console');
        return null;

    } catch (error) {
        return error;

    } finally {
        if (!options.own) {
            await context.close();
        }
    }
}


const server = await serve();
const { browser, close } = await start();
const only = process.argv.slice(2);
const queue = cases.filter(({ name }) => !only.length || only.includes(name));
const planned = queue.length;
let tests = 0;
let failed = 0;


/* Those in the profile's own context need the one front, so one has them. */

async function work(mine) {
    for (;;) {
        const i = queue.findIndex(({ options }) => mine || !options.own);

        if (i === -1) {
            return;
        }

        const [next] = queue.splice(i, 1);
        const error = await run(next, browser, server);

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
    await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => work(i === 0)));

} finally {
    await close();
    server.close();
}

console.log(`1..${planned}`);
process.exit(failed === 0 ? 0 : 1);
