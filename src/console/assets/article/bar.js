/*
 * The bar that is always in view: what has not been saved yet, why it could
 * not be, and the buttons that save it or drop it.
 */

import { h, fill, button } from '../dom.js';
import { draftOf } from './model.js';
import { addressOf } from './preview.js';
import { explainSaved, readRecord, wanted, writeRecord } from './saving.js';


/* Into a live region, which speaks up for each change. */
function tell(element, text) {
    if (element.textContent !== text) {
        fill(element, text);
    }
}


/* { element, settle, give }, the latter two for conflictPart(). */

export function saveBar(session) {
    const { app: { api, confirm, notice } } = session;
    const state = h('p', { role: 'status' });
    const failed = h('p', { class: 'art-problem', role: 'alert' });
    const drop = button('Discard', discard, { class: 'quiet' });
    const save = button('Save', () => store(), { class: 'primary',
                                                 'data-focus': 'save' });
    let busy = false;
    let said = 'All is saved.';
    let failure = '';

    session.add(() => {
        const wrong = session.problems.size;
        const text = busy ? 'Saving…'
            : session.conflict ? 'Not saved: choose between two versions.'
            : session.dirty ? 'Not saved yet.'
            : said;

        tell(state, text);
        tell(failed, wrong === 0 ? failure : wrong === 1
            ? 'One answer has to be mended first.'
            : `${wrong} answers have to be mended first.`);

        drop.hidden = !session.dirty;
        save.setAttribute('aria-disabled', busy || !session.dirty);
        element.classList.toggle('art-dirty', session.dirty);
    });

    const element = h('div', { class: 'art-save', role: 'region',
                               'aria-label': 'Saving' },
        h('div', { class: 'art-said' }, state, failed),
        h('div', { class: 'art-order' }, drop, save));

    return { element, settle, give };


    async function store() {
        const record = wanted(session);

        if (busy || record === undefined) {
            return;
        }

        session.checked = true;
        session.draw();

        const [first] = session.problems.keys();

        if (first) {
            session.focus(first);
            return;
        }

        await write(record, session.etag);
    }


    async function write(record, etag) {
        const { explain: { id, url } } = session;
        const at = url || session.url;

        busy = true;
        failure = '';
        session.draw();

        try {
            const now = await writeRecord(api, id, record, etag);

            session.saved({ record, etag: now });
            said = 'Saved. Readers see it within a second.';
            busy = false;
            session.draw();
            session.explained(await explainSaved(api, at, now, addressOf(at)));

        } catch (problem) {
            await failedBy(problem, id);
        }

        busy = false;
        session.draw();
    }


    async function failedBy(problem, id) {
        if (problem.kind !== 'conflict') {
            failure = notice.words(problem);
            return;
        }

        try {
            session.conflict = { theirs: await readRecord(api, id),
                                 takes: {} };
        } catch (other) {
            failure = notice.words(other);
        }
    }


    async function settle(record) {
        session.adopt(session.conflict.theirs);
        session.conflict = null;
        session.draft = draftOf(record);
        await store();
        session.draw();
        save.focus();
    }


    function give() {
        session.adopt(session.conflict.theirs);
        session.conflict = null;
        said = 'Theirs was taken.';
        session.draw();
        save.focus();
    }


    async function discard() {
        if (await confirm('What you have changed since it was saved is lost.',
                          'Discard', { danger: true }))
        {
            session.adopt(session);
            said = 'Discarded: this is what is saved.';
            session.draw();
            save.focus();
        }
    }
}
