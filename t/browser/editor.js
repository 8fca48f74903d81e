/*
 * An editor at the console, in a real browser, with nginx and Redis behind it:
 * one article, the views that are open, and what their pages complained of.
 *
 *     const editor = new Editor({ origin, redis }, '/opinion/tides', context);
 *     const page = await editor.open();
 *
 *     await sentence(page, 'Nobody waved.').click();
 *     await saved(page);
 *     await editor.reads(/editorial-pull-quote/);
 */

import { eventually, PATIENCE, redis } from './redis.js';

export { eventually };


/* A path of its own, and browsers that know nothing of others. */

export class Editor {
    constructor({ origin, redis: address }, path, context) {
        this.origin = origin;
        this.redis = (...words) => redis(address, ...words);
        this.path = path;
        this.context = context;
        this.complaints = [];
        this.expected = /status of (404|412|503)/;
    }

    async view(hash, folder = 'console') {
        const page = await this.context.newPage();

        page.setDefaultTimeout(PATIENCE);
        page.on('pageerror', (error) => this.complaints.push(String(error)));
        page.on('dialog', (dialog) => {
            if (dialog.type() !== 'beforeunload') {
                this.complaints.push(`dialog: ${dialog.message()}`);
            }

            dialog.accept();
        });
        page.on('console', (message) => {
            if (['error', 'warning'].includes(message.type())
                && !this.expected.test(message.text()))
            {
                this.complaints.push(message.text());
            }
        });

        await page.goto(`${this.origin}/${folder}/${hash}`);

        return page;
    }

    /* The article in the editor, once a reader has had it. */
    async open(folder) {
        await this.read();

        const page = await this.view(
            `#/article?url=${encodeURIComponent(this.path)}`, folder);

        await page.locator('.art-sentence').first().waitFor();

        return page;
    }

    async read() {
        const response = await fetch(this.origin + this.path);

        return response.text();
    }

    /* Until the reader's page has this, or no longer has it. */
    reads(what, is = true) {
        return eventually(`${is ? '' : 'no '}${what} in ${this.path}`,
                          async () => {
                              const page = await this.read();

                              return what.test(page) === is;
                          });
    }

    async record() {
        const json = await this.redis('GET', `editorial:article:${this.path}`);

        return json === '$-1' ? null : JSON.parse(json);
    }

    write(record) {
        return this.redis('SET', `editorial:article:${this.path}`,
                     typeof record === 'string' ? record
                                                : JSON.stringify(record));
    }
}


export const sentence = (page, text) =>
    page.getByRole('button', { name: text, exact: true });

export const save = (page) => page.locator('.art-save')
    .getByRole('button', { name: 'Save', exact: true });

export async function saved(page) {
    await save(page).click();
    await page.getByText('Saved. Readers see it').waitFor();
}

export const focused = (page) => page.evaluate(
    () => document.activeElement.textContent);

export const isPressed = async (button) =>
    await button.getAttribute('aria-pressed') === 'true';
