/*
 * One feature of a desk: what holds, the controls to change it, and what
 * becomes of a change.
 *
 *     controls --> save --> confirm --> PUT --> 200  the servers have it, undo
 *                                          \--> 412  theirs beside ours
 *                                           \-> else said; the draft stays
 */

import { h, fill, button, name, time, uid } from './dom.js';
import { controls } from './controls.js';
import { effect, effectLater, effectNow, phase, same, title }
    from './words.js';


/* Not waited for: a desk is shown without it. */
const spreading = import('./spread.js');

const BADGES = {
    off: ['Off', 'badge'],
    on: ['On', 'badge badge-on'],
    test: ['Test', 'badge badge-test']
};


function badge({ state, control }, paused) {
    const [text, style] = BADGES[control === null ? 'off' : state.mode];

    if (paused) {
        return h('span', { class: 'badge badge-warn' }, `${text}, paused`);
    }

    switch (phase(state)) {
    case 'before':
        return h('span', { class: 'badge' }, `${text}, to come`);
    case 'after':
        return h('span', { class: 'badge' }, `${text}, over`);
    default:
        return h('span', { class: style }, text);
    }
}


function later(feature, state = feature.state) {
    return effectLater(feature, state).map(([word, at, text]) => h(
        'p', { class: 'quietly' }, word, ' ', time(at), ': ', text));
}


function who(feature) {
    return h('p', { class: 'quietly' }, feature.source === 'config'
        ? 'As the configuration has it.'
        : ['Changed', feature.changed_by && [' by ', name(feature.changed_by)],
           feature.changed_at && [', ', time(feature.changed_at)], '.']);
}


/* An editor's words for two states, one beside the other. */
function versus(feature, ...columns) {
    return h('div', { class: 'versus' }, columns.map(([lead, state, by]) => h(
        'div', {},
        h('p', { class: 'versus-lead' }, lead),
        h('p', {}, effectNow(feature, state)),
        later(feature, state), by)));
}


/*
 * { element, update(feature), pause(paused), unsaved() }
 */
export function featureCard(desk, first, isPaused, app) {
    const at = app.api.path('desks', desk, first.name);
    const heading = h('h3', { id: uid('feature') }, title(first.name));
    const parts = {
        badge: h('span'),
        now: h('div', { class: 'now' }),
        controls: h('div'),
        conflict: h('div'),
        bar: h('div', { class: 'draft', hidden: true }),
        told: h('p', { class: 'spread quietly', role: 'status' }),
        more: h('div', { class: 'more' })
    };
    const then = h('p', {});
    const wrong = h('p', { class: 'problem', role: 'alert', hidden: true });

    let feature = first;
    let paused = isPaused;
    let editor = null;
    let busy = false;
    let change = 0;

    const element = h('article', { class: 'card feature',
                                   'aria-labelledby': heading.id },
        h('div', { class: 'feature-state' },
          h('header', { class: 'feature-head' }, heading, parts.badge),
          parts.now, parts.told, parts.more),
        h('div', { class: 'feature-change' },
          parts.controls, parts.conflict, parts.bar));

    fill(parts.bar,
         h('div', { role: 'status' },
           h('p', { class: 'draft-lead' }, 'Not saved yet. Then:'), then),
         wrong,
         h('div', { class: 'actions' },
           button('Save', save, { class: 'primary' }),
           button('Discard', draw, { class: 'quiet' })));

    function show() {
        fill(parts.badge, badge(feature, paused));
        fill(parts.now,
             h('p', { class: 'effect' },
               paused && 'Paused. When the desk goes on: ',
               feature.control === null
               ? effect(feature, { mode: 'off' })
               : effectNow(feature, feature.state)),
             feature.control !== null && [later(feature), who(feature)],
             feature.problem && h('p', { class: 'problem' }, feature.problem));
        fill(parts.more,
             feature.state.mode === 'test'
             && h('a', { href: '#/results/'
                               + app.api.path(desk, feature.name) },
                  'Results'),
             feature.source === 'editor'
             && button('Back to the configuration', reset, { class: 'quiet' }));
    }

    function draw() {
        editor = feature.control === null
            ? none : controls(feature, 'For readers', drafted);
        fill(parts.controls, editor.element);
        fill(parts.conflict);
        show();
        drafted();
    }

    const unsaved = () => editor !== none
                          && !same(feature, editor.state(), feature.state);

    /* No location of the desk has the feature: there is nothing to switch. */
    const none = {
        element: h('p', { class: 'note' }, 'The configuration of this desk has '
                   + 'none.')
    };

    function drafted() {
        parts.bar.hidden = !unsaved();
        wrong.hidden = true;

        if (!parts.bar.hidden) {
            fill(then, effect(feature, editor.state()));
        }
    }

    async function save() {
        const error = editor.error();

        wrong.hidden = error === null;
        fill(wrong, error);

        if (error === null && await asked(editor.state())) {
            await put(editor.state(), feature.etag);
        }
    }

    const asked = (state) => app.confirm(
        [versus(feature, ['Now', feature.state], ['From then on', state]),
         paused && 'The desk is paused: readers see it when it goes on.',
         'It holds on all servers within a second.'].filter(Boolean),
        'Save', { title: `${title(feature.name)} on ${desk}` });

    async function put(state, etag) {
        const before = feature;

        await write(() => app.api.put(at, state, etag),
                    () => take(before, `${title(feature.name)} saved.`));
    }

    async function reset() {
        const before = feature;

        if (await app.confirm(
            ['What editors decided is dropped, and what the configuration says '
             + 'holds again.'],
            'Drop it', { title: 'Back to the configuration?' }))
        {
            await write(() => app.api.remove(at, feature.etag),
                        () => take(before, 'The configuration holds again.'));
        }
    }

    /* One at a time; done() follows what the server has answered. */
    async function write(call, done) {
        if (busy) {
            return;
        }

        busy = true;

        try {
            const { told } = await spreading;
            const before = await told(app.api);
            const { data, etag } = await call();

            feature = { ...data, etag: etag ?? data.etag };
            draw();
            done();
            follow(before);

        } catch (problem) {
            if (problem.kind === 'conflict') {
                await conflict();
            } else {
                app.notice.problem(problem);
            }
        } finally {
            busy = false;
        }
    }

    function take(before, text) {
        const after = feature;

        app.notice.toast(text, { text: 'Undo', run: () => write(
            () => before.source === 'editor'
                ? app.api.put(at, before.state, after.etag)
                : app.api.remove(at, after.etag),
            () => app.notice.toast('Undone.')) });
    }

    async function follow(before) {
        const { spread } = await spreading;
        const mine = change += 1;

        fill(parts.told);
        spread(app.api, before, (text, kind) => {
            parts.told.className = `spread quietly spread-${kind}`;

            if (parts.told.textContent !== text) {
                fill(parts.told, text);
            }
        }, () => change === mine && element.isConnected);
    }

    /* Somebody was faster: nothing is lost, and nothing is overwritten. */
    async function conflict() {
        let theirs;

        try {
            const { data, etag } = await app.api.read(at);

            theirs = { ...data, etag: etag ?? data.etag };
        } catch (problem) {
            app.notice.problem(problem);
            return;
        }

        beside(theirs);
    }

    function beside(theirs) {
        const mine = editor.state();
        const heading = h('h4', { tabindex: '-1' },
                          'Meanwhile somebody else has changed this');

        const keep = button('Keep theirs', () => {
            feature = theirs;
            draw();
        });
        const replace = button('Save mine instead', () => {
            feature = theirs;
            show();
            put(mine, theirs.etag);
        }, { class: 'primary' });

        fill(parts.conflict, h('div', { class: 'conflict' }, heading,
             versus(theirs, ['Theirs', theirs.state, who(theirs)],
                    ['Yours', mine, h('p', { class: 'quietly' },
                                      'Not saved.')]),
             h('div', { class: 'actions' }, replace, keep)));
        parts.bar.hidden = true;
        heading.focus();
    }

    /* What others have made of it. */
    function update(now) {
        if (busy) {
            return;
        }

        if (now.etag === feature.etag) {
            if (now.problem !== feature.problem) {
                feature = now;
                show();
            }

        } else if (!unsaved()) {
            feature = now;
            draw();

        } else if (parts.conflict.childElementCount === 0) {
            beside(now);
        }
    }

    function pause(to) {
        if (paused !== to) {
            paused = to;
            show();
        }
    }

    draw();

    return { element, update, pause, unsaved };
}
