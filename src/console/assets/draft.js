/*
 * The controls of one feature: off, on or a test, what of it, and when.  What
 * they say is a state that nobody has yet.
 */

import { h, fill, uid } from './dom.js';
import { period } from './period.js';
import { splitter } from './split.js';
import { arms, shares } from './words.js';


const MODES = [['off', 'Off'], ['on', 'On'], ['test', 'Test']];


/* Shares to begin a test with: with or without it, or one against another. */
function beginning({ variants }) {
    const weights = variants.length === 1
        ? { [variants[0]]: 1, off: 1 }
        : Object.fromEntries(variants.map((variant) => [variant, 1]));

    return shares(weights, arms({ variants }));
}


/* What the controls begin with, of a state. */
function open(feature, state) {
    return {
        mode: state.mode,
        variant: state.variant ?? feature.control,
        shares: state.mode === 'test' ? shares(state.weights, arms(feature))
                                      : beginning(feature),
        id: state.id,
        starts: state.starts,
        ends: state.ends
    };
}


/* An arm without a share is no arm; dates that are not set are not there. */
function close(draft) {
    const { mode, starts, ends } = draft;
    const when = { ...(starts && { starts }), ...(ends && { ends }) };

    switch (mode) {
    case 'off':
        return { mode, ...when };
    case 'on':
        return { mode, variant: draft.variant, ...when };
    default:
        return {
            mode,
            ...(draft.id && { id: draft.id }),
            weights: Object.fromEntries(Object.entries(draft.shares)
                                        .filter(([, share]) => share > 0)),
            ...when
        };
    }
}


function radios(legend, choices, chosen, told, style) {
    const group = uid('choice');

    return h('fieldset', { class: style },
        h('legend', {}, legend),
        h('div', { class: 'choices' }, choices.map(([value, text]) => h(
            'label', { class: 'choice' },
            h('input', { type: 'radio', name: group, value,
                         checked: value === chosen,
                         onchange: () => told(value) }),
            h('span', { dir: 'auto' }, text)))));
}


/*
 * { element, state(), error() }; told() is called with each change.  error() is
 * what keeps the state from being saved, or null.
 */
export function controls(feature, title, told) {
    const { state } = feature;
    const draft = open(feature, state);
    const what = h('div', { class: 'what' });

    let ready = false;

    const set = (changed) => {
        Object.assign(draft, changed);

        if (ready) {
            told();
        }
    };

    const when = h('details', { class: 'when' });

    let dates;

    const modes = radios(title, MODES, state.mode, (mode) => {
        set({ mode });
        draw();
        schedule();
    }, 'switch');

    /* The times of a state are its own: another has none, to begin with. */
    function schedule() {
        const { starts, ends } = draft.mode === state.mode ? state : {};

        dates = period({ starts, ends }, set);
        when.open = Boolean(starts || ends);
        fill(when, h('summary', {}, 'Start and end'), dates.element);
        set({ starts, ends });
    }

    function fresh() {
        return h('label', { class: 'choice' },
            h('input', { type: 'checkbox', onchange: ({ target }) => {
                set({ id: target.checked ? undefined : state.id });
            } }),
            h('span', {}, 'Begin a new test: readers are drawn anew, and '
                          + 'counting starts again'));
    }

    function draw() {
        const { mode, variant } = draft;

        if (mode === 'test') {
            fill(what, splitter(draft.shares, (now) => set({ shares: now })),
                 state.mode === 'test' && fresh());

        } else if (mode === 'on' && feature.variants.length > 1) {
            fill(what, radios('Which one',
                              feature.variants.map((v) => [v, v]), variant,
                              (chosen) => set({ variant: chosen }), 'which'));

        } else {
            fill(what);
        }
    }

    function error() {
        const parts = Object.values(draft.shares).filter((share) => share > 0);

        return draft.mode === 'test' && parts.length < 2
            ? 'A test needs two parts at least: give another one some readers.'
            : dates.error();
    }

    draw();
    schedule();
    ready = true;

    return {
        element: h('div', { class: 'controls' }, modes, what, when),
        state: () => close(draft),
        error
    };
}
