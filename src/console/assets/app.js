/*
 * The console's shell: which view is shown, and what holds for all of them.
 *
 *     #/results/opinion/read_more?days=7
 *       name    params.path          params.query
 *
 * A view is views/NAME.js, asked for when it is first gone to.  It exports
 *
 *     async function show(root, params, app)
 *
 * which fills root, beginning with an h1, and may return a function that is
 * called when the view is left.  app is
 *
 *     api, notice               of their files
 *     go(hash)                  to another view
 *     confirm(text, button)     notice.confirm
 *     unsaved(asked)            asked() is true while leaving would lose work
 */

import { api, Problem } from './api.js';
import { h, fill } from './dom.js';
import { notice } from './notice.js';


/* name, title, and what of style is its own */
const VIEWS = [
    ['desks', 'Desks', 'desks.css'],
    ['results', 'Results', 'views.css'],
    ['article', 'Article', 'article.css'],
    ['work', 'Work list', 'article.css'],
    ['purge', 'Purge', 'views.css'],
    ['audit', 'Audit', 'views.css'],
    ['status', 'Status', 'views.css']
];

const HEARTBEAT = 5000;       // ms, between looks at how the server is

const main = document.getElementById('main');
const links = new Map();

let current = { cleanup: null, unsaved: null, hash: null };


const app = {
    api,
    notice,
    confirm: notice.confirm,
    go: (hash) => {
        location.hash = hash;
    },
    unsaved: (asked) => {
        current.unsaved = asked;
    }
};


function parse(hash) {
    const [path, query] = hash.replace(/^#\/?/, '').split('?');
    const [name, ...segments] = path.split('/');

    return {
        name: decode(name) || VIEWS[0][0],
        params: {
            path: segments.filter(Boolean).map(decode),
            query: new URLSearchParams(query ?? '')
        }
    };
}


function decode(segment) {
    try {
        return decodeURIComponent(segment);
    } catch {
        return segment;
    }
}


function drawNav() {
    fill(document.getElementById('nav'), VIEWS.map(([name, title]) => {
        const link = h('a', { href: `#/${name}` }, title);

        links.set(name, link);

        return h('li', {}, link);
    }));
}


async function route() {
    const hash = location.hash;

    if (hash === '#main') {
        return;
    }

    if (current.unsaved?.() && hash !== current.hash) {
        history.replaceState(null, '', current.hash);

        if (!await leave()) {
            return;
        }

        history.pushState(null, '', hash);
    }

    await display(hash);
}


const leave = () => notice.confirm(
    'What you have changed here has not been saved.', 'Leave without saving',
    { title: 'Leave this page?', cancel: 'Stay', danger: true });


async function display(hash) {
    const first = current.hash === null;
    const { name, params } = parse(hash);
    const root = h('div', { class: `view view-${name}` },
                   h('p', { class: 'loading' }, 'Loading…'));
    const mine = { cleanup: null, unsaved: null, hash };

    current.cleanup?.();
    current = mine;

    mark(name);
    fill(main, root);
    scrollTo(0, 0);

    const cleanup = await fillView(root, name, params);

    if (current !== mine) {
        cleanup?.();
        return;
    }

    mine.cleanup = cleanup;
    headline(root, first);
}


function mark(name) {
    for (const [of, link] of links) {
        if (of === name) {
            link.setAttribute('aria-current', 'page');
        } else {
            link.removeAttribute('aria-current');
        }
    }
}


async function fillView(root, name, params) {
    try {
        if (!links.has(name)) {
            throw new Problem(404, `There is no page “${name}”.`);
        }

        const [view] = await Promise.all([import(`./views/${name}.js`),
                                          style(name)]);

        return await view.show(root, params, app);

    } catch (error) {
        if (!error.kind) {
            console.error(error);
        }

        fill(root, h('h1', {}, 'This cannot be shown'),
             h('p', {}, notice.words(error)),
             h('p', {}, h('button', { type: 'button',
                                      onclick: () => display(location.hash) },
                          'Try again')));
    }
}


/* A style sheet that cannot be had does not keep the view from its reader. */

function style(name) {
    const href = VIEWS.find(([of]) => of === name)[2];

    if (document.head.querySelector(`link[href="${href}"]`)) {
        return null;
    }

    return new Promise((done) => {
        document.head.append(h('link', { rel: 'stylesheet', href,
                                         onload: done, onerror: done }));
    });
}


/* Who goes to a view is told its name; who has just come starts at the top. */

function headline(root, first) {
    const heading = root.querySelector('h1');

    document.title = `${heading?.textContent ?? 'Console'} – Editorial`;

    if (heading && !first) {
        heading.tabIndex = -1;
        heading.focus({ preventScroll: true });
    }
}


/*
 * How the server is: by the calls that are made anyway, and while something is
 * wrong, or nothing is done, by asking.
 */

const AWAY = 'Redis is away. What editors decided stays in force as it is; '
             + 'nothing can be changed until it is back.';
const OFFLINE = 'The server does not answer. What is shown here may be out of '
                + 'date; nothing you have typed is lost.';

function tell(kind, method) {
    notice.banner('offline', kind === 'offline' ? OFFLINE : null);

    if (kind === 'away') {
        notice.banner('away', AWAY);

    } else if (kind === null && method !== 'GET') {
        notice.banner('away', null);
    }
}


async function look() {
    if (document.visibilityState === 'visible') {
        try {
            const { redis, node } = await api.get('status');

            notice.banner('away', redis && !redis.up ? AWAY : null);
            fill(document.getElementById('where'), node);
        } catch {
            /* tell() knows */
        }
    }

    setTimeout(look, HEARTBEAT);
}


addEventListener('hashchange', route);
addEventListener('beforeunload', (event) => {
    if (current.unsaved?.()) {
        event.preventDefault();
    }
});

api.watch(tell);

if (parse(location.hash).name === 'desks') {
    api.ahead('desks');
}

drawNav();
display(location.hash).then(look);
