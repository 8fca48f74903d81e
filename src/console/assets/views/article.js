/*
 * The article editor: one article's text, what is placed in it and why, and
 * what editors say about it.  Without an address, a choice of articles.
 */

import { h, fill, button, name } from '../dom.js';
import { saveBar } from '../article/bar.js';
import { choose } from '../article/choose.js';
import { conflictPart } from '../article/conflict.js';
import { linksPart } from '../article/links.js';
import { addressOf, previewPart } from '../article/preview.js';
import { quotesPart } from '../article/quotes.js';
import { readExplain, readRecord, visit } from '../article/saving.js';
import { Session } from '../article/session.js';
import { featuresPart, opinionPart } from '../article/switches.js';
import { textPart } from '../article/text.js';


export async function show(root, { query }, app) {
    const url = query.get('url');

    return url ? open(root, new Session(app, url), query.get('at'))
               : choose(root, app);
}


async function open(root, session, at) {
    const { app: { api }, url } = session;
    const [explain, desks, articles] = await Promise.all([
        readExplain(api, url).catch((problem) => problem),
        api.get('desks').catch(() => ({ desks: [] })),
        api.get(api.withQuery('articles', { count: 200 }))
           .catch(() => ({ articles: [] }))
    ]);

    if (explain instanceof Error) {
        return unknown(root, session, explain, at);
    }

    session.explained(explain);
    session.articles = articles.articles;
    session.desk = desks.desks.find(({ name: n }) => n === explain.desk);
    session.title = session.articles.find(({ id }) => id === explain.id)?.title;

    session.adopt(await readRecord(api, explain.id));
    draw(root, session);
    lead(root, at);
}


/* Nothing is stored of that address, or nothing can be asked. */

function unknown(root, session, problem, at) {
    const { app, url } = session;
    const own = addressOf(url);

    if (problem.kind !== 'missing') {
        throw problem;
    }

    const again = async () => {
        await visit(own);
        fill(root, h('p', { class: 'loading' }, 'Loading…'));
        await open(root, new Session(app, url), at);
        root.querySelector('h1')?.focus();
    };

    fill(root, h('h1', { tabindex: -1 }, 'This page is not stored'),
        h('p', {}, name(url)),
        h('p', {}, app.notice.words(problem)),
        h('p', {}, 'The console knows a page from the time that its first '
          + 'reader comes until it is dropped from the cache.'),
        h('div', { class: 'actions' },
            button(own ? 'Fetch it now' : 'Try again', again,
                   { class: 'primary' }),
            h('a', { href: '#/article' }, 'Choose another article')));
}


const PLACES = {
    quotes: 'Pull quotes', links: 'Links', disclaimer: 'Disclaimer',
    features: 'Features', preview: 'Preview'
};


/* To one of the page's parts. */

function goTo(place) {
    const part = document.getElementById(`art-${place}`);
    const heading = part.querySelector('h2');

    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    part.scrollIntoView();

    return part;
}


/* To the one that someone was sent to, once the page is there. */

function lead(root, at) {
    if (at in PLACES) {
        setTimeout(() => goTo(at).classList.add('art-asked'));
    }
}


function draw(root, session) {
    const { app, explain } = session;
    const bar = saveBar(session);
    const address = addressOf(explain.url || session.url)
                    || explain.url || session.url;

    fill(root,
        h('h1', {}, h('bdi', {}, session.title || explain.id)),
        h('p', { class: 'art-where' },
            h('a', { href: address, target: '_blank', rel: 'noopener' },
              name(explain.url || session.url)),
            ' · desk ', name(explain.desk || '?'), ' · ',
            h('a', { href: '#/article' }, 'another article')),
        h('nav', { class: 'art-jump', 'aria-label': 'Parts of this page' },
            Object.entries(PLACES).map(([place, words]) => button(
                words, () => goTo(place), { class: 'quiet' }))),
        explain.skip && h('p', { class: 'problem' },
            'Nothing is done to this page: ', explain.skip, '.'),
        explain.note && h('p', { class: 'art-warning' },
            'Of this page: ', explain.note, '.'),
        malformed(session),
        conflictPart(session, bar),
        outside(session),
        h('div', { class: 'art-columns' },
            textPart(session),
            h('div', { class: 'art-controls' },
                quotesPart(session), linksPart(session), opinionPart(session),
                featuresPart(session))),
        previewPart(session),
        purgePart(session),
        bar.element);

    app.unsaved(() => session.dirty && session.touched);
    session.draw();
}


/* What is saved cannot be read, as someone else has written it. */

function malformed(session) {
    const told = h('p');
    const box = h('div', { class: 'problem' },
        told, h('p', {}, 'Readers get the article as it was before, or '
            + 'without what editors said. What can be read of it is below; '
            + 'saving puts that in its place.'));

    session.add(() => {
        box.hidden = !session.wrong;
        fill(told, h('b', {}, 'What is saved of this article cannot be used. '),
             h('span', { dir: 'auto' }, session.wrong));
    });

    return box;
}


/*
 * What was refused and belongs to no place.  What an article is related to and
 * links already is not amiss.
 */

function outside(session) {
    const list = h('ul');
    const box = h('section', { class: 'art-refused', 'aria-label':
                               'Not placed' },
                  h('h2', {}, 'Not placed'), list);

    session.add(() => {
        const notes = session.notes(0, session.explain.refusals.filter(
            ({ reason }) => !reason.startsWith('the related link')));

        box.hidden = notes.length === 0;
        fill(list, notes.map(({ name: feature, text }) => h('li', {},
            h('b', {}, feature), ': ', h('span', { dir: 'auto' }, text))));
    });

    return box;
}


function purgePart({ app, explain, url }) {
    const answer = h('p', { class: 'note', role: 'status' });

    return h('section', { class: 'art-part', 'aria-labelledby': 'art-purge' },
        h('h2', { id: 'art-purge' }, 'Purge'),
        h('p', { class: 'note' }, 'Drops the stored page, so that the next '
          + 'reader gets the text as the newsroom’s system has it. What is '
          + 'saved here stays.'),
        button('Purge this page', async () => {
            try {
                const { data } = await app.api.post('purge', {
                    url: explain.url || url });

                fill(answer, data.purged ? 'It was purged.'
                                         : 'It was not stored any more.');
            } catch (problem) {
                fill(answer);
                app.notice.problem(problem);
            }
        }), answer);
}
