/*
 * The article's text: its sentences are buttons, of which the Tab key reaches
 * one and the arrow keys the others.  Beside each block stands what the server
 * has placed there and why, and why not more; between blocks, what the draft
 * puts there.
 */

import { h, fill, name, set } from '../dom.js';
import { newQuote } from './model.js';
import { notesByBlock } from './reasons.js';


export function textPart(session) {
    const place = h('div', { class: 'art-text' });
    let drawn = null;
    let view = null;

    session.add(() => {
        if (drawn !== session.explain) {
            const at = view ? view.current : 0;

            drawn = session.explain;
            view = textOf(session, at);
            fill(place, view.blocks);
        }

        set(place, 'lang', session.lang);
        view.update();
    });

    return h('section', { class: 'art-part', 'aria-labelledby': 'art-text' },
        h('h2', { id: 'art-text' }, 'Text'),
        h('p', { class: 'note', id: 'art-text-note' },
          'Choose a sentence to make it a pull quote; choose it again to take '
          + 'that back. The arrow keys go from sentence to sentence, Enter or '
          + 'the space bar chooses.'),
        place);
}


function textOf(session, at) {
    const { explain, text: { sentences } } = session;
    const placed = notesByBlock(explain.blocks, explain.placements);
    const refused = notesByBlock(explain.blocks, explain.refusals);
    const buttons = new Map();
    const ghosts = new Map();
    const view = { current: Math.min(at, Math.max(sentences.length - 1, 0)) };

    view.blocks = explain.blocks.filter(({ text }) => text).map((block) => {
        const own = sentences.filter((s) => s.block === block.n);
        const ghost = h('div', { class: 'art-ghosts' });

        ghosts.set(block, ghost);

        return h('div', { class: 'art-block', 'data-block': block.n },
            h('p', { class: 'art-number' }, block.paragraph && [
                h('span', { class: 'unseen' }, 'Paragraph '),
                block.paragraph]),
            h('div', { class: 'art-body' }, bodyOf(block, own), ghost),
            notesOf(placed.get(block.n), refused.get(block.n)));
    });

    view.update = () => {
        for (const [sentence, button] of buttons) {
            button.setAttribute('aria-pressed',
                                Boolean(session.quoteOf(sentence)));
        }

        for (const [block, ghost] of ghosts) {
            fill(ghost, ghostsOf(session, block));
        }
    };

    return view;


    function bodyOf(block, own) {
        if (!own.length) {
            return h('p', { class: `art-other art-${block.name}`, dir: 'auto' },
                     block.text);
        }

        const children = [];
        let end = 0;

        for (const sentence of own) {
            const start = block.text.indexOf(sentence.text, end);

            children.push(block.text.slice(end, Math.max(start, end)),
                          buttonOf(sentence));
            end = Math.max(start, end) + sentence.text.length;
        }

        return h('p', { dir: 'auto' }, children);
    }


    function buttonOf(sentence) {
        const n = sentences.indexOf(sentence);
        const button = h('span', {
            class: 'art-sentence', role: 'button',
            tabindex: n === view.current ? 0 : -1,
            'aria-pressed': 'false',
            'aria-describedby': n === view.current ? 'art-text-note' : null,
            'data-focus': `sentence-${n}`,
            onclick: () => choose(n),
            onkeydown: (event) => pressed(event, n)
        }, sentence.text);

        buttons.set(sentence, button);

        return button;
    }


    /* Selecting words, to copy them, is no choice. */
    function choose(n) {
        if (String(getSelection()).trim() === '') {
            go(n);
            toggle(session, sentences[n]);
        }
    }


    function pressed(event, n) {
        const rtl = getComputedStyle(event.currentTarget).direction === 'rtl';
        const ways = {
            ArrowDown: n + 1, ArrowUp: n - 1,
            ArrowRight: rtl ? n - 1 : n + 1, ArrowLeft: rtl ? n + 1 : n - 1,
            Home: 0, End: sentences.length - 1
        };

        if (event.altKey || event.ctrlKey || event.metaKey) {
            return;
        }

        if (event.key === 'Enter' || event.key === ' ') {
            event.preventDefault();

            if (!event.repeat) {
                toggle(session, sentences[n]);
            }

        } else if (event.key in ways) {
            event.preventDefault();
            go(ways[event.key]);
        }
    }


    function go(n) {
        const from = buttons.get(sentences[view.current]);
        const to = buttons.get(sentences[n]);

        if (to) {
            from.tabIndex = -1;
            from.removeAttribute('aria-describedby');
            view.current = n;
            to.tabIndex = 0;
            to.focus();
        }
    }
}


function toggle(session, sentence) {
    const quote = session.quoteOf(sentence);

    session.change((draft) => {
        if (quote) {
            draft.quotes = draft.quotes.filter((q) => q !== quote);
        } else {
            draft.quotes.push(newQuote(sentence.text));
        }
    }, quote ? 'Taken back: no longer a pull quote.'
             : `Pull quote ${session.draft.quotes.length + 1}. Not saved yet.`);
}


/* What the draft puts behind the block. */

function ghostsOf(session, block) {
    const quotes = session.draft.quotes.filter((quote) => {
        const [first] = session.covered(quote);

        return first && first.block === block.n;
    });
    const links = session.draft.links.filter(({ after, title, url }) =>
        after && Number(after) === block.paragraph && (title || url));

    return [
        quotes.map(({ text }) => h('p', { class: 'art-ghost art-ghost-quote',
                                          dir: 'auto' }, text)),
        links.map(({ label, title, url }) => h(
            'p', { class: 'art-ghost art-ghost-link', dir: 'auto' },
            h('span', { class: 'art-label' }, label || 'Read more'), ' ',
            title || url))
    ];
}


function notesOf(placed = [], refused = []) {
    const line = ({ name: feature, variants, text }) => h('li', {},
        h('b', {}, feature), variants.length > 0 && [
            ' (', variants.map((v, i) => [i > 0 && ', ', name(v)]), ')'],
        ': ', h('span', { dir: 'auto' }, text));

    return h('div', { class: 'art-notes' },
        placed.length > 0 && h('ul', { class: 'art-placed' }, placed.map(line)),
        refused.length > 0 && h('details', {},
            h('summary', {}, `${placed.length ? 'Why no more' : 'Why nothing'} `
                             + 'here'),
            h('ul', {}, refused.map(line))));
}
