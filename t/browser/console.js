/*
 * node t/browser/console.js ONE TWO SITE REDIS PID [CASE ...]
 *
 * The console as editors have it, and what readers then get: two servers with
 * their consoles and articles, /DESK/story, that share REDIS (host:port, its
 * process is PID), and a small site of its own.  Prints TAP.
 */

import assert from 'node:assert/strict';

import { start } from './browser.js';
import { cases, Editor, ONE, ONLY, resume } from './console_editor.js';

import './console_desks.js';
import './console_results.js';
import './console_rest.js';
import './console_looks.js';


const AT_ONCE = 3;


async function run({ desk, body, options }, browser) {
    const contexts = [];

    const create = async (user) => {
        const context = await browser.newContext({
            locale: 'en-GB', extraHTTPHeaders: { 'X-User': user },
            ...options.context
        });

        contexts.push(context);

        return new Editor(desk, options.site ?? ONE, context, user);
    };

    try {
        const editor = await create('anna');

        await body(editor, create);
        assert.deepEqual(editor.complaints, [], 'nothing is complained of');

        return null;

    } catch (error) {
        return error;

    } finally {
        resume();
        await Promise.all(contexts.map((context) => context.close()));
    }
}


const { browser, close } = await start();
const wanted = cases.filter(({ name }) => !ONLY.length || ONLY.includes(name));
const beside = wanted.filter(({ options }) => !options.alone);
const alone = wanted.filter(({ options }) => options.alone);

let tests = 0;
let failed = 0;


async function work(queue) {
    for (let next = queue.shift(); next; next = queue.shift()) {
        const from = Date.now();
        const error = await run(next, browser);

        tests += 1;
        failed += error !== null;

        console.log(`${error === null ? 'ok' : 'not ok'} ${tests} - `
                    + next.name);

        if (error !== null) {
            console.log(String(error.stack).replace(/^/gm, '# '));
        }

        if (process.env.EDITORIAL_TIMES) {
            console.error(`# ${Date.now() - from} ms: ${next.name}`);
        }
    }
}


try {
    await Promise.all(Array.from({ length: AT_ONCE }, () => work(beside)));
    await work(alone);

} finally {
    await close();
}

console.log(`1..${wanted.length}`);
process.exit(failed === 0 ? 0 : 1);
