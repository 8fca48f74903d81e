/*
 * The controls of one feature: off, on or a test, what of it, and when.  What
 * they say is a state that nobody has yet.
 *
 *     controls    all of them
 *     splitter    sliders that always add up to 100: one moves, and the others
 *                 make room
 *     period      from when until when: two times, as they are on the editor's
 *                 clock, kept as UTC
 */

import { h, field, fill, button, uid } from './dom.js';
import { arms, armTitle, move, shares } from './words.js';


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


/*
 * given: shares by arm; told(shares) is called with each change.  Of each arm
 * there are a slider and a number, for those who know it.
 */
function splitter(given, told) {
    const rows = new Map();
    const bar = h('div', { class: 'bar', 'aria-hidden': 'true' });

    let now = given;

    function change(to) {
        now = to;
        draw();
        told(now);
    }

    function draw() {
        for (const [arm, { slider, number, part }] of rows) {
            slider.value = now[arm];
            slider.setAttribute('aria-valuetext', `${now[arm]}%`);

            if (document.activeElement !== number
                || Number(number.value) !== now[arm])
            {
                number.value = now[arm];
            }

            part.style.flexGrow = now[arm];
        }
    }

    function row(arm, i) {
        const color = arm === 'off' ? 'arm-off' : `arm-${i % 6}`;
        const label = h('span', { id: uid('arm'),
                                  class: `split-arm arm ${color}` },
                        h('bdi', {}, armTitle(arm)));
        const set = ({ target }) => {
            if (target.value !== '') {
                change(move(now, arm, Number(target.value)));
            }
        };

        const slider = h('input', { type: 'range', min: 0, max: 100, step: 1,
                                    'aria-labelledby': label.id,
                                    oninput: set });
        const number = h('input', { type: 'number', min: 0, max: 100, step: 1,
                                    'aria-label': `${armTitle(arm)}, percent`,
                                    oninput: set, onblur: draw });
        const part = h('span', { class: `part ${color}` });

        rows.set(arm, { slider, number, part });
        bar.append(part);

        return h('div', { class: 'split-row' }, label, slider,
                 h('span', { class: 'percent' }, number, '%'));
    }

    const list = Object.keys(now).map(row);
    const evenly = button('Split evenly', () => change(
        shares({}, Object.keys(now))), { class: 'quiet' });

    draw();

    return fill(h('fieldset', { class: 'split' }),
                h('legend', {}, 'Who sees what'), bar, list, evenly);
}


const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;


/* RFC 3339, in UTC, as datetime-local has it here. */
function toLocal(iso) {
    const at = new Date(iso);
    const two = (n) => String(n).padStart(2, '0');

    return isNaN(at) ? ''
        : `${String(at.getFullYear()).padStart(4, '0')}-`
          + `${two(at.getMonth() + 1)}-${two(at.getDate())}`
          + `T${two(at.getHours())}:${two(at.getMinutes())}`;
}


/* Of a minute that was not touched the seconds are kept, too. */
function toUTC(local, had) {
    return had && toLocal(had) === local
        ? had : new Date(local).toISOString().replace(/\.\d+Z$/, 'Z');
}


/*
 * { element, error() }: told({ starts, ends }) is called with each change, with
 * undefined for none; error() is what is wrong with them, or null.
 */
function period(given, told) {
    const wrong = h('p', { class: 'problem', role: 'alert', hidden: true });

    const input = (which) => h('input', {
        type: 'datetime-local', value: toLocal(given[which]),
        oninput: () => change()
    });

    const starts = input('starts');
    const ends = input('ends');

    const read = (control, had) => control.value === ''
        ? undefined : toUTC(control.value, had);

    function error() {
        const from = read(starts, given.starts);
        const until = read(ends, given.ends);

        if (starts.validity.badInput || ends.validity.badInput) {
            return 'This is not a whole date and time.';
        }

        if (from && until && Date.parse(until) <= Date.parse(from)) {
            return 'The end is not after the start.';
        }

        return until && until !== given.ends && Date.parse(until) <= Date.now()
            ? 'The end is in the past.' : null;
    }

    function change() {
        const text = error();

        wrong.hidden = text === null;
        fill(wrong, text);
        ends.setAttribute('aria-invalid', String(text !== null));
        told({ starts: read(starts, given.starts),
               ends: read(ends, given.ends) });
    }

    return {
        error,
        element: h('fieldset', { class: 'period' },
            h('legend', { class: 'unseen' }, 'From when until when'),
            h('div', { class: 'period-fields' },
              field('Starts', starts, 'Empty: at once'),
              field('Ends', ends, 'Empty: until it is changed')),
            h('p', { class: 'note' }, `Times are those of ${zone}.`),
            wrong)
    };
}
