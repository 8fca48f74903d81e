/*
 * What the console says to whoever uses it, besides what a view shows:
 *
 *     say       to screen readers alone
 *     toast     what was done, with a button to take it back
 *     problem   what went wrong
 *     banner    what holds until it is over, under a key
 *     confirm   a question, which stops all else
 *
 * Toasts stay until they are dismissed, or another comes: who reads slowly can
 * still undo.
 */

import { h, fill, button, uid } from './dom.js';


const banners = new Map();
const place = (id) => document.getElementById(id);


function say(text) {
    const said = place('said');

    fill(said);
    setTimeout(() => fill(said, text), 50);
}


/* action: { text, run }, which ends the toast; returns a function that does. */
function toast(text, action, kind = 'done') {
    const box = h('div', { class: `toast toast-${kind}` });
    const close = () => box.remove();

    fill(box,
         h('p', { role: kind === 'problem' ? 'alert' : 'status' }, text),
         action && button(action.text, () => {
             close();
             action.run();
         }, { class: 'toast-action' }),
         button('×', close, { class: 'quiet cross', 'aria-label': 'Dismiss' }));

    box.addEventListener('keydown', ({ key }) => key === 'Escape' && close());
    fill(place('toasts'), box);

    return close;
}


const LEADS = {
    offline: 'The server does not answer. Nothing was changed: try again.',
    away: 'This needs Redis, which is away. Try again when it is back.',
    refused: 'This is not allowed.'
};


/* The words for it; what the server itself said follows. */
function words(problem) {
    const lead = LEADS[problem.kind];
    const detail = problem.kind === 'offline' ? '' : problem.detail;

    return [lead, detail ?? String(problem)].filter(Boolean).join(' ');
}


function problem(error) {
    if (!error.kind) {
        console.error(error);
    }

    return toast(words(error), undefined, 'problem');
}


/* text: null takes the banner away */
function banner(key, text) {
    if (text === null ? !banners.has(key) : banners.get(key) === text) {
        return;
    }

    if (text === null) {
        banners.delete(key);
    } else {
        banners.set(key, text);
    }

    fill(place('banners'), [...banners.values()].map(
        (line) => h('p', { class: 'banner' }, line)));
}


/*
 * A question: true where the answer is the button's.  text is a string, a
 * node, or a list of them, each a paragraph; options: title, danger, cancel.
 */
function confirm(text, go, options = {}) {
    const title = h('h2', { id: uid('title') },
                    options.title ?? 'Are you sure?');
    const parts = [text].flat().map(
        (part) => part instanceof Element ? part : h('p', {}, part));

    const box = h('dialog', { class: 'dialog', 'aria-labelledby': title.id },
        h('form', { method: 'dialog' },
          title, h('div', { class: 'dialog-text' }, parts),
          h('div', { class: 'actions' },
            h('button', { value: 'go',
                          class: options.danger ? 'danger' : 'primary' }, go),
            h('button', { value: '', class: 'quiet' },
              options.cancel ?? 'Cancel'))));

    const before = document.activeElement;

    document.body.append(box);
    box.showModal();

    return new Promise((answer) => {
        box.addEventListener('close', () => {
            box.remove();

            if (before?.isConnected) {
                before.focus();
            }

            answer(box.returnValue === 'go');
        });
    });
}


export const notice = { say, toast, problem, words, banner, confirm };
