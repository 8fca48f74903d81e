/* What the tests say: an overview, and a test's figures. */

import { chart } from '../chart.js';
import { h, fill, button, name, time } from '../dom.js';
import { chance, count, csv, cumulative, lift, range, rate, share, verdict }
    from '../figures.js';
import { arms, armTitle, effect, effectNow, title } from '../words.js';


const METRICS = {
    clicks: { title: 'Clicks', of: (arm) => arm !== 'off' },
    finishes: { title: 'Read to the end', of: () => true }
};


export function show(root, { path, query }, app) {
    return path.length === 2 ? test(root, path, query.get('test'), app)
                             : overview(root, app);
}


async function overview(root, app) {
    const { desks } = await app.api.get('desks');
    const of = (feature) => feature.state.mode === 'test';

    const list = desks.map((desk) => [desk, desk.features.filter(of)])
                 .filter(([, features]) => features.length > 0);

    fill(root, h('h1', {}, 'Results'),
         h('p', { class: 'lead' }, list.length > 0
           ? 'The tests that run, or are to.'
           : 'No test runs. On a desk, switch a feature to “Test”.'),
         list.map(([desk, features]) => h('section', { class: 'card' },
             h('h2', {}, name(desk.name)),
             h('ul', { class: 'plain' }, features.map((feature) => h('li', {},
                 h('a', { href: address(app, desk.name, feature.name) },
                   title(feature.name)),
                 h('p', { class: 'quietly' },
                   effectNow(feature, feature.state))))))));
}


const address = (app, ...path) => `#/results/${app.api.path(...path)}`;


/* id: of the test, null for the one that the feature's state is of. */

async function test(root, path, id, app) {
    const at = app.api.path('desks', ...path);
    const [{ data: feature, etag }, results] = await Promise.all([
        app.api.read(at), figures(app, at, id)
    ]);

    feature.etag = etag ?? feature.etag;

    const head = [
        h('p', { class: 'crumb' }, h('a', { href: '#/results' }, 'Results')),
        h('h1', {}, title(feature.name), ' on ', name(path[0]))
    ];

    if (results === null) {
        fill(root, head, h('p', { class: 'lead' }, id
            ? 'This test is not known.'
            : 'No test runs here. Earlier ones are found by the ',
            !id && h('a', { href: `#/audit?action=state&target=${path[1]}` },
                     'audit'), !id && '.'));
        return;
    }

    const running = feature.state.mode === 'test'
                    && feature.state.id === results.test;

    fill(root, head, times(results, running, feature),
         decision(results, feature,
                  { at, root, path, id: results.test, app }),
         figuresTable(results, feature), plots(results, feature),
         daysTable(results));
}


async function figures(app, at, id) {
    try {
        return await app.api.get(app.api.withQuery(`${at}/results`,
                                                   { test: id }));
    } catch (problem) {
        if (problem.kind === 'missing') {
            return null;
        }

        throw problem;
    }
}


function times(results, running, feature) {
    return [
        h('p', { class: 'lead' }, 'Test ', name(results.test),
          results.started && [', since ', time(results.started)],
          results.ends && [', until ', time(results.ends)], '.'),
        !running && h('p', { class: 'banner' }, 'This test no longer runs. ',
                      effectNow(feature, feature.state))
    ];
}


function decision(results, feature, context) {
    const { kind, title: said, text, winner } = verdict(results);

    return h('section', { class: `card verdict verdict-${kind}` },
        h('h2', {}, said), h('p', {}, text),
        h('div', { class: 'actions' },
          winner && button(winner === 'off'
                           ? 'Switch it off for all readers'
                           : `Give all readers “${winner}”`,
                           () => choose(winner, feature, context),
                           { class: 'primary' }),
          button('Download the figures',
                 () => download(results, context.path))));
}


async function choose(winner, feature, { at, root, path, id, app }) {
    const state = winner === 'off' ? { mode: 'off' }
                                   : { mode: 'on', variant: winner };

    if (!await app.confirm(
        [`${effect(feature, state)} The test ends; its figures stay.`],
        'Do it', { title: 'End the test?' }))
    {
        return;
    }

    try {
        const { data, etag } = await app.api.put(at, state, feature.etag);

        await test(root, path, id, app);
        app.notice.toast('The test has ended.', {
            text: 'Undo',
            run: () => back(at, feature, etag ?? data.etag,
                            () => test(root, path, id, app), app)
        });
    } catch (problem) {
        if (problem.kind === 'conflict') {
            app.notice.toast('Somebody has changed it meanwhile. Nothing was '
                             + 'saved; here is what holds now.');
            await test(root, path, id, app);
        } else {
            app.notice.problem(problem);
        }
    }
}


async function back(at, feature, etag, then, app) {
    try {
        await (feature.source === 'editor'
            ? app.api.put(at, feature.state, etag)
            : app.api.remove(at, etag));
        await then();
        app.notice.toast('Undone: the test goes on.');
    } catch (problem) {
        app.notice.problem(problem);
    }
}


function download(results, path) {
    const url = URL.createObjectURL(new Blob([csv(results)],
                                             { type: 'text/csv' }));

    h('a', { href: url, download: `${path.join('-')}-${results.test}.csv` })
        .click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
}


const color = (feature, arm) => arm === 'off' ? 'arm-off'
    : `arm-${Math.max(0, arms(feature).indexOf(arm)) % 6}`;

const swatch = (feature, arm) => h('span',
    { class: `arm ${color(feature, arm)}` }, h('bdi', {}, armTitle(arm)));


function versusControl(results, arm, metric) {
    const one = results.comparisons.find(
        ({ variant, metric: of }) => variant === arm && of === metric);

    return one ? [lift(one.lift), h('small', {}, `p ${chance(one.p)}`)] : '–';
}


function figuresTable(results, feature) {
    const cell = (...text) => h('td', { class: 'figure' }, text);
    const head = (text) => h('th', { scope: 'col', class: 'figure' }, text);
    const sum = results.variants.reduce((n, { weight }) => n + weight, 0);

    const row = (one) => {
        const off = one.name === 'off';

        return h('tr', {},
            h('th', { scope: 'row' }, swatch(feature, one.name),
              one.name === results.control && h('small', {}, 'control')),
            cell(sum > 0 ? share(one.weight / sum) : '–'),
            cell(count(one.exposures)),
            cell(off ? '–' : count(one.clicks)),
            cell(off ? '–' : [rate(one.click_rate),
                              h('small', {}, range(one.click_interval))]),
            cell(off ? '–' : versusControl(results, one.name, 'click')),
            cell(count(one.finishes)),
            cell(rate(one.finish_rate),
                 h('small', {}, range(one.finish_interval))),
            cell(versusControl(results, one.name, 'finish')));
    };

    return h('section', { class: 'card' },
        h('h2', {}, 'Figures'),
        h('p', { class: 'note' }, 'Each browser counts once. Below a rate: '
          + 'where the true one lies, 95 in 100 times. Lift is against the '
          + 'control.'),
        h('div', { class: 'scroll', tabindex: 0, role: 'region',
                   'aria-label': 'Figures' },
          h('table', { class: 'figures' },
            h('caption', { class: 'unseen' }, 'What readers of each arm did'),
            h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Readers see'),
              head('Share'), head('Readers'), head('Clicks'),
              head('Click rate'), head('Lift'), head('To the end'),
              head('Rate'), head('Lift'))),
            h('tbody', {}, results.variants.map(row)))));
}


const daysOf = (results) => [...new Set(results.days.map(({ day }) => day))]
                            .sort();


function plots(results, feature) {
    const days = daysOf(results);

    return Object.entries(METRICS).map(([what, { title: of, of: counts }]) => {
        const series = results.variants.map(({ name: arm }) => arm)
            .filter(counts)
            .map((arm) => ({ arm, color: color(feature, arm),
                             points: cumulative(results, arm, days, what) }));

        return series.some(({ points }) => points.length > 0)
            && h('section', { class: 'card' },
                 h('h2', {}, `${of}, as they add up`),
                 h('p', { class: 'note' }, 'Of the readers so far. The wash '
                   + 'around a line is where the true rate may lie.'),
                 chart(series, days));
    });
}


function daysTable(results) {
    const cell = (n) => h('td', { class: 'figure' }, count(n));

    return h('details', { class: 'card' },
        h('summary', {}, 'Day by day'),
        h('div', { class: 'scroll', tabindex: 0, role: 'region',
                   'aria-label': 'Day by day' },
          h('table', {},
            h('caption', {}, 'Each day by itself, in UTC.'),
            h('thead', {}, h('tr', {}, ['Day', 'Readers see'].map(
                (text) => h('th', { scope: 'col' }, text)),
              ['Readers', 'Clicks', 'To the end'].map((text) => h(
                  'th', { scope: 'col', class: 'figure' }, text)))),
            h('tbody', {}, results.days.map((one) => h('tr', {},
                h('th', { scope: 'row' }, one.day),
                h('td', {}, name(armTitle(one.variant))),
                cell(one.exposures), cell(one.clicks), cell(one.finishes)))))));
}
