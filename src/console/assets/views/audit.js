/* Who changed what, and taking it back. */

import { diff } from '../diff.js';
import { h, fill, button, field, name, time } from '../dom.js';
import { effect, title } from '../words.js';


const COUNT = 50;             // entries asked for at once

const ACTIONS = {
    state: 'Feature switched',
    paused: 'Desk paused or not',
    article: 'Article edited',
    purge: 'Pages purged'
};


/* The call that a change was made by, or null where it cannot be undone: what
   was there before is not known, or was no value. */
function call(api, { action, target, before }) {
    if (before?.omitted !== undefined) {
        return null;
    }

    switch (action) {
    case 'state':
        return api.path('desks', ...target.split('/'));
    case 'paused':
        return api.path('desks', target, 'paused');
    case 'article':
        return api.withQuery('article', { id: target });
    default:
        return null;
    }
}


/* A state in words, where what is needed to say it is known. */
function inWords(features, { action, target }, value) {
    const feature = features.get(target);

    if (action === 'paused') {
        return value ? 'paused' : 'goes on';
    }

    if (action !== 'state' || !feature) {
        return null;
    }

    return value === null ? 'As the configuration has it.'
                          : effect(feature, value);
}


function what(entry) {
    const { action, target } = entry;

    if (action === 'state') {
        const [desk, feature] = target.split('/');

        return [title(feature), ' on ', name(desk)];
    }

    return action === 'paused' ? ['Desk ', name(target)] : name(target);
}


function lead(features, entry) {
    const { action, before, after } = entry;

    if (action === 'purge') {
        const n = after?.purged ?? after;

        return h('p', {},
                 `${n} ${n === 1 ? 'page was' : 'pages were'} purged.`);
    }

    const said = inWords(features, entry, after);

    if (said !== null) {
        return h('p', {}, said);
    }

    return h('p', {}, before === null ? 'Written for the first time.'
        : after === null ? 'Taken away.' : 'Changed.');
}


/* Where a test began or was changed, its figures; they outlive it. */
function results({ action, target, before, after }) {
    const id = action === 'state' && (after?.id ?? before?.id);

    return id && h('p', {}, h('a', {
        href: `#/results/${target}?${new URLSearchParams({ test: id })}`
    }, 'Results of the test'));
}


function row(entry, features, undo) {
    return h('li', { class: 'entry' },
        h('p', { class: 'entry-who' }, name(entry.user), time(entry.at)),
        h('div', {},
          h('h2', {}, what(entry)),
          h('p', { class: 'quietly' }, ACTIONS[entry.action] ?? entry.action),
          lead(features, entry),
          results(entry),
          entry.action !== 'purge' && h('details', {},
              h('summary', {}, 'Before and after'),
              entry.before?.omitted !== undefined
              && h('p', { class: 'note' }, 'What was there before is too long '
                   + 'to be kept here.'),
              diff(entry.before, entry.after))),
        undo && h('div', {}, button('Undo', () => undo(entry))));
}


const matches = (text, part) => !part
    || String(text).toLowerCase().includes(part.trim().toLowerCase());


export async function show(root, { query }, app) {
    const features = new Map();
    const entries = [];
    const list = h('ol', { class: 'plain entries' });
    const said = h('p', { class: 'quietly', role: 'status' });
    const more = button('Show older ones', () => load());
    const filter = {};

    const input = (of) => h('input', { type: 'text', dir: 'auto',
        value: query.get(of) ?? '', oninput: draw });

    filter.user = input('user');
    filter.target = input('target');
    filter.action = h('select', { onchange: draw },
        h('option', { value: '' }, 'Anything'),
        Object.entries(ACTIONS).map(([action, text]) => h(
            'option', { value: action,
                        selected: query.get('action') === action }, text)));

    function draw() {
        const shown = entries.filter((entry) =>
            matches(entry.user, filter.user.value)
            && matches(entry.target, filter.target.value)
            && (!filter.action.value || entry.action === filter.action.value));

        fill(list, shown.map((entry) => row(
            entry, features, call(app.api, entry) && undo)));
        fill(said, entries.length === 0 ? 'Nothing has been changed yet.'
            : `${shown.length} of the last ${entries.length} changes.`);
    }

    async function load() {
        try {
            const last = entries.at(-1)?.id;
            const found = await app.api.get(app.api.withQuery(
                'audit', { count: COUNT, before: last }));

            entries.push(...found.entries);
            more.hidden = found.entries.length < COUNT;
            draw();
        } catch (problem) {
            app.notice.problem(problem);
        }
    }

    async function reload() {
        entries.length = 0;
        await load();
    }

    async function undo(entry) {
        const to = call(app.api, entry);

        try {
            const now = await present(app.api, entry, to);

            if (await agreed(entry, now, features, app)) {
                await put(app.api, entry, to, now.etag);
                app.notice.toast('Undone.');
                await reload();
            }
        } catch (problem) {
            app.notice.problem(problem);
        }
    }

    const { desks } = await app.api.get('desks');

    for (const desk of desks) {
        for (const feature of desk.features) {
            features.set(`${desk.name}/${feature.name}`, feature);
        }
    }

    fill(root,
         h('h1', {}, 'Audit'),
         h('p', { class: 'lead' }, 'What was changed here, the last first, and '
           + 'how it was before.'),
         h('form', { class: 'filter', onsubmit: (e) => e.preventDefault() },
           field('Who', filter.user), field('Did what', filter.action),
           field('To what', filter.target)),
         said, list, more);
    await load();
}


/* What holds now: { value, etag }; value null: there is none. */
async function present(api, { action, target }, to) {
    if (action === 'paused') {
        const { desks } = await api.get('desks');

        return { value: desks.find(({ name: of }) => of === target)?.paused };
    }

    try {
        const { data, etag } = await api.read(to);

        return action === 'state'
            ? { value: data.source === 'editor' ? data.state : null,
                etag: etag ?? data.etag }
            : { value: data, etag };
    } catch (problem) {
        if (problem.kind === 'missing') {
            return { value: null, etag: null };
        }

        throw problem;
    }
}


const alike = (a, b) => diff(a, b).querySelector('.diff-gone, .diff-come')
                        === null;


function agreed(entry, now, features, app) {
    const { before } = entry;
    const said = inWords(features, entry, before);

    return app.confirm([
        h('p', {}, what(entry)),
        !alike(now.value, entry.after)
        && h('p', { class: 'problem' }, 'It has been changed again since: '
             + 'that is undone, too.'),
        said ? h('p', {}, 'From now on: ', said)
             : h('p', {}, before === null ? 'It is taken away.'
                                          : 'It is written as it was.'),
        h('details', {}, h('summary', {}, 'What changes'),
          diff(now.value, before))
    ].filter(Boolean), 'Undo', { title: 'Undo this?' });
}


function put(api, { action, before }, to, etag) {
    if (before === null) {
        return action === 'paused' ? api.put(to, false)
                                   : api.remove(to, etag ?? undefined);
    }

    return api.put(to, before, etag);
}
