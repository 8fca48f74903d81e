/*
 * Which article?  An address that is typed or pasted, or one of those that
 * this server has seen of late.
 */

import { h, fill, field, name, time } from '../dom.js';


const MOST = 200;
const SHOWN = 50;


export const linkTo = (url, at) => '#/article?'
    + new URLSearchParams(at ? { url, at } : { url });


export async function choose(root, app) {
    const { api } = app;
    const input = h('input', { type: 'text', inputmode: 'url', required: true,
                               autocomplete: 'off', spellcheck: 'false',
                               dir: 'ltr' });
    const form = h('form', { class: 'card', onsubmit: (event) => {
        event.preventDefault();

        const typed = input.value.trim();

        if (typed) {
            app.go(linkTo(/^(https?:\/\/|\/)/i.test(typed)
                          ? typed : `https://${typed}`));
        }
    } },
        field('Address of the article', input,
              'Whole, as in the browser, or from the slash on: '
              + '/opinion/tides.html'),
        h('div', { class: 'actions' },
            h('button', { class: 'primary' }, 'Open')));

    fill(root, h('h1', {}, 'Article'),
        h('p', { class: 'lead' }, 'Choose pull quotes in its text, add Read '
          + 'More links, edit its disclaimer, and see what stands where, and '
          + 'why.'),
        form, await recent(api, app));
}


async function recent(api, app) {
    try {
        const query = { count: MOST };
        const { articles } = await api.get(api.withQuery('articles', query));

        return articles.length ? listOf(articles) : h('p', { class: 'note' },
            'This server has no articles yet. One is listed here when its '
            + 'first reader has come.');

    } catch (problem) {
        return h('p', { class: 'problem' }, 'Recent articles cannot be '
                 + `listed. ${app.notice.words(problem)}`);
    }
}


function listOf(articles) {
    const filter = h('input', { type: 'search', autocomplete: 'off',
                                dir: 'auto', oninput: draw });
    const count = h('p', { class: 'note', role: 'status' });
    const list = h('ul', { class: 'art-recent' });

    draw();

    return h('section', { 'aria-labelledby': 'art-recent' },
        h('h2', { id: 'art-recent' }, 'Recent articles'),
        field('Filter by title, address or desk', filter), count, list);


    function draw() {
        const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
        const found = articles.filter(({ title, url, desk }) => {
            const text = `${title} ${url} ${desk}`.toLowerCase();

            return words.every((word) => text.includes(word));
        });

        fill(count, found.length > SHOWN
            ? `${found.length} articles, the newest ${SHOWN} are shown.`
            : `${found.length} ${found.length === 1 ? 'article' : 'articles'}`);
        fill(list, found.slice(0, SHOWN).map(entry));
    }
}


function entry({ url, title, id, desk, at, problems }) {
    return h('li', {},
        h('a', { href: linkTo(url), class: 'art-title' },
          h('bdi', {}, title || id)),
        problems.length > 0 && h('span', { class: 'badge badge-warn' },
            `${problems.length} to mend`),
        h('span', { class: 'note' }, name(desk), ' · ', time(at), ' · ',
          name(url)));
}
