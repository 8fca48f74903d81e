/*
 * One real browser, as it comes: a driver's own defaults take away the
 * back-forward cache and pretend that every tab is in front.
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { chromium } from 'playwright-core';


const PROGRAM = process.env.EDITORIAL_CHROMIUM || '/usr/bin/chromium';

const OPTIONS = [
    '--headless=new', '--no-sandbox', '--remote-debugging-port=0',
    '--no-first-run', '--no-default-browser-check', '--disable-gpu',
    '--disable-dev-shm-usage', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--mute-audio',
    '--disable-backgrounding-occluded-windows', '--window-size=800,700',
    '--disable-extensions', '--in-process-gpu',
    '--disable-features=SpareRendererForSitePerProcess'
];


function listening(process) {
    return new Promise((done, failed) => {
        let said = '';

        process.stderr.on('data', (data) => {
            said += data;

            const found = /^DevTools listening on (ws:\S+)/m.exec(said);

            if (found) {
                done(found[1]);
            }
        });

        process.on('error', failed);
        process.on('exit', () => failed(new Error(`${PROGRAM}: ${said}`)));
    });
}


/* start(): { browser, close() }; its first context is the profile's own. */

export async function start() {
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'editorial-'));
    const program = spawn(PROGRAM,
                          [...OPTIONS, `--user-data-dir=${profile}`],
                          { stdio: ['ignore', 'ignore', 'pipe'],
                            detached: true });
    const gone = new Promise((done) => program.on('close', done));

    const clean = () => {
        try {
            process.kill(-program.pid, 'SIGKILL');
        } catch {
            /* it has gone already, or never came */
        }

        fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    };

    const close = async () => {
        clean();
        await gone;
        clean();
    };

    process.on('exit', clean);
    process.on('SIGINT', () => process.exit(1));
    process.on('SIGTERM', () => process.exit(1));

    try {
        const address = await listening(program);

        return {
            browser: await chromium.connectOverCDP(address,
                                                   { noDefaults: true }),
            close
        };

    } catch (error) {
        await close();
        throw error;
    }
}
