/*
 * The draft's Read More links in their order: where each leads, what it is
 * called, and where it stands.  What is typed goes into the draft at once; the
 * list is drawn anew only when links come, go or move.
 */

import { h, fill, button, set } from '../dom.js';
import { MOST, newLink } from './model.js';
import { orderOf } from './quotes.js';


export function linksPart(session) {
    const place = h('div', { class: 'art-list' });
    const known = h('datalist', { id: 'art-known' });
    const add = button('Add a link', () => {
        const link = newLink();

        session.change((draft) => draft.links.push(link), 'A link was added.');
        session.focus(`${link.key}-url`);
    }, { 'data-focus': 'links-end' });

    let drawn = null;

    session.add(() => {
        const now = JSON.stringify([
            session.draft.links.map(({ key }) => key),
            session.explain.blocks.map(({ text }) => text)
        ]);

        if (now !== drawn) {
            drawn = now;
            fill(place, listOf(session));
            fill(known, session.articles.map(({ url, title }) => h(
                'option', { value: pathOf(url), label: title || null })));
        }

        add.disabled = session.draft.links.length >= MOST.links;
        judge(place, session);
    });

    return h('section', { class: 'art-part card', id: 'art-links',
                          'aria-labelledby': 'art-links-title' },
        h('h2', { id: 'art-links-title' }, 'Read More links'),
        place, h('div', { class: 'actions' }, add), known);
}


/* Of this site, a link needs no host. */

function pathOf(url) {
    try {
        const { hostname, pathname, search } = new URL(url);

        return hostname === location.hostname ? pathname + search : url;
    } catch {
        return url;
    }
}


function listOf(session) {
    const { links } = session.draft;

    return links.length
        ? h('ol', {}, links.map((link, i) => itemOf(session, link, i)))
        : h('p', { class: 'note' },
            'None of its own. What the text and the desk have still shows.');
}


function itemOf(session, link, i) {
    const what = `link ${i + 1}`;

    return h('li', { class: 'art-item' },
        h('fieldset', { class: 'art-link' },
            h('legend', {}, `Link ${i + 1}`),
            input(session, link, 'url', 'Address', {
                list: 'art-known', inputmode: 'url', spellcheck: 'false',
                onchange: () => suggest(session, link) }),
            input(session, link, 'title', 'Title', { dir: 'auto' }),
            input(session, link, 'label', 'Label',
                  { dir: 'auto', placeholder: 'Read more' }),
            placeOf(session, link)),
        orderOf(session, 'links', link, i, what));
}


function input(session, link, field, label, properties) {
    const id = `${link.key}-${field}`;
    const control = h('input', {
        type: 'text', id, autocomplete: 'off', 'data-focus': id,
        required: field !== 'label', ...properties,
        oninput: () => session.change(() => {
            link[field] = control.value;
        })
    });

    control.value = link[field];

    return h('div', { class: 'field' },
             h('label', { for: id }, label), control,
             h('p', { class: 'art-problem', id: `${id}-problem` }));
}


/* An address that is known brings its title. */

function suggest(session, link) {
    const article = session.articles.find(
        ({ url }) => url === link.url || pathOf(url) === link.url);

    if (article && article.title && !link.title) {
        session.change(() => {
            link.title = article.title;
        }, `Title: ${article.title}`);
        document.getElementById(`${link.key}-title`).value = link.title;
    }
}


function placeOf(session, link) {
    const id = `${link.key}-after`;
    const counted = session.explain.blocks.filter(({ paragraph }) => paragraph);
    const options = [['', 'where there is room']];

    for (const { paragraph, text } of counted) {
        options.push([String(paragraph),
                      `after paragraph ${paragraph}: ${text.slice(0, 60)}`]);
    }

    if (!options.some(([value]) => value === link.after)) {
        options.push([link.after, `after paragraph ${link.after}, which the `
                                  + 'text does not have']);
    }

    const control = h('select', {
        id, 'data-focus': id,
        onchange: () => session.change(() => {
            link.after = control.value;
        }, control.value ? `After paragraph ${control.value}.`
                         : 'Where there is room.')
    }, options.map(([value, words]) => h('option', { value }, words)));

    control.value = link.after;

    return h('div', { class: 'field' },
             h('label', { for: id }, 'Place'), control);
}


/* Says at each field what is wrong with it, or takes that away. */

function judge(place, { problems }) {
    for (const control of place.querySelectorAll('input')) {
        const problem = problems.get(control.id);
        const said = document.getElementById(`${control.id}-problem`)
                     || control.nextElementSibling;

        fill(said, problem || '');
        set(control, 'aria-invalid', problem ? 'true' : null);
        set(control, 'aria-describedby', problem ? said.id : null);
    }
}
