/*
 * The work list: what is wrong with recent articles, by kind, each with a link
 * to where it is mended; and states that cannot be used.
 */

import { h, fill, name, time } from '../dom.js';
import { linkTo } from '../article/choose.js';


const MOST = 512;             // the server remembers no more
const SHOWN = 20;             // of a kind, before one asks for more

const ARTICLE = /^article:/;

const KINDS = {
    record_malformed: {
        title: 'What was saved cannot be read',
        note: 'Readers get the article as it was before, or without what '
              + 'editors said.',
        mend: 'Look at it'
    },
    quote_drifted: {
        title: 'Pull quotes that the text no longer has',
        note: 'The sentence was changed after it was chosen. Readers do not '
              + 'see the quote.',
        mend: 'Mend the quote', at: 'quotes'
    },
    no_disclaimer: {
        title: 'Opinion pieces without a disclaimer',
        mend: 'Look at the disclaimer', at: 'disclaimer'
    },
    no_read_more: {
        title: 'Articles without a Read More link',
        mend: 'Add a link', at: 'links'
    },
    not_stored: {
        title: 'Pages that cannot be kept',
        note: 'Each reader’s request goes to the newsroom’s system.',
        mend: 'Look at it'
    }
};


export async function show(root, { query }, { api, notice }) {
    const [{ articles }, status] = await Promise.all([
        api.get(api.withQuery('articles', { count: MOST })),
        api.get('status').catch((problem) => problem)
    ]);

    const unknown = status instanceof Error ? notice.words(status) : '';
    const problems = status.problems || [];

    const states = problems.filter(({ where }) => !ARTICLE.test(where));

    articles.push(...strangers(articles, problems));

    const desks = [...new Set(articles.map(({ desk }) => desk))]
        .filter(Boolean).sort();
    const filter = h('select', { id: 'work-desk', onchange: draw },
        h('option', { value: '' }, 'All desks'),
        desks.map((desk) => h('option', { value: desk }, desk)));
    const count = h('p', { class: 'lead', role: 'status' });
    const place = h('div');

    filter.value = query.get('desk') || '';

    fill(root, h('h1', {}, 'Work list'),
        count,
        desks.length > 1 && h('div', { class: 'field' },
            h('label', { for: 'work-desk' }, 'Desk'), filter),
        place);
    draw();


    function draw() {
        const desk = filter.value;
        const of = articles.filter((article) => !desk || article.desk === desk);
        const groups = groupsOf(of);
        const own = states.filter(({ where }) =>
            !desk || where.split('/')[0] === desk);
        const n = groups.reduce((sum, { items }) => sum + items.length, 0)
                  + own.length;

        fill(count, n === 0 ? '' : `${n} ${n === 1 ? 'thing' : 'things'} to `
                                   + 'mend.');
        fill(place, n === 0 && !unknown ? allWell(of.length) : [
            unknown && h('p', { class: 'problem' }, 'Whether the desks’ '
                + `switches can be used is not known. ${unknown}`),
            own.length > 0 && statesOf(own), groups.map(groupOf)
        ]);
    }
}


/*
 * Articles with a malformed record that are not in the list, as another server
 * has planned them: all that is known is the id, which is a path by default.
 */
function strangers(articles, problems) {
    const known = new Set(articles.filter(({ problems: p }) =>
        p.some(({ kind }) => kind === 'record_malformed'))
        .map(({ id }) => id));

    return problems.filter(({ where }) => ARTICLE.test(where))
        .map(({ where, text }) => ({ id: where.replace(ARTICLE, ''), text }))
        .filter(({ id }) => !known.has(id))
        .map(({ id, text }) => ({
            id, url: id, title: '', desk: '', at: null,
            problems: [{ kind: 'record_malformed', text }]
        }));
}


function allWell(articles) {
    return h('div', { class: 'fine' },
        h('p', {}, h('b', {}, 'All is well.'), articles === 0
            ? ' This server has seen no articles yet.'
            : ` Nothing is wrong with the ${articles} `
              + `${articles === 1 ? 'article' : 'articles'} that this server `
              + 'has seen of late.'));
}


/* [{ kind, items: [{ article, text }] }], also of kinds not known here */

function groupsOf(articles) {
    const kinds = new Map(Object.keys(KINDS).map((kind) => [kind, []]));

    for (const article of articles) {
        for (const { kind, text } of article.problems) {
            kinds.set(kind, [...kinds.get(kind) || [], { article, text }]);
        }
    }

    return [...kinds].filter(([, items]) => items.length)
                     .map(([kind, items]) => ({ kind, items }));
}


function groupOf({ kind, items }) {
    const { title = kind, note, mend = 'Look at it', at } = KINDS[kind] || {};
    const list = h('ul', { class: 'work-list' });
    const more = h('button', { type: 'button', onclick: () => {
        fill(list, items.map(itemOf));
        more.remove();
        list.children[SHOWN].querySelector('a').focus();
    } }, `Show all ${items.length}`);

    fill(list, items.slice(0, SHOWN).map(itemOf));

    return h('section', { class: 'card', 'aria-labelledby': `work-${kind}` },
        h('h2', { id: `work-${kind}` }, title, ' ',
          h('span', { class: 'badge badge-warn' }, String(items.length))),
        note && h('p', { class: 'note' }, note),
        list, items.length > SHOWN && more);


    function itemOf({ article, text }) {
        const called = article.title || article.id;

        return h('li', {},
            h('div', {},
                h('p', { class: 'work-title' }, h('bdi', {}, called)),
                h('p', { class: 'work-what', dir: 'auto' }, text),
                article.at && h('p', { class: 'note' }, name(article.desk),
                  ' · ', time(article.at), ' · ', name(article.url))),
            h('a', { class: 'button', href: linkTo(article.url, at) },
                mend, h('span', { class: 'unseen' }, `: ${called}`)));
    }
}


function statesOf(states) {
    return h('section', { class: 'card', 'aria-labelledby': 'work-states' },
        h('h2', { id: 'work-states' }, 'Switches and Redis ',
          h('span', { class: 'badge badge-bad' }, String(states.length))),
        h('p', { class: 'note' }, 'A switch that cannot be used stays as it '
          + 'was before, until it is mended.'),
        h('ul', { class: 'work-list' }, states.map(({ where, text }) => h(
            'li', {},
            h('div', {}, h('p', { class: 'work-title' }, name(where)),
              h('p', { class: 'work-what', dir: 'auto' }, text)),
            h('a', { class: 'button',
                     href: where === 'redis' ? '#/status' : '#/desks' },
              where === 'redis' ? 'Look at it' : 'Mend it',
              h('span', { class: 'unseen' }, `: ${where}`))))));
}
