/* What the tests of the console ask Redis, and how they wait for an answer. */

import assert from 'node:assert/strict';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';


export const PATIENCE = 30000;       // for anything that is to come


/* A command to Redis at host:port: its reply's first line, or what it holds. */

export function redis(address, ...words) {
    const [host, port] = address.split(':');

    return new Promise((done, failed) => {
        const socket = net.connect(Number(port), host, () => socket.write(
            `*${words.length}\r\n` + words.map((word) =>
                `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`).join('')));
        let said = Buffer.alloc(0);

        socket.on('error', failed);
        socket.on('data', (data) => {
            said = Buffer.concat([said, data]);

            const line = /^([^\r]*)\r\n/.exec(said.toString('latin1'));
            const size = line && /^\$(\d+)$/.exec(line[1]);
            const end = size ? line[0].length + Number(size[1]) : 0;

            if (line && (!size || said.length >= end + 2)) {
                socket.destroy();
                done(size ? said.toString('utf8', line[0].length, end)
                          : line[1]);
            }
        });
    });
}


export async function eventually(what, ask) {
    const end = Date.now() + PATIENCE;

    for (;;) {
        const said = await ask();

        if (said) {
            return said;
        }

        assert.ok(Date.now() < end, `it never came: ${what}`);
        await sleep(50);
    }
}
