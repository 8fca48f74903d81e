/* The desks: what of the furniture is on, off or tested on each. */

import { h, fill, button, name, uid } from '../dom.js';
import { featureCard } from '../feature.js';


/* Not waited for: a desk is shown without it. */
const spreading = import('../spread.js');

const LOOK = 5000;            // ms, between looks at what others change


function section(desk, app) {
    const heading = h('h2', { id: uid('desk') }, name(desk.name));
    const head = h('div', { class: 'desk-head' });
    const said = h('div');
    const way = h('p', { class: 'spread quietly', role: 'status' });
    const cards = new Map();
    const list = h('div', { class: 'features' });

    let { paused, problem } = desk;

    function draw() {
        fill(head, heading, button(
            paused ? 'Let the desk go on' : 'Pause the desk',
            () => pause(!paused), { class: paused ? 'primary' : '' }));
        fill(said,
             paused && h('p', { class: 'banner' }, 'Paused: readers see no '
                         + 'furniture on this desk, whatever stands below.'),
             problem && h('p', { class: 'problem' }, problem));
    }

    async function pause(to) {
        const question = to
            ? ['All furniture of this desk is taken off at once, on all of its '
               + 'pages, for all readers. Tests count nothing meanwhile.']
            : ['What stands on the desk holds again, for all readers.'];

        if (!await app.confirm(question, to ? 'Pause' : 'Go on', {
            title: to ? `Pause ${desk.name}?` : `Let ${desk.name} go on?`,
            danger: to }))
        {
            return;
        }

        await put(to, { text: 'Undo', run: () => put(!to) });
    }

    async function put(to, undo) {
        const { spread, told } = await spreading;
        const before = await told(app.api);

        try {
            const { data } = await app.api.put(
                app.api.path('desks', desk.name, 'paused'), to);

            paused = data.paused;
        } catch (problem) {
            app.notice.problem(problem);
            return;
        }

        draw();
        cards.forEach((card) => card.pause(paused));
        head.querySelector('button').focus();
        app.notice.toast(paused ? `${desk.name} is paused.`
                                : `${desk.name} goes on.`, undo);
        spread(app.api, before, (text) => fill(way, text),
               () => way.isConnected);
    }

    /* What others have made of it. */
    function update(now) {
        if (now.paused !== paused || now.problem !== problem) {
            ({ paused, problem } = now);
            draw();
            cards.forEach((card) => card.pause(paused));
        }

        for (const feature of now.features) {
            cards.get(feature.name)?.update(feature);
        }
    }

    for (const feature of desk.features) {
        cards.set(feature.name,
                  featureCard(desk.name, feature, paused, app));
    }

    draw();
    fill(list, [...cards.values()].map(({ element }) => element));

    return {
        element: h('section', { class: 'desk', 'aria-labelledby': heading.id },
                   head, way, said, list),
        update,
        unsaved: () => [...cards.values()].some((card) => card.unsaved())
    };
}


export async function show(root, params, app) {
    const { desks } = await app.api.get('desks');
    const sections = new Map(desks.map(
        (desk) => [desk.name, section(desk, app)]));

    fill(root,
         h('h1', {}, 'Desks'),
         h('p', { class: 'lead' }, 'What readers see between the paragraphs, '
           + 'and how it is put to the test. A change shows within a second, '
           + 'and can be taken back.'),
         [...sections.values()].map(({ element }) => element));

    app.unsaved(() => [...sections.values()].some(
        (desk) => desk.unsaved()));

    const timer = setInterval(async () => {
        if (document.visibilityState !== 'visible') {
            return;
        }

        try {
            const now = await app.api.get('desks');

            now.desks.forEach((desk) => sections.get(desk.name)?.update(desk));
        } catch {
            /* the banner says it */
        }
    }, LOOK);

    return () => clearInterval(timer);
}
