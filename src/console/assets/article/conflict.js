/*
 * Someone else has saved the record since it was read: both versions side by
 * side, part by part, to choose from.  Nothing is saved before that.
 */

import { h, fill, button } from '../dom.js';
import { differences, draftOf, merged, NAMES, recordOf } from './model.js';


/*
 * settle(record) is to save what was chosen in the place of theirs; give()
 * takes theirs and drops the draft.
 */
export function conflictPart(session, { settle, give }) {
    const place = h('div', { class: 'art-conflict' });
    let shown = null;

    session.add(() => {
        const { conflict } = session;

        fill(place, conflict && panelOf(session, conflict, { settle, give }));

        if (conflict && conflict !== shown) {
            place.querySelector('h2').focus();
        }

        shown = conflict;
    });

    return place;
}


function panelOf(session, conflict, { settle, give }) {
    const { takes } = conflict;
    const theirs = recordOf(draftOf(conflict.theirs.record));
    const parts = differences(session.record, recordOf(session.draft), theirs)
        .map((part) => ({ ...part, take: takes[part.part] || part.take }));

    const take = (part, whose) => {
        part.take = takes[part.part] = whose;
    };

    return h('section', { class: 'card art-both',
                          'aria-labelledby': 'art-both' },
        h('h2', { id: 'art-both', tabindex: -1 },
          theirs ? 'Someone else has saved this article meanwhile'
                 : 'Someone else has taken everything back meanwhile'),
        h('p', {}, parts.length
            ? 'Nothing of yours is saved yet. Choose which to keep, part by '
              + 'part.'
            : 'They have saved the same as you.'),
        parts.map((part) => rowOf(part, take)),
        h('div', { class: 'actions' },
            button('Save what is chosen',
                   () => settle(merged(theirs, parts)),
                   { class: 'primary', 'data-focus': 'conflict-settle' }),
            button('Take all of theirs', give,
                   { 'data-focus': 'conflict-give' })));
}


function rowOf(part, take) {
    const side = (whose, words) => h('label', { class: 'art-side' },
        h('span', { class: 'art-whose' },
            h('input', { type: 'radio', name: `art-both-${part.part}`,
                         value: whose, checked: part.take === whose,
                         'data-focus': `conflict-${part.part}-${whose}`,
                         onchange: () => take(part, whose) }),
            ' ', words),
        h('span', { class: 'art-version' }, wordsOf(part.part, part[whose])));

    return h('fieldset', { class: 'art-versions' },
        h('legend', {}, part.title,
          part.both ? ': both have changed it' : ''),
        h('div', { class: 'art-sides' },
            side('theirs', 'Theirs'), side('mine', 'Yours')));
}


const line = (text) => h('span', { class: 'art-line', dir: 'auto' }, text);


function wordsOf(part, value) {
    if (value === undefined) {
        return 'Nothing said';
    }

    switch (part) {
    case 'opinion':
        return value ? 'Yes' : 'No';
    case 'disclaimer':
        return value === false ? 'None' : line(value);
    case 'read_more':
        return value.map(({ url, title, label, after }) => line(
            `${label ? `${label}: ` : ''}${title} (${url})`
            + (after ? `, after paragraph ${after}` : '')));
    case 'pull_quotes':
        return value.map(({ text }) => line(text));
    default:
        return Object.entries(value).map(([feature, variant]) => line(
            `${NAMES[feature] || feature}: ${variant}`));
    }
}
