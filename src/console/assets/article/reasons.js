/*
 * What explain says, in an editor's words.  A reason that is not known here
 * is shown as it came.
 */

import { NAMES } from './model.js';


const WORDS = [
    [/^highlight: the record's quote$/,
     'Highlighted: this sentence was chosen as a pull quote.'],
    [/^highlight: the text repeats it as a pull quote$/,
     'Highlighted: the text itself repeats it as a pull quote.'],
    [/^aside: behind the paragraph of its sentence$/,
     'Set large, behind the paragraph of its sentence.'],
    [/^wrapped: the paragraph repeats a sentence of another$/,
     'This paragraph repeats a sentence, so it is set as a pull quote.'],
    [/^wrapped: the text has the line here$/,
     'The text has this line; it becomes a box.'],
    [/^wrapped: the text states it here$/,
     'The text states it; it is set as a disclaimer.'],
    [/^the record puts it after paragraph (\d+)$/,
     'Here because an editor put it after paragraph $1.'],
    [/^room after paragraph (\d+): after=(\d+), every=(\d+)$/,
     'There is room: at least $2 paragraphs before it, and $3 from other '
     + 'furniture.'],
    [/^opinion piece: (.*)$/, 'An opinion piece: it stands $1.'],

    [/^off does not hide it: the page itself has it here$/,
     'The text itself has it here, which “off” does not hide.'],
    [/^off does not hide it: the page itself has it, before the article$/,
     'The page itself has it, before the article; “off” does not hide that.'],

    [/^after it comes no paragraph of the text but (?:a block: )?(.*)$/,
     'What comes next is no paragraph: $1.'],
    [/^after it comes the last paragraph$/,
     'The next paragraph is the last.'],
    [/^it ends in a colon$/, 'The paragraph ends in a colon.'],
    [/^an excluded block is beside it$/,
     'A block beside it is excluded from furniture.'],
    [/^the page left formatting open in it$/,
     'The page left formatting open here, which would swallow it.'],
    [/^fewer than after=(\d+) paragraphs before$/,
     'Fewer than $1 paragraphs come before.'],
    [/^other furniture is nearer than every=(\d+) paragraphs$/,
     'Other furniture is nearer than $1 paragraphs.'],
    [/^there are (\d+) (.*) already, max=\d+$/,
     'There are $1 $2 already, and no more are allowed.'],
    [/^no room for the link to (.*) \(max=\d+\)$/s,
     'There is no room for the link to $1.'],
    [/^the record's link to (.*) is in the article already$/s,
     'The article has a link to $1 already.'],
    [/^the record's link to (.*) is the page itself$/s,
     'The link to $1 leads to this page itself.'],
    [/^the record's link to (.*) is there twice$/s,
     'The link to $1 is in the list twice.'],
    [/^the record's link to (.*) is neither http, https nor relative$/s,
     'The link to $1 is neither http, https nor relative.'],
    [/^the record's link to (.*) names paragraph (\d+),.*$/s,
     'The link to $1 is to stand after paragraph $2, and the text has not so '
     + 'many.'],
    [/^the related link to (.*) is (.*)$/s,
     'A related article, $1, is not offered: it is $2.'],
    [/^the record's quote is not in the text: (.*)$/s,
     'A pull quote is no longer in the text: $1'],
    [/^the record says that there is none$/,
     'An editor has said that this article gets none.'],
    [/^it is not an opinion piece$/, 'This is not an opinion piece.']
];


export function inWords(reason) {
    for (const [what, words] of WORDS) {
        if (what.test(reason)) {
            return reason.replace(what, words);
        }
    }

    return reason.charAt(0).toUpperCase() + reason.slice(1)
           + (/[.!?]$/.test(reason) ? '' : '.');
}


/*
 * By block number, 0 for those of no block: [{ feature, name, variants, text
 * }], variants of one feature with one reason together.
 */

export function notesByBlock(blocks, decisions) {
    const notes = new Map();

    for (const { feature, variant, reason, ...where } of decisions) {
        const n = where.at === undefined
                  ? where.block || 0 : blockAt(blocks, where.at, reason);
        const list = notes.get(n) || [];
        const text = inWords(reason);
        let note = list.find((o) => o.feature === feature && o.text === text);

        if (!note) {
            note = { feature, name: NAMES[feature] || feature, variants: [],
                     text, reason };
            list.push(note);
        }

        if (variant && !note.variants.includes(variant)) {
            note.variants.push(variant);
        }

        notes.set(n, list);
    }

    return notes;
}


/* A place belongs to the block that it is in, or that it stands behind. */

function blockAt(blocks, at, reason) {
    const inside = /^(wrapped|highlight)/.test(reason);
    const within = blocks.find(({ start, end }) =>
        start <= at && (inside ? at < end : at <= end));
    const before = blocks.filter(({ end }) => end <= at).pop();

    return (within || before || { n: 0 }).n;
}
