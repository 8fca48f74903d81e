/*
 * Is a quote in the text, and if not, which sentence is nearest to it?  Text
 * is compared as the server does: white space, kinds of quotation marks and
 * dashes, and what is invisible do not count.
 */

const FOLDS = [
    [/[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, ''],
    [/[`\u00b4\u02b9\u02bb\u02bc\u02c8\u05f3\u2018-\u201b\u2032\u2035\u2039]/g,
     '\''],
    [/[\u203a\u275b\u275c\uff07\uff40]/g, '\''],
    [/[\u00ab\u00bb\u02ba\u05f4\u201c-\u201f\u2033\u2036\u275d\u275e]/g, '"'],
    [/[\u301d-\u301f\uff02]/g, '"'],
    [/[\u058a\u05be\u2010-\u2015\u2043\u2212\u2e3a\u2e3b\ufe31\ufe32]/g, '-'],
    [/[\ufe58\ufe63\uff0d]/g, '-'],
    [/\u2026/g, '...'],
    [/\s+/g, ' ']
];

const ALIKE = 0.4;                 // below it is no longer the same sentence


function fold(text) {
    return FOLDS.reduce((t, [what, by]) => t.replace(what, by), text).trim();
}


/*
 * The text of explain, as it is compared: { sentences, blocks: [{ n, folded,
 * sentences }] }, a sentence being { block, text, folded, from, to }, the
 * latter where it stands in its block's folded text.  What the text itself
 * sets as furniture is left out, and what is no running text.
 */

export function indexOf({ blocks, placements }) {
    const wrapped = new Set(placements
        .filter(({ reason }) => reason.startsWith('wrapped'))
        .map(({ at }) => at));

    const running = blocks
        .filter(({ name, start }) => ['p', 'div', 'section'].includes(name)
                                     && !wrapped.has(start))
        .map((block) => ({ n: block.n, folded: fold(block.text),
                           sentences: block.sentences }));

    for (const block of running) {
        let to = 0;

        block.sentences = block.sentences.map((text) => {
            const folded = fold(text);
            const from = Math.max(block.folded.indexOf(folded, to), to);

            to = from + folded.length;

            return { block: block.n, text, folded, from, to };
        });
    }

    return { blocks: running,
             sentences: running.flatMap(({ sentences }) => sentences) };
}


/* The sentences that the quote covers, wholly or in part; [] if it is gone. */

export function find({ blocks }, quote) {
    const folded = fold(quote);

    for (const block of blocks) {
        const at = folded ? place(block.folded, folded) : -1;

        if (at >= 0) {
            return block.sentences.filter(({ from, to }) =>
                from < at + folded.length && at < to);
        }
    }

    return [];
}


/* At word boundaries, as far as the script has them. */

function place(text, words) {
    const inWord = (i) => i > 0 && i < text.length
        && /^[\p{L}\p{N}]{2}$/u.test(text.slice(i - 1, i + 1))
        && !/[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}]/u
           .test(text.slice(i - 1, i + 1));

    for (let at = text.indexOf(words); at >= 0;
         at = text.indexOf(words, at + 1))
    {
        if (!inWord(at) && !inWord(at + words.length)) {
            return at;
        }
    }

    return -1;
}


/* The sentence that is most like the quote; null if none is. */

export function nearest({ sentences }, quote) {
    const wanted = pieces(fold(quote));
    let best = null;
    let most = ALIKE;

    for (const sentence of sentences) {
        const likeness = alike(wanted, pieces(sentence.folded));

        if (likeness > most) {
            most = likeness;
            best = sentence;
        }
    }

    return best;
}


/* How often each run of three letters is there. */

function pieces(text) {
    const counts = new Map();
    const padded = ` ${text.toLowerCase()} `;

    for (let i = 0; i + 3 <= padded.length; i++) {
        const piece = padded.slice(i, i + 3);

        counts.set(piece, (counts.get(piece) || 0) + 1);
    }

    return counts;
}


/* Sorensen and Dice: 1 is the same, 0 has nothing in common. */

function alike(a, b) {
    let common = 0;
    let all = 0;

    for (const [piece, n] of a) {
        common += Math.min(n, b.get(piece) || 0);
        all += n;
    }

    for (const n of b.values()) {
        all += n;
    }

    return all ? 2 * common / all : 0;
}
