/*
 * An article's record as an editor has it in hand: a draft in which every
 * field is there, and the record that is made of it.
 *
 *     draft.opinion      null (the page decides), true, false
 *     draft.disclaimer   null (the desk's), false (none), or a text
 *     draft.links        [{ key, url, title, label, after }], after as typed
 *     draft.quotes       [{ key, text }]
 *     draft.features     { read_more: "" | "off" | VARIANT, ... }
 *
 * A key tells links and quotes apart while they move; it is not saved.
 */

export const FEATURES = ['read_more', 'pull_quote', 'disclaimer'];

export const NAMES = {
    read_more: 'Read More',
    pull_quote: 'Pull quote',
    disclaimer: 'Disclaimer'
};

export const MOST = { links: 64, quotes: 64, after: 10000 };

let keys = 0;


export function newLink(link = {}) {
    const { url = '', title = '', label = '', after } = link;

    return { key: `link-${++keys}`, url, title, label,
             after: after === undefined ? '' : String(after) };
}


export function newQuote(text) {
    return { key: `quote-${++keys}`, text };
}


const isText = (value) => typeof value === 'string' && value.trim() !== '';

const only = (value, ...names) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
    && Object.keys(value).every((name) => names.includes(name));

/* What each field may be; what is not so makes the record malformed. */

const FIELDS = {
    opinion: (value) => typeof value === 'boolean',
    disclaimer: (value) => value === false || isText(value),
    read_more: (value) => Array.isArray(value) && value.every((link) =>
        only(link, 'url', 'title', 'label', 'after') && isText(link.url)
        && isText(link.title)
        && (link.label === undefined || isText(link.label))
        && (link.after === undefined || Number.isInteger(link.after))),
    pull_quotes: (value) => Array.isArray(value) && value.every((quote) =>
        only(quote, 'text') && isText(quote.text)),
    features: (value) => only(value, ...FEATURES)
        && Object.values(value).every(isText)
};


/* Why a record, which anybody may have written, is malformed; '' if not. */

export function wrongWith(record) {
    if (!only(record, ...Object.keys(record ?? {}))) {
        return 'It is not an object.';
    }

    const bad = Object.keys(record).filter(
        (name) => !FIELDS[name]?.(record[name]));

    return bad.map((name) => FIELDS[name]
        ? `“${name}” is not what it must be.`
        : `“${name}” is unknown.`).join(' ');
}


/* Of a malformed record, what can be read of it. */

export function draftOf(record) {
    const known = Object.entries(record ?? {})
        .filter(([name, value]) => FIELDS[name]?.(value));
    const { opinion = null, disclaimer = null, read_more: links = [],
            pull_quotes: quotes = [], features = {} }
        = Object.fromEntries(known);

    return {
        opinion,
        disclaimer,
        links: links.map(newLink),
        quotes: quotes.map(({ text }) => newQuote(text)),
        features: Object.fromEntries(
            FEATURES.map((name) => [name, features[name] || '']))
    };
}


/* The record; null where the draft says nothing. */

export function recordOf(draft) {
    const record = {};
    const links = draft.links.map(linkOf);
    const features = Object.entries(draft.features).filter(([, v]) => v);

    if (draft.opinion !== null) {
        record.opinion = draft.opinion;
    }

    if (draft.disclaimer !== null) {
        record.disclaimer = draft.disclaimer === false
                            ? false : draft.disclaimer.trim();
    }

    if (links.length) {
        record.read_more = links;
    }

    if (draft.quotes.length) {
        record.pull_quotes = draft.quotes.map(({ text }) => ({ text }));
    }

    if (features.length) {
        record.features = Object.fromEntries(features);
    }

    return Object.keys(record).length ? record : null;
}


function linkOf({ url, title, label, after }) {
    const link = { url: url.trim(), title: title.trim() };

    if (label.trim()) {
        link.label = label.trim();
    }

    if (after) {
        link.after = Number(after);
    }

    return link;
}


/* Two records, or two fields of records: do they say the same? */

export function same(a, b) {
    return canonical(a) === canonical(b);
}


function canonical(value) {
    return JSON.stringify(value === undefined ? null : value, (name, v) =>
        v && typeof v === 'object' && !Array.isArray(v)
            ? Object.fromEntries(Object.entries(v).sort()) : v);
}


/* Why a link may not lead there; '' if it may: http, https or relative. */

function urlProblem(url) {
    const bare = url.replace(/[\t\n\r]/g, '').trim();
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(bare);

    if (!bare) {
        return 'Say where the link leads.';
    }

    if (bare[0] === ':') {
        return 'An address does not begin with a colon.';
    }

    if (scheme && !/^https?$/i.test(scheme[1])) {
        return `A link may be http, https or relative, not ${scheme[1]}:.`;
    }

    try {
        new URL(bare, 'https://an.example/');
    } catch (e) {
        return 'This is not an address.';
    }

    return '';
}


/* What keeps the draft from being saved: by the field's id, what is wrong. */

export function problemsOf(draft) {
    const problems = new Map();
    const say = (field, text) => text && problems.set(field, text);

    for (const { key, url, title } of draft.links) {
        say(`${key}-url`, urlProblem(url));
        say(`${key}-title`, title.trim() ? '' : 'Say what the link is called.');
    }

    if (draft.disclaimer !== null && draft.disclaimer !== false
        && !draft.disclaimer.trim())
    {
        say('disclaimer-text', 'Write the text, or choose another answer.');
    }

    return problems;
}


/*
 * Two editors have changed what was once base: the parts of the record in
 * which they differ, and whose is to be taken if nobody chooses.  A part that
 * only one of them has changed is that one's.
 */

const PARTS = {
    opinion: 'Opinion piece',
    disclaimer: 'Disclaimer',
    read_more: 'Read More links',
    pull_quotes: 'Pull quotes',
    features: 'Features'
};


export function differences(base, mine, theirs) {
    return Object.entries(PARTS)
        .map(([part, title]) => ({
            part, title,
            mine: (mine || {})[part],
            theirs: (theirs || {})[part],
            take: same((mine || {})[part], (base || {})[part])
                  ? 'theirs' : 'mine',
            both: !same((mine || {})[part], (base || {})[part])
                  && !same((theirs || {})[part], (base || {})[part])
        }))
        .filter(({ mine: a, theirs: b }) => !same(a, b));
}


/* Their record, with what was chosen of mine. */

export function merged(theirs, chosen) {
    const record = { ...theirs };

    for (const { part, mine, take } of chosen) {
        if (take === 'theirs') {
            continue;
        }

        if (mine === undefined) {
            delete record[part];
        } else {
            record[part] = mine;
        }
    }

    return record;
}
