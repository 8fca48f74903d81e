/*
 * The draft's pull quotes in their order.  One that the text no longer has is
 * warned of, with the sentence that is most like it.
 */

import { h, fill, button } from '../dom.js';
import { nearest } from './match.js';
import { MOST } from './model.js';
import { moved } from './session.js';


export function quotesPart(session) {
    const place = h('div', { class: 'art-list' });

    session.add(() => fill(place, listOf(session)));

    return h('section', { class: 'art-part card', id: 'art-quotes',
                          'aria-labelledby': 'art-quotes-title' },
        h('h2', { id: 'art-quotes-title' }, 'Pull quotes'), place);
}


function listOf(session) {
    const { quotes } = session.draft;

    if (!quotes.length) {
        return h('p', { class: 'note' },
                 'None chosen. Choose a sentence in the text.');
    }

    return [
        h('ol', {}, quotes.map((quote, i) => itemOf(session, quote, i))),
        quotes.length > MOST.quotes && h('p', { class: 'art-problem' },
            `At most ${MOST.quotes} can be saved.`)
    ];
}


function itemOf(session, quote, i) {
    const [first] = session.covered(quote);

    return h('li', { class: first ? 'art-item' : 'art-item art-drifted' },
        h('blockquote', { dir: 'auto', class: 'art-quote' }, quote.text),
        first ? whereOf(session, first) : driftedOf(session, quote),
        orderOf(session, 'quotes', quote, i, `pull quote ${i + 1}`));
}


function whereOf({ explain }, { block }) {
    const { paragraph } = explain.blocks.find(({ n }) => n === block);

    return h('p', { class: 'note' }, paragraph ? `In paragraph ${paragraph}.`
                                               : 'In the text.');
}


function driftedOf(session, quote) {
    const sentence = nearest(session.text, quote.text);

    return h('div', { class: 'art-warning' },
        h('p', {}, h('b', {}, 'No longer in the text.'),
          ' Readers do not see it.'),
        sentence ? [
            h('p', {}, 'The nearest sentence is:'),
            h('blockquote', { dir: 'auto' }, sentence.text),
            button('Take this sentence', () => take(session, quote, sentence),
                   { 'data-focus': `${quote.key}-take` })
        ] : h('p', {}, 'No sentence is like it: choose another one in the '
                       + 'text, and remove this.'));
}


/* Where that sentence is a quote already, this one is not wanted twice. */

function take(session, quote, sentence) {
    const there = session.quoteOf(sentence);

    session.change((draft) => {
        if (there) {
            draft.quotes = draft.quotes.filter((q) => q !== quote);
        } else {
            quote.text = sentence.text;
        }
    }, 'The sentence is taken. Not saved yet.');

    session.focus(`${(there || quote).key}-remove`);
}


/* Up, down, remove, for what is in one of the draft's lists. */

export function orderOf(session, list, item, i, what) {
    const items = session.draft[list];

    const move = (by, way) => session.change((draft) => {
        moved(draft[list], item.key, by);
    }, `Moved ${way}: it is ${i + 1 + by} of ${items.length} now.`);

    const afterMove = (by, way) => {
        move(by, way);
        session.focus(`${item.key}-${way}`)
            || session.focus(`${item.key}-${way === 'up' ? 'down' : 'up'}`);
    };

    const remove = () => {
        const next = items[i + 1] || items[i - 1];

        session.change((draft) => {
            draft[list] = draft[list].filter((other) => other !== item);
        }, 'Removed. Not saved yet.');

        session.focus(next ? `${next.key}-remove` : `${list}-end`);
    };

    return h('div', { class: 'art-order' },
        button('↑', () => afterMove(-1, 'up'), {
            class: 'quiet', disabled: i === 0,
            'aria-label': `Move ${what} up`, 'data-focus': `${item.key}-up` }),
        button('↓', () => afterMove(1, 'down'), {
            class: 'quiet', disabled: i === items.length - 1,
            'aria-label': `Move ${what} down`,
            'data-focus': `${item.key}-down` }),
        button('Remove', remove, {
            class: 'quiet', 'aria-label': `Remove ${what}`,
            'data-focus': `${item.key}-remove` }));
}
