/*
 * What the console's cases are made of: an editor with a browser, readers, and
 * the Redis behind it all.
 *
 *     test('a feature is switched off', 'switch', async (editor) => { ... });
 *
 * is a case with the desk "switch" to itself.  Options: alone, where nothing
 * else may run beside it; context, what the browser's context has; site, whose
 * console it is.
 */

import fs from 'node:fs';

import { eventually, PATIENCE, redis as command } from './redis.js';

export { eventually };


const AXE = fs.readFileSync(new URL('node_modules/axe-core/axe.min.js',
                                    import.meta.url), 'utf8');

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };

export const [ONE, TWO, SITE, REDIS, PID, ...ONLY] = process.argv.slice(2);
export const cases = [];

export const test = (name, desk, body, options = {}) =>
    cases.push({ name, desk, body, options });


/* To the Redis that the servers share. */

export const redis = (...words) => command(REDIS, ...words);


export class Editor {
    constructor(desk, site, context, user) {
        this.desk = desk;
        this.site = site;
        this.context = context;
        this.user = user;
        this.complaints = [];
        this.expected = /status of (400|403|404|412|503)|ERR_INTERNET_DISCONNECTED/;
    }

    /* A tab of the console. */
    async open(hash = '#/desks', { before } = {}) {
        const page = await this.context.newPage();

        page.setDefaultTimeout(PATIENCE);
        page.on('pageerror', (error) => this.complaints.push(String(error)));
        page.on('dialog', (dialog) => {
            this.complaints.push(`dialog: ${dialog.message()}`);
            dialog.dismiss();
        });
        page.on('console', (message) => {
            if (['error', 'warning'].includes(message.type())
                && !this.expected.test(message.text()))
            {
                this.complaints.push(message.text());
            }
        });

        if (before) {
            await before(page);
        }

        await page.goto(`${this.site}/console/${hash}`);

        return page;
    }

    /* A feature's card on the desk of this case. */
    card(page, name = 'Read More boxes') {
        return page.getByRole('region', { name: this.desk, exact: true })
                   .getByRole('article', { name });
    }

    /* Answers the question that the page asks. */
    async agree(page, button = 'Save') {
        await page.getByRole('dialog').getByRole('button', { name: button })
                  .click();
        await page.getByRole('dialog').waitFor({ state: 'detached' });
    }

    /* What a reader gets of the case's article, with that bucket. */
    async read(site = this.site, bucket = 0, query = '') {
        const response = await fetch(`${site}/${this.desk}/story${query}`, {
            headers: { Cookie: `editorial_bucket=${bucket}` }
        });

        return { text: await response.text(), headers: response.headers };
    }

    /* Until readers of both servers have this in their pages, or no longer. */
    async reads(what, is = true) {
        for (const site of [ONE, TWO]) {
            await eventually(`${is ? '' : 'no '}${what} at ${site}`,
                async () => what.test((await this.read(site)).text) === is);
        }
    }

    /* A call of the API by somebody else: its status and its answer. */
    async call(method, path, body, user = 'bert') {
        const response = await fetch(`${this.site}/console/api/${path}`, {
            method,
            headers: { 'Content-Type': 'application/json', 'X-User': user },
            body: body === undefined ? undefined : JSON.stringify(body)
        });
        const text = await response.text();

        return { status: response.status,
                 data: text === '' ? null : JSON.parse(text) };
    }

    get at() {
        return `desks/${this.desk}/read_more`;
    }
}


/* What axe finds, one line an element; all of its rules. */

export async function faults(page, where) {
    if (!await page.evaluate(() => window.axe !== undefined)) {
        await page.evaluate(AXE);
    }

    const found = await page.evaluate(async () => (await window.axe.run(
        document, { resultTypes: ['violations'] })).violations.flatMap(
        ({ id, nodes }) => nodes.map(
            ({ target, failureSummary }) =>
                `${id}: ${target.join(' ')}: ${failureSummary}`)));

    return found.map((line) => `${where}: ${line}`);
}


/* How far the page can be scrolled sideways. */
export const overflow = (page) => page.evaluate(
    () => document.documentElement.scrollWidth - window.innerWidth);


export const pause = () => process.kill(Number(PID), 'SIGSTOP');
export const resume = () => process.kill(Number(PID), 'SIGCONT');
