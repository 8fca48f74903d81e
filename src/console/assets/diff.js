/*
 * Two JSON values, one before and one after: lines of what went, came and
 * stayed, as one reads them.
 */

import { h } from './dom.js';


const MARKS = { gone: '−', come: '+', kept: ' ' };
const SAID = { gone: 'Removed: ', come: 'Added: ', kept: '' };


function sorted(value) {
    if (Array.isArray(value)) {
        return value.map(sorted);
    }

    return value !== null && typeof value === 'object'
        ? Object.fromEntries(Object.keys(value).sort().map(
            (key) => [key, sorted(value[key])]))
        : value;
}


const lines = (value) => value === null || value === undefined ? []
    : JSON.stringify(sorted(value), null, 2).split('\n');


/* How many lines a[i...] and b[j...] have in common, for all i and j. */
function common(a, b) {
    const table = Array.from({ length: a.length + 1 },
                             () => new Uint32Array(b.length + 1));

    for (let i = a.length - 1; i >= 0; i--) {
        for (let j = b.length - 1; j >= 0; j--) {
            table[i][j] = a[i] === b[j] ? table[i + 1][j + 1] + 1
                : Math.max(table[i + 1][j], table[i][j + 1]);
        }
    }

    return table;
}


/* [["gone", line], ["come", line], ["kept", line], ...] */
export function compare(before, after) {
    const a = lines(before);
    const b = lines(after);
    const table = common(a, b);
    const found = [];

    let i = 0;
    let j = 0;

    while (i < a.length || j < b.length) {
        if (i < a.length && j < b.length && a[i] === b[j]) {
            found.push(['kept', a[i]]);
            i += 1;
            j += 1;

        } else if (j === b.length
                   || i < a.length && table[i + 1][j] >= table[i][j + 1])
        {
            found.push(['gone', a[i]]);
            i += 1;

        } else {
            found.push(['come', b[j]]);
            j += 1;
        }
    }

    return found;
}


export function diff(before, after) {
    return h('div', { class: 'diff' }, compare(before, after).map(
        ([kind, line]) => h('div', { class: `diff-${kind}` },
            h('span', { class: 'diff-mark', 'aria-hidden': 'true' },
              MARKS[kind]),
            SAID[kind] && h('span', { class: 'unseen' }, SAID[kind]),
            h('code', { dir: 'auto' }, line))));
}
