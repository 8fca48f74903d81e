/*
 * node t/oracle/run.js [--seed N] [--pages N] [--show]
 *
 * Compares t/tools/spans ($SPANS) with reference.js over the pages of
 * cases.js and over generated tag soup, whole, byte by byte, and cut in two
 * at every place.  Prints TAP.
 */

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';

import { spans, spansOfUtf8 } from './reference.js';
import { Soup } from './soup.js';
import { GROUPS } from './cases.js';


const HERE = path.dirname(fileURLToPath(import.meta.url));
const SPANS = process.env.SPANS || path.join(HERE, '..', 'tools', 'spans');

const BATCH = 8 * 1024 * 1024;        // bytes given to one process
const MAX_DEPTH = 256;
const SHOWN = 5;                      // failures of a test that are shown


function option(name, value) {
    const i = process.argv.indexOf(name);

    return i === -1 ? value : Number(process.argv[i + 1]);
}

const seed = option('--seed', 1);
const pages = option('--pages', 15000);


let tests = 0;
let failed = 0;


/* One TAP line for many comparisons; failures is a list of texts. */

function report(name, count, failures) {
    tests++;
    failed += failures.length !== 0;

    console.log(`${failures.length === 0 ? 'ok' : 'not ok'} ${tests} - `
                + `${name} (${count} compared)`);

    for (const failure of failures.slice(0, SHOWN)) {
        console.log(failure.replace(/^/gm, '# '));
    }

    if (failures.length > SHOWN) {
        console.log(`# and ${failures.length - SHOWN} more`);
    }
}


/*
 * jobs: { bytes, first, step }.  Calls done(job, lines) for each, lines being
 * what spans printed, or [ "error …" ].
 */

function run(jobs, done) {
    let batch = [];
    let size = 0;

    const flush = () => {
        const input = Buffer.concat(batch.flatMap(({ bytes, first, step }) =>
            [Buffer.from(`${bytes.length} ${first} ${step}\n`), bytes]));

        const { stdout, stderr, status, signal } = spawnSync(
            SPANS, ['--batch'], { input, maxBuffer: 1 << 30 });

        if (status !== 0) {
            throw new Error(`${SPANS}: ${signal ?? status}\n${stderr}`);
        }

        const lines = stdout.toString('latin1').split('\n');
        let at = 0;

        for (const job of batch) {
            const from = at;

            while (lines[at] !== '.' && !lines[at].startsWith('error ')) {
                at++;
            }

            done(job, lines.slice(from, lines[at] === '.' ? at : at + 1));
            at++;
        }

        batch = [];
        size = 0;
    };

    for (const job of jobs) {
        batch.push(job);
        size += job.bytes.length;

        if (size > BATCH) {
            flush();
        }
    }

    flush();
}


/* What is to be: spans' lines, or why there are none. */

function expected(page) {
    const { spans: found, depth } = page.utf8 ? spansOfUtf8(page.bytes)
        : spans(page.bytes.toString('latin1'));

    if (depth > MAX_DEPTH) {
        return ['error depth limit'];
    }

    return found.map(([start, tag, end, name]) =>
        `${start} ${tag} ${end} ${name.replace(/\uFFFD/g, '\0')}`);
}


function difference(page, job, want, got) {
    const lost = want.filter((line) => !got.includes(line));
    const extra = got.filter((line) => !want.includes(line));

    return [
        `${page.name} (first ${job.first}, step ${job.step})`,
        JSON.stringify(page.bytes.toString('latin1')),
        ...lost.map((line) => `  want ${line}`),
        ...extra.map((line) => `  got  ${line}`)
    ].join('\n');
}


/* cuts(page): the [first, step] ways to feed it. */

function compare(name, list, cuts) {
    const failures = [];
    let count = 0;

    const jobs = list.flatMap((page) => {
        page.want ??= expected(page);

        return cuts(page).map(([first, step]) =>
            ({ page, bytes: page.bytes, first, step }));
    });

    run(jobs, (job, got) => {
        const want = job.page.want;

        count++;

        if (want.length !== got.length
            || want.some((line, i) => line !== got[i]))
        {
            failures.push(difference(job.page, job, want, got));
        }
    });

    report(name, count, failures);
}


const whole = () => [[0, 0]];
const bytewise = () => [[1, 1]];
const halves = ({ bytes }) =>
    Array.from({ length: Math.max(bytes.length - 1, 0) }, (_, i) => [i + 1, 0]);


for (const { name, cases, utf8 } of GROUPS) {
    const list = cases.map((text, i) => ({
        name: `${name}, case ${i + 1}`,
        bytes: Buffer.from(text, utf8 ? 'utf8' : 'latin1'),
        utf8
    }));

    compare(name, list, (page) =>
        [...whole(page), ...bytewise(page), ...halves(page)]);
}


const soup = (count, size, from) => Array.from({ length: count }, (_, i) => ({
    name: `seed ${from + i}`,
    bytes: Buffer.from(new Soup(from + i).page(size(i)), 'latin1')
}));

const small = soup(pages, (i) => 20 + i % 120, seed * 1000003);
const large = soup(Math.ceil(pages / 20), (i) => 500 + i * 37 % 4000,
                   seed * 1000003 + 500000);

compare('small soup, whole', small, whole);
compare('small soup, byte by byte', small, bytewise);
compare('small soup, in two', small.slice(0, Math.ceil(pages / 6)), halves);
compare('large soup, whole', large, whole);
compare('large soup, in pieces of 7', large, () => [[3, 7]]);

console.log(`1..${tests}`);
process.exit(failed === 0 ? 0 : 1);
