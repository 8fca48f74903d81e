/*
 * From when and until when: two times, as they are on the editor's clock, kept
 * as UTC.
 */

import { h, field, fill } from './dom.js';


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
export function period(given, told) {
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
