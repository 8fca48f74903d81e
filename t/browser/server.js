/*
 * A site of articles under a strict Content-Security-Policy, as the module
 * sends them while tests run, and a beacon that writes down what it is told.
 *
 *     /article?desk=D&read_more=box&before=1&after=4
 *
 * is an article of desk D whose read_more is in its arm "box", after one
 * paragraph and before four, each a screen high.  An argument whose name starts
 * with "_" is a feature that is not under test, without a marker; scripts=N
 * says how often the script stands there, beacon= what data-beacon says.
 */

import fs from 'node:fs';
import http from 'node:http';


const SCRIPT = new URL('../../src/assets/furniture.js', import.meta.url);

const STYLE = `
body { margin: 0 }
p { height: 600px; margin: 0 }
p + p { border-top: 1px solid }
p:last-child { height: 300px }
footer p:nth-child(n) { height: 40px }
aside { height: 90px }
`;


/* Where furniture stands, there is a link in it; "off" is only a marker. */

function piece(feature, arm) {
    return arm === 'off' ? '' : `<aside data-editorial="${feature}/${arm}">`
        + `<a href="/elsewhere?${feature}">Read on</a> `
        + '<b>and more</b></aside>';
}


function article(args) {
    const paragraphs = (n) => '<p>A paragraph.</p>'.repeat(args.get(n) ?? 0);
    const beacon = args.get('beacon') ?? '/beacon';
    const script = '<script src="/furniture.js" defer'
        + ` data-desk="${args.get('desk')}"`
        + (beacon === '' ? '' : ` data-beacon="${beacon}"`) + '></script>';
    const features = [...args].filter(([, arm]) => /^(box|card|off)/.test(arm));

    const pieces = features.map(([name, arm]) => name[0] === '_'
        ? piece(name.slice(1), arm)
        : `<span data-editorial-test="${name}"></span>${piece(name, arm)}`);

    return '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        + '<title>An article</title><link rel="stylesheet" href="/style.css">'
        + '</head><body><main><article>' + paragraphs('before')
        + script.repeat(args.get('scripts') ?? 1) + pieces.join('')
        + paragraphs('after')
        + '</article></main><footer><p>About us</p>'
        + '<p><a href="/elsewhere?plain">elsewhere</a></p></footer>'
        + '</body></html>';
}


function read(request) {
    return new Promise((done) => {
        const parts = [];

        request.on('data', (part) => parts.push(part));
        request.on('end', () => done(Buffer.concat(parts)));
    });
}


/*
 * serve(): { origin, close(), asked, told, answers }.
 *
 * asked    how often the tests of a desk were asked for
 * told     what came by POST: { desk, events, type, size }
 * answers  desk: what a GET of the beacon gives, { tests } as JSON, or
 *          { status, body }
 */

export async function serve() {
    const asked = {};
    const told = [];
    const answers = {};

    async function beacon(request, url, reply) {
        if (request.method === 'POST') {
            const body = await read(request);

            told.push({
                ...JSON.parse(body),
                type: request.headers['content-type'],
                size: body.length
            });

            return reply(204, '', '');
        }

        const desk = url.searchParams.get('desk');
        const answer = answers[desk];

        asked[desk] = (asked[desk] ?? 0) + 1;

        return answer.status !== undefined
            ? reply(answer.status, 'text/plain', answer.body ?? '')
            : reply(200, 'application/json', JSON.stringify(answer));
    }

    const server = http.createServer(async (request, response) => {
        const url = new URL(request.url, 'http://localhost');

        const reply = (status, type, body, headers = {}) => {
            response.writeHead(status, {
                'Content-Type': type,
                'Content-Security-Policy': "default-src 'self'",
                'Cache-Control': 'no-cache',
                ...headers
            });
            response.end(body);
        };

        switch (url.pathname) {
        case '/article':
            return reply(200, 'text/html', article(url.searchParams),
                         { 'Cache-Control': 'private, no-cache' });
        case '/elsewhere':
            return reply(200, 'text/html', '<!DOCTYPE html><title>Elsewhere'
                         + '</title><p>elsewhere');
        case '/furniture.js':
            return reply(200, 'text/javascript', fs.readFileSync(SCRIPT));
        case '/style.css':
            return reply(200, 'text/css', STYLE);
        case '/beacon':
            return beacon(request, url, reply);
        default:
            return reply(204, '', '');
        }
    });

    await new Promise((done) => server.listen(0, '127.0.0.1', done));

    return {
        origin: `http://127.0.0.1:${server.address().port}`,
        asked, told, answers,
        close() {
            server.close();
            server.closeAllConnections();
        }
    };
}
