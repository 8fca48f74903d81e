/* How the servers are. */

import { h, fill, name, time } from '../dom.js';
import { count, rate } from '../figures.js';


const LOOK = 3000;            // ms

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];


function bytes(n) {
    let unit = 0;
    let of = n;

    while (of >= 1024 && unit < UNITS.length - 1) {
        of /= 1024;
        unit += 1;
    }

    return `${of < 10 && unit > 0 ? of.toFixed(1) : Math.round(of)} `
           + UNITS[unit];
}


const list = (...rows) => h('dl', { class: 'facts' }, rows.filter(Boolean).map(
    ([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))));

const card = (title, ...children) => h('section', { class: 'card' },
                                       h('h2', {}, title), children);


function memory(zone) {
    if (!zone) {
        return card('Memory', h('p', {}, 'No zone is configured.'));
    }

    const asked = zone.hits + zone.stale + zone.misses;

    return card('Memory',
        asked > 0 && h('p', { class: 'big' },
                       rate((zone.hits + zone.stale) / asked),
                       h('small', {}, 'of the pages asked for were there')),
        h('meter', { min: 0, max: zone.size, value: zone.used,
                     'aria-label': 'Memory in use' }),
        list(['In use', `${bytes(zone.used)} of ${bytes(zone.size)}`],
             ['Pages', count(zone.pages)],
             ['Hits', count(zone.hits)],
             ['… that were stale', count(zone.stale)],
             ['Misses', count(zone.misses)],
             ['Put out for room', count(zone.evictions)]));
}


function redisCard(redis) {
    if (!redis) {
        return card('Redis', h('p', {}, 'None is configured: what editors '
            + 'decide lasts as long as this server’s memory, and is its own.'));
    }

    return card('Redis',
        h('p', { class: redis.up ? 'fine' : 'problem' },
          redis.up ? 'It answers.' : 'It does not answer. States stay as they '
          + 'are, and pages are served from memory and the origin.'),
        redis.warnings?.map((text) => h('p', { class: 'problem' }, text)),
        list(redis.server && ['Server', name(redis.server)],
             ['Breaker', redis.breaker === 'open'
                 ? 'open: it is left alone for a while' : 'closed'],
             ['Tells of changes', redis.tracking ? 'yes' : 'no'],
             ['Answers too late', count(redis.timeouts)],
             ['Connections lost', count(redis.lost)]));
}


function serversCard(servers) {
    const same = new Set(servers.map(({ states }) => states)).size <= 1;

    return card('Servers',
        h('p', { class: same ? 'fine' : 'problem' },
          servers.length === 1 ? 'This one is the only one.'
          : same ? `All ${servers.length} hold the same states.`
                 : 'They do not hold the same states. A change takes a second; '
                   + 'what takes longer is behind.'),
        h('div', { class: 'scroll', tabindex: 0, role: 'region',
                   'aria-label': 'Servers' },
          h('table', {}, h('caption', { class: 'unseen' }, 'Servers'),
            h('thead', {}, h('tr', {}, ['Server', 'Heard of', 'Behind',
                                        'States'].map(
                (text) => h('th', { scope: 'col' }, text)))),
            h('tbody', {}, servers.map((one) => h('tr', {},
                h('th', { scope: 'row' }, name(one.name)),
                h('td', {}, time(one.at)),
                h('td', {}, one.lag_ms === null
                    ? 'not told of changes' : `${count(one.lag_ms)} ms`),
                h('td', {}, h('code', {},
                              String(one.states).slice(0, 8)))))))));
}


function problemsCard(problems) {
    return card('What is wrong',
        problems.length === 0
            ? h('p', { class: 'fine' }, 'Nothing in states and records.')
            : h('ul', { class: 'plain' }, problems.map(
                ({ where, text }) => h('li', { class: 'problem' },
                    h('strong', {}, name(where)), h('br'), name(text)))));
}


function countersCard(counters) {
    return h('details', { class: 'card' },
        h('summary', {}, 'All that is counted'),
        h('table', {}, h('caption', { class: 'unseen' }, 'Counters'),
          h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'What'),
            h('th', { scope: 'col', class: 'figure' }, 'How often'))),
          h('tbody', {}, Object.entries(counters).map(([of, n]) => h('tr', {},
              h('th', { scope: 'row' }, of.replaceAll('_', ' ')),
              h('td', { class: 'figure' }, count(n)))))));
}


export async function show(root, params, app) {
    const place = h('div', { class: 'status' });
    const counters = h('div');

    function draw(status) {
        fill(place, problemsCard(status.problems ?? []), memory(status.zone),
             redisCard(status.redis), serversCard(status.servers ?? []));

        if (!counters.querySelector('details[open]')) {
            fill(counters, countersCard(status.counters ?? {}));
        }
    }

    const status = await app.api.get('status');

    fill(root, h('h1', {}, 'Status'),
         h('p', { class: 'lead' }, 'Of ', name(status.node), ', version ',
           status.version, ', and the servers it shares with.'),
         place, counters);
    draw(status);

    const timer = setInterval(async () => {
        if (document.visibilityState === 'visible'
            && !place.contains(document.activeElement))
        {
            try {
                draw(await app.api.get('status'));
            } catch {
                /* the banner says it */
            }
        }
    }, LOOK);

    return () => clearInterval(timer);
}
