/*
 * One article that is being edited: what explain says of its page, the record
 * that is saved, and the draft in hand.  The parts of the view add themselves,
 * and are told to draw themselves anew after each change:
 *
 *     session.add(draw)
 *     session.change((draft) => { draft.opinion = true; }, 'what to say')
 */

import { draftOf, problemsOf, recordOf, same } from './model.js';
import { find, indexOf } from './match.js';
import { notesByBlock } from './reasons.js';


export class Session {
    constructor(app, url) {
        this.app = app;
        this.url = url;
        this.title = '';
        this.desk = null;              // of api/desks, where it is known
        this.articles = [];            // of api/articles
        this.checked = false;          // problems are shown from now on
        this.conflict = null;          // { theirs, takes }, as readRecord()
        this.saves = 0;
        this.wrong = '';               // why the record is malformed
        this.touched = false;
        this.lang = null;              // of the article, when it is known
        this.parts = [];
    }

    add(draw) {
        this.parts.push(draw);
    }

    /* What the server holds; the draft is begun anew. */
    adopt({ record, etag, wrong }) {
        this.saved({ record, etag, wrong });
        this.draft = draftOf(record);
        this.checked = false;
    }

    /* The draft goes on as it is. */
    saved({ record, etag, wrong = '' }) {
        this.record = record;
        this.etag = etag;
        this.wrong = wrong;
        this.saves += 1;
        this.touched = false;
    }

    explained(explain) {
        this.explain = explain;
        this.text = indexOf(explain);
        this.found = new Map();
    }

    language(lang) {
        if (lang !== this.lang) {
            this.lang = lang;
            this.draw();
        }
    }

    /* What explain says beside a block, 0 for none; placed or refused. */
    notes(block, decisions) {
        return notesByBlock(this.explain.blocks, decisions).get(block) || [];
    }

    get dirty() {
        return !same(recordOf(this.draft), this.record);
    }

    get problems() {
        return this.checked ? problemsOf(this.draft) : new Map();
    }

    /* The sentences that a quote of the draft covers, looked for once. */
    covered(quote) {
        if (!this.found.has(quote.text)) {
            this.found.set(quote.text, find(this.text, quote.text));
        }

        return this.found.get(quote.text);
    }

    quoteOf(sentence) {
        return this.draft.quotes.find(
            (quote) => this.covered(quote).includes(sentence));
    }

    change(act, said) {
        this.touched = true;
        act(this.draft);
        this.draw();

        if (said) {
            this.app.notice.say(said);
        }
    }

    /* Who has the focus keeps it, if what has it is drawn again. */
    draw() {
        const kept = document.activeElement?.dataset?.focus;

        this.parts.forEach((draw) => draw());

        if (kept && document.activeElement === document.body) {
            this.focus(kept);
        }
    }

    focus(name) {
        const element = document.querySelector(
            `[data-focus="${CSS.escape(name)}"]:not(:disabled)`);

        element?.focus();

        return Boolean(element);
    }
}


/* Moves what has that key up (-1) or down (1); false: it is at the end. */
export function moved(list, key, by) {
    const from = list.findIndex((item) => item.key === key);
    const to = from + by;

    if (from < 0 || to < 0 || to >= list.length) {
        return false;
    }

    list.splice(to, 0, ...list.splice(from, 1));

    return true;
}
